import { branchMenuPlugin, kernelMarkerPlugin, switcherPlugin } from './lab/branch/plugin';
import { commandsPlugin } from './lab/commands/plugin';
import { comparePlugin } from './lab/compare/plugin';
import { dialogsPlugin } from './lab/dialogs/plugin';
import { diffPlugin } from './lab/diff/plugin';
import { lookPlugin } from './lab/look/plugin';
import { projectsPlugin } from './lab/model/plugin';
import { namespacePlugin } from './lab/namespace/plugin';
import { panelPlugin } from './lab/panel/plugin';
import { sharingPlugin } from './lab/share/plugin';

export { IBranchbook } from './lab/tokens';

export default [
  projectsPlugin,
  branchMenuPlugin,
  switcherPlugin,
  kernelMarkerPlugin,
  commandsPlugin,
  dialogsPlugin,
  comparePlugin,
  diffPlugin,
  panelPlugin,
  sharingPlugin,
  lookPlugin,
  namespacePlugin
];
