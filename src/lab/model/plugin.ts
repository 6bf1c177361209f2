import { ILabShell, type JupyterFrontEnd, type JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IDocumentManager, IDocumentWidgetOpener } from '@jupyterlab/docmanager';
import { type FileBrowser, IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import { NotebookActions } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { Debouncer } from '@lumino/polling';
import { Client } from '../client';
import { DocumentKeeper } from '../switch/document-keeper';
import { SaveTracker } from '../switch/save-tracker';
import { TabMemory } from '../switch/tab-memory';
import { IBranchbook } from '../tokens';
import { advice } from './advice';
import { Branchbook } from './branchbook';
import { listenToEvents } from './project-events';
import { settingsId, SwitchSettings } from './switch-settings';

/** Milliseconds of quiet after saves and cell runs before the status is read again. */
const settleTime = 800;

/** Provides the projects of this JupyterLab, kept up to date by events. */
export const projectsPlugin: JupyterFrontEndPlugin<IBranchbook> = {
  id: 'branchbook:projects',
  description: 'Provides the Branchbook projects: state, operations, and documents that follow their branch.',
  autoStart: true,
  requires: [IDocumentManager, IDocumentWidgetOpener],
  optional: [IDefaultFileBrowser, IStateDB, ISettingRegistry, ITranslator, ILabShell],
  provides: IBranchbook,
  activate: (
    app: JupyterFrontEnd,
    docManager: IDocumentManager,
    opener: IDocumentWidgetOpener,
    fileBrowser: FileBrowser | null,
    state: IStateDB | null,
    settingRegistry: ISettingRegistry | null,
    translator: ITranslator | null
  ): IBranchbook => {
    const trans = (translator ?? nullTranslator).load('branchbook');
    const { contents, serverSettings } = app.serviceManager;
    const settings = new SwitchSettings(settingRegistry?.load(settingsId) ?? null);
    const keeper = new DocumentKeeper({
      shell: app.shell,
      docManager,
      tabs: new TabMemory(state),
      saves: new SaveTracker(opener, docManager),
      trans,
      reopenTabs: () => settings.get('reopenTabs'),
      askWhenBusy: () => settings.get('askWhenBusy'),
      refreshFiles: async () => fileBrowser?.model.refresh()
    });
    const client = new Client(serverSettings, hint => advice(hint, app.commands));
    const branchbook = new Branchbook(client, contents, keeper, trans);
    listenToEvents(app.serviceManager.events, event => branchbook.onEvent(event));
    followPlace(app, docManager, fileBrowser, branchbook);
    refreshOnActivity(app, branchbook);
    return branchbook;
  }
};

/** Tell the projects where the user is: in a document, or in a folder of the file browser. */
function followPlace(
  app: JupyterFrontEnd,
  docManager: IDocumentManager,
  fileBrowser: FileBrowser | null,
  branchbook: Branchbook
): void {
  const update = (): void => {
    const widget = app.shell.currentWidget;
    const context = widget ? docManager.contextForWidget(widget) : undefined;
    void branchbook.setPlace(context?.path ?? `${fileBrowser?.model.path ?? ''}/`);
  };
  app.shell.currentChanged?.connect(update);
  fileBrowser?.model.pathChanged.connect(update);
  // Not before Lab has drawn: nothing of Branchbook may delay its start.
  void app.restored.then(update);
}

/** Read the state again when something may have changed that no event tells. No polling. */
function refreshOnActivity(app: JupyterFrontEnd, branchbook: Branchbook): void {
  const soon = new Debouncer(() => branchbook.refreshAll(), settleTime);
  const refresh = (): void => void soon.invoke();
  app.serviceManager.contents.fileChanged.connect(refresh);
  NotebookActions.executed.connect(refresh);
  window.addEventListener('focus', refresh);
  document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && refresh());
}
