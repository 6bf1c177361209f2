import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager } from '@jupyterlab/docmanager';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { IBranchMenu } from '../branch/branch-menu';
import { IBranchbook } from '../tokens';
import type { CommandEnvironment } from './command-environment';
import { addCleanUpCommand } from './clean-up';
import { addCreateBranchCommand } from './create-branch';
import { addDeleteBranchCommand } from './delete-branch';
import { addInitCommand } from './init';
import { addMergeBranchCommand } from './merge-branch';
import { addOpenBesideCommand } from './open-beside';
import { addRenameBranchCommand } from './rename-branch';
import { addSwitchCommand } from './switch';
import { addUndoCommands } from './undo';

const inPalette = [
  'switch',
  'create-branch',
  'merge-branch',
  'open-beside',
  'rename-branch',
  'delete-branch',
  'undo',
  'redo',
  'init',
  'clean-up'
];

/** Everything one can do with branches, as commands. */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'branchbook:commands',
  description: 'Commands to switch, create, merge, rename and delete branches, to undo, and to clean up.',
  autoStart: true,
  requires: [IBranchbook, IBranchMenu, IDocumentManager],
  optional: [ICommandPalette, ITranslator],
  activate: (
    app: JupyterFrontEnd,
    branchbook: IBranchbook,
    menu: IBranchMenu,
    docManager: IDocumentManager,
    palette: ICommandPalette | null,
    translator: ITranslator | null
  ): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('branchbook');
    const env: CommandEnvironment = { commands, shell, branchbook, docManager, trans };
    addSwitchCommand(env, () => menu.open(null, branchbook.current));
    addCreateBranchCommand(env);
    addRenameBranchCommand(env);
    addDeleteBranchCommand(env);
    addMergeBranchCommand(env);
    addOpenBesideCommand(env);
    addUndoCommands(env);
    addInitCommand(env);
    addCleanUpCommand(env);
    for (const name of inPalette) {
      palette?.addItem({ command: `branchbook:${name}`, category: trans.__('Branchbook') });
    }
  }
};
