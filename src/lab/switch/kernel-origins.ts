import type { ISessionContext } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { IStateDB } from '@jupyterlab/statedb';
import type { IDisposable } from '@lumino/disposable';
import { type ISignal, Signal } from '@lumino/signaling';
import type { IBranchbook, IProjectModel } from '../tokens';

const key = 'branchbook:kernels';
/** Kernels remembered; the oldest go first. Far more than anyone runs at once. */
const capacity = 200;

type Origins = { [kernelId: string]: readonly string[] };

/**
 * On which branches each kernel ran code. A kernel keeps its variables when files change under it, so a notebook whose
 * kernel ran elsewhere shows one branch and computes with another. Kept in Lab's state to survive a reload.
 */
export class KernelOrigins implements IDisposable {
  constructor(
    private readonly _branchbook: IBranchbook,
    private readonly _state: IStateDB | null,
    private readonly _enabled: () => boolean
  ) {}

  /** Emitted with the panel whose answer may be different now. */
  get changed(): ISignal<this, NotebookPanel> {
    return this._changed;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  /** Branches other than the one checked out whose state the panel's kernel holds. */
  foreign(panel: NotebookPanel): readonly string[] {
    const id = panel.sessionContext.session?.kernel?.id;
    const current = this._projects.get(panel)?.status?.branch;
    return id && current && this._enabled() ? (this._origins[id] ?? []).filter(branch => branch !== current) : [];
  }

  /** Watch a notebook until it closes. Does nothing when it is watched already, or in no project. */
  async track(panel: NotebookPanel): Promise<void> {
    const { context, sessionContext } = panel;
    await Promise.all([context.ready, this._load()]);
    const project = await this._branchbook.projectAt(context.path);
    if (!project || this._projects.has(panel) || panel.isDisposed || this._isDisposed) {
      return;
    }
    this._projects.set(panel, project);
    const update = (): void => this._changed.emit(panel);
    const onMessage = (_: ISessionContext, message: KernelMessage.IMessage): void => {
      if (message.header.msg_type === 'execute_input') {
        this._ran(panel, project);
      }
    };
    const onStatus = (_: ISessionContext, status: Kernel.Status): void => {
      if (status === 'restarting' || status === 'autorestarting') {
        this._restarted(panel);
      }
    };
    project.stateChanged.connect(update);
    sessionContext.iopubMessage.connect(onMessage);
    sessionContext.statusChanged.connect(onStatus);
    sessionContext.kernelChanged.connect(update);
    panel.disposed.connect(() => {
      project.stateChanged.disconnect(update);
      this._projects.delete(panel);
    });
    update();
  }

  private _ran(panel: NotebookPanel, project: IProjectModel): void {
    const id = panel.sessionContext.session?.kernel?.id;
    const branch = project.status?.branch;
    const known = id ? (this._origins[id] ?? []) : [];
    if (id && branch && !known.includes(branch)) {
      this._set(panel, id, [...known, branch]);
    }
  }

  private _restarted(panel: NotebookPanel): void {
    const id = panel.sessionContext.session?.kernel?.id;
    if (id && this._origins[id]) {
      this._set(panel, id, []);
    }
  }

  private _set(panel: NotebookPanel, id: string, branches: readonly string[]): void {
    const { [id]: _, ...others } = this._origins;
    const kept = Object.entries(others).slice(-capacity + 1);
    this._origins = { ...Object.fromEntries(kept), ...(branches.length > 0 ? { [id]: branches } : {}) };
    void this._state?.save(key, this._origins as { [kernelId: string]: string[] });
    this._changed.emit(panel);
  }

  private async _load(): Promise<void> {
    this._loading ??= Promise.resolve(this._state?.fetch(key)).then(saved => {
      this._origins = { ...((saved ?? {}) as Origins), ...this._origins };
    });
    await this._loading;
  }

  private _origins: Origins = {};
  private _loading: Promise<void> | null = null;
  private _isDisposed = false;
  private readonly _projects = new Map<NotebookPanel, IProjectModel>();
  private readonly _changed = new Signal<this, NotebookPanel>(this);
}
