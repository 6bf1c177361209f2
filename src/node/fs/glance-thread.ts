/** A second thread for looking at tens of thousands of files: `lstat` is most of what a status of many files costs. */
import { Worker } from 'node:worker_threads';
import type { Glance } from '../../core/port';
import { BLOCK, isSeen, makePlaces, seenAt, takeBlock } from './glance-blocks';
import type { GlancePlaces } from './glance-blocks';

/** Below so many files one thread is done before the other begins. */
const WORTH_IT = 2048;
/** Memory for this many looks is taken at once. */
const AT_ONCE = 32_768;
/** A thread that had nothing to do for this many milliseconds ends: an idle core is small. */
const IDLE = 5000;

export type GlanceRequest = {
  readonly id: number;
  /** Joined by NUL, which no path holds: one long text travels much faster than many short ones. */
  readonly paths: string;
  readonly places: GlancePlaces;
};

type Look = (path: string) => Glance | null;
type Visit = (position: number, glance: Glance | null) => void;

const nextTurn = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

export class GlanceThread {
  private _worker: Worker | null = null;
  private _idle: NodeJS.Timeout | undefined;
  private _next = 1;
  /** Called when the helper has done its part, or is gone. */
  private readonly _waiting = new Map<number, () => void>();

  constructor(
    private readonly _workerFile: string,
    private readonly _look: Look
  ) {}

  async glanceAll(paths: readonly string[], visit: Visit): Promise<void> {
    for (let start = 0; start < paths.length; start += AT_ONCE) {
      const some = paths.slice(start, start + AT_ONCE);
      const visitSome: Visit = (at, glance) => visit(start + at, glance);
      await (some.length < WORTH_IT ? this._alone(some, visitSome) : this._together(some, visitSome));
    }
  }

  private async _alone(paths: readonly string[], visit: Visit): Promise<void> {
    paths.forEach((path, at) => visit(at, this._look(path)));
  }

  private async _together(paths: readonly string[], visit: Visit): Promise<void> {
    const places = makePlaces(paths.length);
    const done = this._ask(paths, places);
    const mine = new Set<number>();
    // Others take their turn between blocks: what else is to be done meanwhile goes first.
    await nextTurn();
    for (let block = takeBlock(places); block !== null; block = takeBlock(places)) {
      mine.add(block);
      this._lookAt(paths, block, visit);
      await nextTurn();
    }
    const blocks = Math.ceil(paths.length / BLOCK);
    if (mine.size < blocks) {
      await done;
    }
    for (let block = 0; block < blocks; block += 1) {
      if (!mine.has(block)) {
        this._tell(paths, places, block, visit);
      }
    }
  }

  private _lookAt(paths: readonly string[], block: number, visit: Visit): void {
    const end = Math.min((block + 1) * BLOCK, paths.length);
    for (let at = block * BLOCK; at < end; at += 1) {
      visit(at, this._look(paths[at] as string));
    }
  }

  /** Pass on what the helper saw; look again where it could not, or where it ended too early. */
  private _tell(paths: readonly string[], places: GlancePlaces, block: number, visit: Visit): void {
    if (!isSeen(places, block)) {
      this._lookAt(paths, block, visit);
      return;
    }
    const end = Math.min((block + 1) * BLOCK, paths.length);
    for (let at = block * BLOCK; at < end; at += 1) {
      const seen = seenAt(places, at);
      visit(at, seen === undefined ? this._look(paths[at] as string) : seen);
    }
  }

  /** Resolves when the helper has no more to do, or is gone. */
  private _ask(paths: readonly string[], places: GlancePlaces): Promise<void> {
    clearTimeout(this._idle);
    const worker = (this._worker ??= this._start());
    const id = this._next++;
    worker.ref();
    return new Promise(resolve => {
      this._waiting.set(id, resolve);
      worker.postMessage({ id, paths: paths.join('\0'), places } satisfies GlanceRequest);
    });
  }

  private _start(): Worker {
    const worker = new Worker(this._workerFile);
    worker.on('message', (id: number) => {
      this._waiting.get(id)?.();
      this._waiting.delete(id);
      this._rest(worker);
    });
    const gone = (): void => {
      this._worker = this._worker === worker ? null : this._worker;
      this._waiting.forEach(resolve => resolve());
      this._waiting.clear();
    };
    worker.on('error', gone);
    worker.on('exit', gone);
    return worker;
  }

  /** An idle thread does not keep the process from ending, and ends itself. */
  private _rest(worker: Worker): void {
    if (this._waiting.size === 0) {
      worker.unref();
      clearTimeout(this._idle);
      this._idle = setTimeout(() => void worker.terminate(), IDLE).unref();
    }
  }
}
