import type { IDisposable, IFileSystem, IProject } from '../core/port';
import type { ProjectEvent } from './protocol';

export type EventListener = (event: ProjectEvent) => void;

/** What git's own files say; two equal states need no event. */
type State = {
  readonly branch: string | null;
  readonly commit: string | null;
  readonly refs: string;
  /** Stat signature of the index. */
  readonly index: string;
};

type Watched = {
  readonly project: IProject;
  watcher: IDisposable | null;
  state: State | null;
  /** The last look, so that looks follow one another. */
  looking: Promise<void>;
};

/**
 * Tells listeners when a project changes, whoever changed it: watches git's HEAD, index, packed-refs and refs. One
 * change gives one event, of the most far-reaching kind (head, then refs, then work-tree).
 */
export class ProjectEvents {
  constructor(
    private readonly _files: IFileSystem,
    private readonly _log: (line: string) => void
  ) {}

  subscribe(listener: EventListener): IDisposable {
    this._listeners.add(listener);
    return { dispose: () => this._listeners.delete(listener) };
  }

  /** How a project is now, as an event of the most far-reaching kind. */
  async current(project: IProject): Promise<ProjectEvent> {
    const { branch, commit } = await this._read(project);
    return { type: 'project', root: project.root, what: 'head', branch, commit };
  }

  /** Begin to watch; a project that is watched already is replaced. */
  async watch(project: IProject): Promise<void> {
    this._watched.get(project.root)?.watcher?.dispose();
    const watched: Watched = { project, watcher: null, state: null, looking: Promise.resolve() };
    this._watched.set(project.root, watched);
    await this._look(watched, false);
  }

  /** Look at a project after one of our own verbs, which may have changed files that git does not know. */
  async touched(project: IProject): Promise<void> {
    const watched = this._watched.get(project.root);
    if (watched) {
      await this._look(watched, true);
    }
  }

  dispose(): void {
    this._watched.forEach(watched => watched.watcher?.dispose());
    this._watched.clear();
    this._listeners.clear();
  }

  private _look(watched: Watched, touched: boolean): Promise<void> {
    watched.looking = watched.looking.then(async () => {
      try {
        await this._compare(watched, touched);
      } catch (error) {
        this._log(`events ${watched.project.root}: ${error instanceof Error ? error.message : String(error)}`);
      }
    });
    return watched.looking;
  }

  private async _compare(watched: Watched, touched: boolean): Promise<void> {
    if (this._watched.get(watched.project.root) !== watched) {
      return;
    }
    // git replaces its files by renaming, which a watch of the old file does not outlive. Watching anew before looking
    // leaves no gap.
    watched.watcher?.dispose();
    watched.watcher = null;
    watched.watcher = await this._watchFiles(watched);
    const before = watched.state;
    const state = await this._read(watched.project);
    watched.state = state;
    const what = before && difference(before, state, touched);
    if (what) {
      this._emit({ type: 'project', root: watched.project.root, what, branch: state.branch, commit: state.commit });
    }
  }

  private async _watchFiles(watched: Watched): Promise<IDisposable> {
    const { gitDir, commonDir } = watched.project.git;
    const candidates = [`${gitDir}/HEAD`, `${gitDir}/index`, `${commonDir}/packed-refs`, `${commonDir}/refs`];
    const present: string[] = [];
    for (const path of candidates) {
      if (await this._files.lstat(path)) {
        present.push(path);
      }
    }
    return this._files.watch(present, () => void this._look(watched, false));
  }

  private async _read(project: IProject): Promise<State> {
    const head = await project.git.head();
    const refs = await project.git.refs('refs/');
    const index = await this._files.lstat(`${project.git.gitDir}/index`);
    return {
      branch: head.kind === 'branch' ? head.branch : null,
      commit: head.commit,
      refs: refs.map(ref => `${ref.name} ${ref.commit}`).join('\n'),
      index: index ? `${index.ino} ${index.size} ${index.mtimeNs}` : ''
    };
  }

  private _emit(event: ProjectEvent): void {
    this._listeners.forEach(listener => listener(event));
  }

  private readonly _listeners = new Set<EventListener>();
  private readonly _watched = new Map<string, Watched>();
}

function difference(before: State, after: State, touched: boolean): ProjectEvent['what'] | null {
  if (before.branch !== after.branch || before.commit !== after.commit) {
    return 'head';
  }
  if (before.refs !== after.refs) {
    return 'refs';
  }
  return touched || before.index !== after.index ? 'work-tree' : null;
}
