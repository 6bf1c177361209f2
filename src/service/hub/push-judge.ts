/** What a push may do: every ref by its rules, and no ref before the contents that it needs are here. */
import { covers } from '../../core/model/access';
import type { Sha256 } from '../../core/model/asset';
import type { IncomingPush, IPushJudge, IRemoteAssets, RefUpdate } from '../../core/port';
import type { HubMetrics } from './metrics';
import type { HubCall, HubProject } from './route';

export type PushJudgeOptions = {
  readonly assets: (project: HubProject) => IRemoteAssets;
  readonly metrics: HubMetrics;
};

const BRANCH = 'refs/heads/';
const TAG = 'refs/tags/';
/** Pointers that are looked up together. */
const BATCH = 1_000;
/** Missing contents that are named. */
const NAMED = 5;

export class PushJudge implements IPushJudge {
  constructor(
    private readonly _call: HubCall,
    private readonly _options: PushJudgeOptions
  ) {}

  async before(push: IncomingPush): Promise<readonly string[]> {
    // Bringing the pack may have taken hours: what counts is who may push now.
    await this._call.recheck();
    const reasons = await this._refuseRefs(push.updates);
    const refused = reasons.length > 0 ? reasons : await this._refuseContents(push);
    if (refused.length > 0) {
      this._options.metrics.pushed('refused', push.updates.length);
      await this._record(push.updates, 'refused', refused.join(' '));
    }
    return refused;
  }

  async after(updates: readonly RefUpdate[]): Promise<void> {
    this._options.metrics.pushed('ok', updates.length);
    await this._record(updates, 'ok', null);
  }

  private async _refuseRefs(updates: readonly RefUpdate[]): Promise<readonly string[]> {
    const { namespace, name } = this._call.project.record;
    const reasons: string[] = [];
    for (const { ref } of updates) {
      // A tag is no branch, but rules for one of that name hold: nobody gets around them by it.
      const branch = ref.startsWith(BRANCH)
        ? ref.slice(BRANCH.length)
        : ref.startsWith(TAG)
          ? ref.slice(TAG.length)
          : null;
      const reason =
        branch === null
          ? `${ref} is neither a branch nor a tag.`
          : await this._call.namespaces.mayPush(namespace, name, branch);
      if (reason !== null) {
        reasons.push(reason);
      }
    }
    return reasons;
  }

  private _refuseContents(push: IncomingPush): Promise<readonly string[]> {
    const { data, models } = this._call.project.rights.classes;
    return covers(data, 'view') && covers(models, 'view') ? this._refuseMissing(push) : this._refusePointers(push);
  }

  private async _refuseMissing(push: IncomingPush): Promise<readonly string[]> {
    const assets = this._options.assets(this._call.project);
    const missing = new Set<Sha256>();
    let batch = new Set<Sha256>();
    const look = async (): Promise<void> => {
      const here = batch.size > 0 ? await assets.has([...batch], { signal: this._call.signal }) : batch;
      [...batch].filter(each => !here.has(each)).forEach(each => missing.add(each));
      batch = new Set();
    };
    for await (const { sha256, size } of push.pointers()) {
      if (size > 0) {
        batch.add(sha256);
      }
      if (batch.size >= BATCH) {
        await look();
      }
    }
    await look();
    return missing.size === 0 ? [] : wordsFor(missing);
  }

  /**
   * A pointer gives whoever can read its path the content. Who may not see every content could so put one that they may
   * not see where they may look: they push no pointers at all.
   */
  private async _refusePointers(push: IncomingPush): Promise<readonly string[]> {
    for await (const { size } of push.pointers()) {
      if (size > 0) {
        return ['Whoever may not view all data and models of the project can push code, but no data or models.'];
      }
    }
    return [];
  }

  private async _record(updates: readonly RefUpdate[], outcome: 'ok' | 'refused', why: string | null): Promise<void> {
    const { identity, project, namespaces } = this._call;
    const { namespace, name } = project.record;
    for (const update of updates) {
      const target = update.ref.replace(/^refs\/(heads|tags)\//, '');
      const detail = why ?? `${identity.displayName} ${deed(update)} ${target}.`;
      await namespaces.record(namespace, { action: 'push', project: name, target, outcome, detail });
    }
  }
}

function deed({ from, to }: RefUpdate): string {
  const short = (id: string | null): string => (id ?? '').slice(0, 8);
  return to === null
    ? `deleted ${short(from)},`
    : from === null
      ? `made, at ${short(to)},`
      : `moved ${short(from)}…${short(to)},`;
}

function wordsFor(missing: ReadonlySet<Sha256>): readonly string[] {
  const count = missing.size === 1 ? 'One content' : `${missing.size} contents`;
  const names = [...missing].slice(0, NAMED).map(each => each.slice(0, 12));
  return [
    `${count} that the push names ${missing.size === 1 ? 'is' : 'are'} not at the hub: ${names.join(', ')}${missing.size > NAMED ? ', …' : ''}.`,
    'Push with `branchbook push`, or with git-lfs installed, which send them first.'
  ];
}
