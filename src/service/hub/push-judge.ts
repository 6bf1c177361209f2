/** What a push may do: every ref by its rules, and no ref before the contents that it needs are here. */
import { covers } from '../../core/model/access';
import type { Pointer, Sha256 } from '../../core/model/asset';
import type { ProjectRights } from '../../core/model/namespace';
import type { IncomingPush, IPushJudge, IStoredAssets, RefUpdate } from '../../core/port';
import type { HubMetrics } from './metrics';
import type { HubCall, HubProject } from './route';

export type PushJudgeOptions = {
  readonly assets: (project: HubProject) => IStoredAssets;
  readonly metrics: HubMetrics;
};

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
    const { rights } = (await this._call.recheck()) ?? this._call.project;
    const reasons = await this._refuseRefs(push.updates);
    const refused = reasons.length > 0 ? reasons : await this._refuseContents(push, rights);
    if (refused.length > 0) {
      this._options.metrics.pushed('refused', push.updates.length);
      await this._record(push.updates, 'refused', refused.join(' '));
    }
    return refused;
  }

  async after(updates: readonly RefUpdate[]): Promise<void> {
    this._options.metrics.pushed('ok', updates.length);
    try {
      await this._record(updates, 'ok', null);
    } catch (error) {
      // The refs have moved: what the log of the namespace lacks stands in the hub's own.
      const { user } = this._call.identity;
      updates.forEach(({ ref, from, to }) => this._call.log(`unrecorded push by ${user}: ${ref} ${from} ${to}`));
      throw error;
    }
  }

  private async _refuseRefs(updates: readonly RefUpdate[]): Promise<readonly string[]> {
    const { namespace, name } = this._call.project.record;
    const odd = updates.filter(({ ref }) => branchOf(ref) === null);
    const branches = updates.map(({ ref }) => branchOf(ref)).filter(branch => branch !== null);
    const reasons = branches.length > 0 ? await this._call.namespaces.whyNoPush(namespace, name, branches) : [];
    return [...odd.map(({ ref }) => `${ref} is neither a branch nor a tag.`), ...reasons];
  }

  private async _refuseContents(push: IncomingPush, { classes }: ProjectRights): Promise<readonly string[]> {
    const seesAll = covers(classes.data, 'view') && covers(classes.models, 'view');
    const reasons = seesAll ? await this._refuseMissing(push.pointers()) : await this._refusePointers(push);
    return reasons.length > 0 ? reasons : this._refuseMissing(await this._oldPointers(push));
  }

  /** Only where contents are deleted can what was complete once lack something. */
  private async _oldPointers(push: IncomingPush): Promise<readonly Pointer[]> {
    const { project, signal } = this._call;
    return (await this._options.assets(project).wasCollected()) ? push.oldPointers(signal) : [];
  }

  private async _refuseMissing(pointers: AsyncIterable<Pointer> | readonly Pointer[]): Promise<readonly string[]> {
    const assets = this._options.assets(this._call.project);
    const missing = new Set<Sha256>();
    let batch = new Set<Sha256>();
    const look = async (): Promise<void> => {
      const here = batch.size > 0 ? await assets.keep([...batch], { signal: this._call.signal }) : batch;
      [...batch].filter(each => !here.has(each)).forEach(each => missing.add(each));
      batch = new Set();
    };
    for await (const { sha256, size } of pointers) {
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
    const events = updates.map(update => {
      const target = branchOf(update.ref) ?? update.ref;
      const detail = why ?? `${identity.displayName} ${deed(update)} ${target}.`;
      return { action: 'push', project: name, target, outcome, detail };
    });
    await namespaces.record(namespace, ...events);
  }
}

/** A tag is no branch, but rules for one of that name hold: nobody gets around them by it. null for other refs. */
function branchOf(ref: string): string | null {
  return /^refs\/(?:heads|tags)\/(.*)$/s.exec(ref)?.[1] ?? null;
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
