/** Plan a move and make it ready, some thousands of paths at a time: nothing is kept of a path but its line in the journal. */
import type { TreeEntry } from '../model/git';
import type { LoggedFile } from '../oplog/operation-log';
import type { Activity, IIndex, IProject } from '../port';
import { identityOf } from './content';
import type { FileIdentity, Target } from './content';
import { refuseOtherFileSystems } from './file-systems';
import { keepContents } from './keep-contents';
import type { KeptFile } from './keep-contents';
import { trafficOf } from './materialized';
import type { Traffic } from './materialized';
import type { PathChange } from './path-change';
import { openPlanner, refuseObstacles } from './plan';
import type { Obstacle, Plan, PlanSome } from './plan';
import { Preparation } from './prepare';
import { standInsOf } from './stand-in';
import type { StandIn } from './stand-in';
import { PortionWriter } from './steps';
import type { IndexChange, Portion, SetAside, Step } from './steps';

export type MoveRequest = {
  readonly changes: readonly PathChange[];
  /** What to do with unsnapshotted work in the way: WORK_TREE_DIRTY, or keep it in the operation log. */
  readonly unsnapshotted: 'refuse' | 'save';
  /** Unsnapshotted contents that are kept already, so that they may go (undo). */
  readonly expected?: ReadonlyMap<string, Target | null>;
  /** For `undo` of a snapshot: index and refs move, files stay. */
  readonly workTree?: 'follow' | 'stay';
};

/** Project paths on disk that will hold other content, be new, be gone. */
export type Paths = {
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
};

/** Everything staged and durable: the last portion, and those before it. */
export type PreparedMove = Portion & {
  readonly aside: readonly SetAside[];
  readonly paths: Paths;
  readonly traffic: Traffic;
  readonly standIns: readonly StandIn[];
  /** Unsnapshotted contents that the move takes away: only the log will know them. */
  readonly saved: readonly LoggedFile[];
};

/** Fails without having touched the work tree; see `moveWorkTree`. */
export async function prepareMove(
  project: IProject,
  id: string,
  request: MoveRequest,
  index: IIndex,
  activity: Activity
): Promise<PreparedMove> {
  const writer = new PortionWriter(project, id);
  try {
    return await new MovePreparation(project, request, index, writer, activity).run(id);
  } finally {
    await writer.close();
  }
}

class MovePreparation {
  private readonly _obstacles: Obstacle[] = [];
  private readonly _saved: LoggedFile[] = [];
  private readonly _standIns: StandIn[] = [];
  private readonly _changed: string[] = [];
  private readonly _added: string[] = [];
  private readonly _removed: string[] = [];
  private _came = 0;
  private _went = 0;

  constructor(
    private readonly _project: IProject,
    private readonly _request: MoveRequest,
    private readonly _index: IIndex,
    private readonly _writer: PortionWriter,
    private readonly _activity: Activity
  ) {}

  async run(id: string): Promise<PreparedMove> {
    const { changes, unsnapshotted } = this._request;
    const planner = await this._openPlanner();
    const preparation = await Preparation.open(this._project, id, this._activity);
    let last: Portion | null = null;
    for (let at = 0; at < changes.length; at += this._project.portion) {
      const plan = await planner(changes.slice(at, at + this._project.portion));
      this._obstacles.push(...plan.obstacles);
      // Once something is in the way, the rest is only looked at, to name all of it.
      if (unsnapshotted === 'save' || this._obstacles.length === 0) {
        await (last && this._writer.add(last));
        last = await this._prepare(plan, preparation);
      }
    }
    if (unsnapshotted === 'refuse') {
      refuseObstacles(this._obstacles);
    }
    await preparation.finish();
    return {
      ...(last ?? { steps: [], index: [] }),
      aside: await this._writer.finish(),
      paths: { changed: this._changed.sort(), added: this._added.sort(), removed: this._removed.sort() },
      traffic: { came: this._came, went: this._went },
      standIns: this._standIns,
      saved: this._saved
    };
  }

  private async _openPlanner(): Promise<PlanSome> {
    const { changes, expected = new Map<string, Target | null>(), workTree } = this._request;
    if (workTree === 'stay') {
      return async some => ({ changes: some, leaving: [], coming: [], settled: [], obstacles: [] });
    }
    return openPlanner(this._project, { changes, index: this._index, expected });
  }

  private async _prepare(plan: Plan, preparation: Preparation): Promise<Portion> {
    const paths = [...plan.leaving, ...plan.coming].map(({ path }) => path);
    await refuseOtherFileSystems(this._project, paths);
    const leaving = await keepContents(this._project, plan.leaving, this._activity);
    const steps = await preparation.steps(leaving, plan.coming);
    this._standIns.push(...(await standInsOf(this._project, steps)));
    this._note(plan, leaving, steps);
    return { steps, index: indexChanges(plan, steps, this._index) };
  }

  private _note(plan: Plan, leaving: readonly KeptFile[], steps: readonly Step[]): void {
    const kept = new Map(leaving.map(({ path, target }) => [path, target]));
    this._saved.push(...plan.obstacles.map(({ path }) => ({ path, before: kept.get(path) ?? null })));
    for (const { path, leaves, comes } of steps) {
      (leaves && comes ? this._changed : comes ? this._added : this._removed).push(path);
    }
    const { came, went } = trafficOf(this._project, steps);
    this._came += came;
    this._went += went;
  }
}

function indexChanges(plan: Plan, steps: readonly Step[], index: IIndex): readonly IndexChange[] {
  const placed = new Map<string, FileIdentity>();
  plan.settled.forEach(({ path, stat }) => placed.set(path, identityOf(stat)));
  steps.forEach(step => step.comes && placed.set(step.path, step.comes.identity));
  return plan.changes
    .filter(change => change.entry || index.entriesAt(change.path).length > 0)
    .map(({ path, entry, to }) => ({
      path,
      entry,
      identity: holdsEntry(entry, to) ? (placed.get(path) ?? null) : null
    }));
}

function holdsEntry(entry: TreeEntry | null, to: Target | null): boolean {
  const inGit = to?.content.kind === 'git' || to?.content.kind === 'pointer';
  return inGit && to.content.oid === entry?.oid && to.mode === entry.mode;
}
