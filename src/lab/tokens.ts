import { Token } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type {
  AccountVerb,
  AssetInfo,
  BranchInfo,
  StatusResult,
  SwitchArgs,
  SwitchResult,
  Verb,
  Verbs
} from '../core/model/result';
import type { RemoteCheck, RemoteInfo } from '../core/model/sharing';
import type { BranchbookError } from '../core/error';
import type { LocatedProject, ProgressLine } from '../service/protocol';

export type RunOptions = {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ProgressLine) => void;
};

/** How a project stands to where it is shared, as far as that was asked. Looking at it asks nobody. */
export interface IProjectSharing {
  /** null until first listed. */
  readonly remotes: readonly RemoteInfo[] | null;
  /** How the branch that is checked out stood when it was last asked; null when nobody could say. */
  readonly check: RemoteCheck | null;
  /** Why it could not be asked the last time; null when it could. */
  readonly problem: BranchbookError | null;
  readonly changed: ISignal<IProjectSharing, void>;
  /**
   * Ask the remote, telling it which document (project path; null = none) is in front: the one told last when missing.
   * Rejects with a BranchbookError, which is kept as `problem`.
   */
  refresh(document?: string | null): Promise<void>;
}

/** One project as Lab knows it. Settable state with one signal; shared by every widget that shows the project. */
export interface IProjectModel extends IDisposable {
  readonly located: LocatedProject;
  /** null until first loaded. */
  readonly status: StatusResult | null;
  readonly branches: readonly BranchInfo[];
  readonly assets: readonly AssetInfo[];
  /** The verb that is running now, with its latest progress; null when idle. */
  readonly activity: { readonly verb: Verb; readonly progress: ProgressLine | null; cancel(): void } | null;
  /** Why the core cannot be reached, in words; null when all is well. */
  readonly problem: string | null;
  /** Its changes are announced by `stateChanged` too. */
  readonly sharing: IProjectSharing;
  readonly stateChanged: ISignal<IProjectModel, void>;
  /** Emitted after the work tree moved to another branch or commit, by us or from outside. */
  readonly headChanged: ISignal<IProjectModel, { readonly from: string | null; readonly to: string }>;

  /** Run a verb; rejects with a BranchbookError. Verbs that change something refresh the state afterwards. */
  run<V extends Verb>(verb: V, args: Verbs[V]['args'], options?: RunOptions): Promise<Verbs[V]['result']>;
  /** The bytes of a version, to look at. Rejects with a BranchbookError. */
  file(address: string, signal: AbortSignal): Promise<ArrayBuffer>;
  refresh(): Promise<void>;
  /** null when the contents path lies outside the project. */
  toProjectPath(contentsPath: string): string | null;
  /** null when the file is not reachable through Jupyter's contents API. */
  toContentsPath(projectPath: string): string | null;
}

/** The projects this JupyterLab shows. */
export interface IBranchbook {
  /** The project of the active document, else of the file browser's folder; null outside any project. */
  readonly current: IProjectModel | null;
  /** Emitted when `current` or `problem` is another. */
  readonly currentChanged: ISignal<IBranchbook, IProjectModel | null>;
  /** Contents path of the folder the user is in: of the active document, else the file browser's. '' is the root. */
  readonly folder: string;
  /** True when Jupyter Server has no Branchbook extension (also in JupyterLite): offer nothing, say why. */
  readonly unavailable: boolean;
  /** Why nobody can tell whether `folder` is in a project, in words; null when all is well. */
  readonly problem: string | null;
  /** The project that holds a contents path; null when it is in none. */
  projectAt(contentsPath: string): Promise<IProjectModel | null>;
  /** Start versioning a folder. Rejects with a BranchbookError. */
  init(contentsPath: string): Promise<IProjectModel>;
  /** Run a verb that needs no project, in `folder`: namespaces, shares, clones. Rejects with a BranchbookError. */
  run<V extends AccountVerb>(verb: V, args: Verbs[V]['args'], options?: RunOptions): Promise<Verbs[V]['result']>;
  /** The whole switch protocol: unsaved documents, tabs, kernels, progress. null when the user cancelled. */
  switchBranch(project: IProjectModel, args: SwitchArgs): Promise<SwitchResult | null>;
  /**
   * Run `change` (merge, restore, undo: anything that rewrites files on disk) with the same care for open documents
   * as a switch. null when the user cancelled.
   */
  withDocuments<T extends DocumentChanges>(project: IProjectModel, change: () => Promise<T>): Promise<T | null>;
}

/** Project paths that a verb changed on disk. */
export type DocumentChanges = {
  readonly changed: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
};

export const IBranchbook = new Token<IBranchbook>(
  'branchbook:IBranchbook',
  'The Branchbook projects of this JupyterLab: branches, snapshots and versions of notebooks, data and models.'
);
