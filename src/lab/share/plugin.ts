import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IDocumentManager, IDocumentWidgetOpener } from '@jupyterlab/docmanager';
import { type FileBrowser, IDefaultFileBrowser, IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { addBringHereCommand } from '../commands/bring-here';
import { addCloneCommand } from '../commands/clone';
import type { CommandEnvironment } from '../commands/command-environment';
import { addForkBranchCommand } from '../commands/fork-branch';
import { addJoinCommand } from '../commands/join';
import { addPublishCommand } from '../commands/publish';
import { addPullCommand } from '../commands/pull';
import { addPushCommands } from '../commands/push';
import { addRemotesCommand } from '../commands/remotes';
import { addRequestAccessCommand } from '../commands/request-access';
import { selectedFiles } from '../commands/selected-files';
import { addSignInCommands } from '../commands/sign-in';
import { IBranchbook } from '../tokens';
import { IncomingNotice } from './incoming-notice';
import { takeJoinLink } from './join-link';
import { RemoteWatch } from './remote-watch';
import { ShareButton } from './share-button';
import { openShareMenu } from './share-menu';
import { markStandIns } from './mark-stand-ins';
import { StandIns } from './stand-ins';
import { ViewOnlyBanners } from './view-only-banners';

const id = 'branchbook:sharing';
/** After everything else in the top area: at its right end. */
const rank = 10_000;
const inPalette = ['pull', 'push', 'sync', 'publish', 'clone', 'join', 'sign-in', 'sign-out', 'remotes'];

/** What one does with shared projects: the control in the top bar, its commands, and what documents tell of it. */
export const sharingPlugin: JupyterFrontEndPlugin<void> = {
  id,
  description: 'Shared projects: push, pull, clone, join, who is there, and what is new.',
  autoStart: true,
  requires: [IBranchbook, IDocumentManager, IDocumentWidgetOpener],
  optional: [ITranslator, ISettingRegistry, ICommandPalette, IFileBrowserFactory, IDefaultFileBrowser],
  activate: (
    app: JupyterFrontEnd,
    branchbook: IBranchbook,
    docManager: IDocumentManager,
    opener: IDocumentWidgetOpener,
    translator: ITranslator | null,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null,
    browsers: IFileBrowserFactory | null,
    browser: FileBrowser | null
  ): void => {
    const { commands, shell } = app;
    const trans = (translator ?? nullTranslator).load('branchbook');
    const env: CommandEnvironment = { commands, shell, branchbook, docManager, trans };
    addCommands(env, () => selectedFiles(browsers));
    for (const name of inPalette) {
      const args = { isPalette: true };
      palette?.addItem({ command: `branchbook:${name}`, category: trans.__('Branchbook'), args });
    }
    const button = new ShareButton({ branchbook, trans, open: anchor => openShareMenu(commands, branchbook, anchor) });
    button.id = 'branchbook-share';
    shell.add(button, 'top', { rank });
    const link = takeJoinLink();
    // Not before Lab has drawn: nothing of this may delay its start.
    void app.restored.then(() => {
      followRemotes(env, registry);
      new ViewOnlyBanners(env, opener);
      if (browser) {
        markStandIns(env, browser);
      }
      if (link !== null) {
        void commands.execute('branchbook:join', { link });
      }
    });
    new StandIns(env, opener);
  }
};

function addCommands(env: CommandEnvironment, selected: () => readonly string[]): void {
  addPullCommand(env);
  addPushCommands(env);
  addPublishCommand(env);
  addCloneCommand(env);
  addJoinCommand(env);
  addForkBranchCommand(env);
  addRequestAccessCommand(env);
  addBringHereCommand(env, selected);
  addSignInCommands(env);
  addRemotesCommand(env);
}

/** Look for what is new at remotes, as the settings say. */
function followRemotes(env: CommandEnvironment, registry: ISettingRegistry | null): void {
  const { branchbook, docManager, shell, commands, trans } = env;
  const frontDocument = (): string | null =>
    (shell.currentWidget && docManager.contextForWidget(shell.currentWidget)?.path) || null;
  const watch = new RemoteWatch({ branchbook, frontDocument });
  shell.currentChanged?.connect(() => watch.moved());
  new IncomingNotice(branchbook, commands, trans);
  void registry?.load(id).then(settings => {
    const apply = (): void => {
      watch.regular = settings.get('lookForChanges').composite !== false;
    };
    settings.changed.connect(apply);
    apply();
  });
}
