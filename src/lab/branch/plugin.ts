import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IToolbarWidgetRegistry, SessionContextDialogs, ISessionContextDialogs } from '@jupyterlab/apputils';
import { INotebookTracker, type NotebookPanel } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import { IStateDB } from '@jupyterlab/statedb';
import { IStatusBar } from '@jupyterlab/statusbar';
import { ITranslator, nullTranslator, type TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import { settingsId, SwitchSettings } from '../model/switch-settings';
import { KernelOrigins } from '../switch/kernel-origins';
import { IBranchbook } from '../tokens';
import { BranchButton } from './branch-button';
import { BranchMenu, IBranchMenu } from './branch-menu';
import { KernelMarker } from './kernel-marker';

/** The menu of branches, for whoever wants to open it. */
export const branchMenuPlugin: JupyterFrontEndPlugin<IBranchMenu> = {
  id: 'branchbook:branch-menu',
  description: 'Provides the menu of branches.',
  autoStart: true,
  requires: [IBranchbook],
  optional: [ITranslator],
  provides: IBranchMenu,
  activate: (app: JupyterFrontEnd, branchbook: IBranchbook, translator: ITranslator | null): IBranchMenu =>
    new BranchMenu(branchbook, app.commands, (translator ?? nullTranslator).load('branchbook'))
};

/** The branch in the notebook toolbar and in the status bar. */
export const switcherPlugin: JupyterFrontEndPlugin<void> = {
  id: settingsId,
  description: 'Shows the branch in the notebook toolbar and the status bar, with a menu to switch.',
  autoStart: true,
  requires: [IBranchbook, IBranchMenu, IToolbarWidgetRegistry],
  optional: [IStatusBar, ITranslator],
  activate: (
    _: JupyterFrontEnd,
    branchbook: IBranchbook,
    menu: IBranchMenu,
    toolbar: IToolbarWidgetRegistry,
    statusBar: IStatusBar | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('branchbook');
    toolbar.addFactory<NotebookPanel>('Notebook', 'branchbook-branch', panel =>
      toolbarButton(panel, branchbook, menu, trans)
    );
    if (statusBar) {
      addStatusItem(statusBar, branchbook, menu, trans);
    }
  }
};

/** A mark on notebooks whose kernel computed on another branch. */
export const kernelMarkerPlugin: JupyterFrontEndPlugin<void> = {
  id: 'branchbook:kernel-marker',
  description: 'Marks notebooks whose kernel holds the state of another branch.',
  autoStart: true,
  requires: [IBranchbook, IToolbarWidgetRegistry, INotebookTracker],
  optional: [IStateDB, ISettingRegistry, ISessionContextDialogs, ITranslator],
  activate: (
    _: JupyterFrontEnd,
    branchbook: IBranchbook,
    toolbar: IToolbarWidgetRegistry,
    notebooks: INotebookTracker,
    state: IStateDB | null,
    settingRegistry: ISettingRegistry | null,
    dialogs: ISessionContextDialogs | null,
    translator: ITranslator | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('branchbook');
    const settings = new SwitchSettings(settingRegistry?.load(settingsId) ?? null);
    const origins = new KernelOrigins(branchbook, state, () => settings.get('markKernels'));
    const restarter = dialogs ?? new SessionContextDialogs({ translator: translator ?? nullTranslator });
    const trackAll = (): void => notebooks.forEach(panel => void origins.track(panel));
    trackAll();
    // A folder may become a project while its notebooks are open.
    branchbook.currentChanged.connect(trackAll);
    notebooks.widgetAdded.connect((_, panel) => void origins.track(panel));
    toolbar.addFactory<NotebookPanel>(
      'Notebook',
      'branchbook-kernel',
      panel => new KernelMarker({ panel, origins, trans, restart: () => void restarter.restart(panel.sessionContext) })
    );
  }
};

/** A button for the project that holds a notebook, which may change when the notebook moves or the folder becomes one. */
function toolbarButton(
  panel: NotebookPanel,
  branchbook: IBranchbook,
  menu: IBranchMenu,
  trans: TranslationBundle
): BranchButton {
  const button = new BranchButton({ trans, open: (anchor, project) => menu.open(anchor, project) });
  const locate = async (): Promise<void> => {
    const project = await branchbook.projectAt(panel.context.path);
    if (!button.isDisposed) {
      button.project = project;
    }
  };
  const update = (): void => void locate();
  panel.context.pathChanged.connect(update);
  branchbook.currentChanged.connect(update);
  button.disposed.connect(() => {
    panel.context.pathChanged.disconnect(update);
    branchbook.currentChanged.disconnect(update);
  });
  update();
  return button;
}

function addStatusItem(
  statusBar: IStatusBar,
  branchbook: IBranchbook,
  menu: IBranchMenu,
  trans: TranslationBundle
): void {
  const item = new BranchButton({ trans, open: (anchor, project) => menu.open(anchor, project) });
  item.addClass('bb-mod-status');
  const activeStateChanged = new Signal<BranchButton, void>(item);
  const update = (): void => {
    item.project = branchbook.current;
    activeStateChanged.emit();
  };
  branchbook.currentChanged.connect(update);
  item.disposed.connect(() => branchbook.currentChanged.disconnect(update));
  update();
  statusBar.registerStatusItem('branchbook:branch', {
    align: 'left',
    rank: 10,
    item,
    isActive: () => branchbook.current !== null,
    activeStateChanged
  });
}
