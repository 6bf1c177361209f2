import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { IBranchbook, IProjectModel } from '../tokens';
import { incomingInWords } from './standing';

/** Says once, for each newest snapshot of somebody else, that there is something to pull. */
export class IncomingNotice {
  constructor(
    private readonly _branchbook: IBranchbook,
    private readonly _commands: CommandRegistry,
    private readonly _trans: TranslationBundle
  ) {
    _branchbook.currentChanged.connect(this._onProject, this);
    this._onProject();
  }

  private _onProject(): void {
    this._project?.sharing.changed.disconnect(this._onChange, this);
    this._project = this._branchbook.current;
    this._project?.sharing.changed.connect(this._onChange, this);
    this._onChange();
  }

  private _onChange(): void {
    const project = this._project;
    const check = project?.sharing.check ?? null;
    const words = check && incomingInWords(check, this._trans);
    const newest = check?.incoming[0]?.id;
    const said = project && words && newest ? `${project.located.root} ${newest}` : null;
    if (said === this._said) {
      return;
    }
    this._said = said;
    if (this._shown !== null) {
      Notification.dismiss(this._shown);
      this._shown = null;
    }
    if (project && words && said !== null && !this._told.has(said)) {
      this._told.add(said);
      this._shown = this._show(project, words);
    }
  }

  private _show(project: IProjectModel, words: string): string {
    const path = project.located.contentsPath ?? '';
    const pull = {
      label: this._trans.__('Pull'),
      callback: () => void this._run('branchbook:pull', { path: `${path}/` })
    };
    const show = { label: this._trans.__('Show'), callback: () => void this._run('branchbook:show-panel', {}) };
    return Notification.info(this._trans.__('New: %1', words), { autoClose: 15_000, actions: [show, pull] });
  }

  private _run(command: string, args: { readonly path?: string }): Promise<unknown> {
    return this._commands.execute(command, args);
  }

  private _project: IProjectModel | null = null;
  /** What is to be pulled now; null when nothing is. */
  private _said: string | null = null;
  private _shown: string | null = null;
  private readonly _told = new Set<string>();
}
