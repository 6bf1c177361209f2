import { Notification } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import { BranchbookError } from '../../core/error';
import type { AccountVerb, SwitchArgs, SwitchResult, Verbs } from '../../core/model/result';
import type { LocatedProject, ProjectEvent } from '../../service/protocol';
import type { Client } from '../client';
import type { DocumentKeeper } from '../switch/document-keeper';
import type { DocumentChanges, IBranchbook, IProjectModel, RunOptions } from '../tokens';
import { ProjectModel } from './project-model';

/** The projects of this JupyterLab, made when a path inside them is first asked for and shared from then on. */
export class Branchbook implements IBranchbook, IDisposable {
  constructor(
    private readonly _client: Client,
    private readonly _contents: Contents.IManager,
    private readonly _keeper: DocumentKeeper,
    private readonly _trans: TranslationBundle
  ) {}

  get current(): IProjectModel | null {
    return this._current;
  }

  get currentChanged(): ISignal<this, IProjectModel | null> {
    return this._currentChanged;
  }

  get folder(): string {
    return this._place.endsWith('/') ? this._place.slice(0, -1) : PathExt.dirname(this._place);
  }

  get unavailable(): boolean {
    return this._client.missing;
  }

  get problem(): string | null {
    return this._problem;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    for (const project of this._projects.values()) {
      project.dispose();
    }
    this._projects.clear();
    Signal.clearData(this);
  }

  /** Where the user is: the active document, or a folder with a trailing slash. */
  async setPlace(contentsPath: string): Promise<void> {
    this._place = contentsPath;
    const project = await this.projectAt(contentsPath);
    // A later call may have been answered first.
    if (this._place !== contentsPath || this._isDisposed || project === this._current) {
      return;
    }
    this._current = project;
    this._currentChanged.emit(project);
  }

  async projectAt(contentsPath: string): Promise<IProjectModel | null> {
    const path = this._contents.localPath(contentsPath).replace(/\/$/, '');
    const known = this._byPath.get(path);
    if (known) {
      return known;
    }
    try {
      const located = await this._client.locate(path);
      this._setProblem(null);
      if (!located || this._isDisposed) {
        return null;
      }
      const project = this._projects.get(located.root) ?? this._add(located);
      this._byPath.set(path, project);
      return project;
    } catch (error) {
      this._onProblem(BranchbookError.from(error));
      return null;
    }
  }

  run<V extends AccountVerb>(verb: V, args: Verbs[V]['args'], options?: RunOptions): Promise<Verbs[V]['result']> {
    return this._client.runVerb(this.folder, verb, args, options);
  }

  switchBranch(project: IProjectModel, args: SwitchArgs): Promise<SwitchResult | null> {
    return this._keeper.switchBranch(project, args);
  }

  withDocuments<T extends DocumentChanges>(project: IProjectModel, change: () => Promise<T>): Promise<T | null> {
    return this._keeper.withDocuments(project, change);
  }

  async init(contentsPath: string): Promise<IProjectModel> {
    await this._client.runVerb(contentsPath, 'init', {});
    // The new project may lie inside one that its paths were known to belong to.
    this._byPath.clear();
    const project = await this.projectAt(`${contentsPath}/`);
    if (!project) {
      throw new BranchbookError('NOT_A_PROJECT', `'${contentsPath || '/'}' could not be opened as a project.`);
    }
    await this.setPlace(this._place);
    return project;
  }

  /** A change that the core saw on disk or in the repository, ours or anybody's. */
  onEvent(event: ProjectEvent): void {
    void this._projects.get(event.root)?.refresh();
  }

  /** For changes nobody announces: the page was hidden, a document was saved, a cell ran. */
  refreshAll(): void {
    for (const project of this._projects.values()) {
      void project.refresh();
    }
  }

  private _add(located: LocatedProject): ProjectModel {
    const project = new ProjectModel(located, this._client, this._contents);
    this._projects.set(located.root, project);
    project.headChanged.connect((_, change) => void this._keeper.followOutside(project, change));
    void project.refresh();
    return project;
  }

  /** Kept for whoever shows it, and said once: it is the same for every path. */
  private _onProblem(error: BranchbookError): void {
    const problem = [error.message, error.hint].filter(Boolean).join(' ');
    this._setProblem(problem);
    if (!this._reported.has(error.code)) {
      this._reported.add(error.code);
      Notification.warning(this._trans.__('Branchbook: %1', problem), { autoClose: 10_000 });
    }
  }

  private _setProblem(problem: string | null): void {
    if (problem !== this._problem && !this._isDisposed) {
      this._problem = problem;
      this._currentChanged.emit(this._current);
    }
  }

  private _place = '/';
  private _current: IProjectModel | null = null;
  private _problem: string | null = null;
  private _isDisposed = false;
  private readonly _projects = new Map<string, ProjectModel>();
  private readonly _byPath = new Map<string, ProjectModel>();
  private readonly _reported = new Set<string>();
  private readonly _currentChanged = new Signal<this, IProjectModel | null>(this);
}
