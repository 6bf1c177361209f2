import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { Token } from '@lumino/coreutils';
import type { IBranchbook, IProjectModel } from '../tokens';
import { branchPage, noProjectPage, type RunBranchCommand } from './branch-pages';
import { FilterMenu } from './filter-menu';

/** Opens the branch menu: one at a time, for a project or outside any. */
export interface IBranchMenu {
  /** Resolves when the menu has closed. Without an anchor it opens in the middle of the window. */
  open(anchor: HTMLElement | null, project: IProjectModel | null): Promise<void>;
}

export const IBranchMenu = new Token<IBranchMenu>('branchbook:IBranchMenu', 'Opens the menu of branches.');

export class BranchMenu implements IBranchMenu {
  constructor(
    private readonly _branchbook: IBranchbook,
    private readonly _commands: CommandRegistry,
    private readonly _trans: TranslationBundle
  ) {}

  async open(anchor: HTMLElement | null, project: IProjectModel | null): Promise<void> {
    // A second click on the button closes; the pointer already closed the menu, so this is the keyboard's way.
    this._menu?.dispose();
    const place = project ? { path: project.located.contentsPath ?? '' } : {};
    const run: RunBranchCommand = (command, args) => void this._commands.execute(command, { ...place, ...args });
    const page = project ? branchPage(project, run, this._trans) : noProjectPage(this._branchbook, run, this._trans);
    const menu = new FilterMenu(page, project?.stateChanged ?? null, this._trans);
    this._menu = menu;
    await menu.open(anchor);
    this._menu = this._menu === menu ? null : this._menu;
  }

  private _menu: FilterMenu | null = null;
}
