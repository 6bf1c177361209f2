import { DirListing, type FileBrowser } from '@jupyterlab/filebrowser';
import { sizeInWords } from '../panel/words';
import type { CommandEnvironment } from '../commands/command-environment';
import type { IProjectModel } from '../tokens';

/**
 * Shows in the file browser which files are not here yet. What draws its items is one object for all listings, and has no
 * place to add something, so its function is wrapped.
 */
export function markStandIns({ branchbook, trans }: CommandEnvironment, browser: FileBrowser): void {
  /** By contents path: bytes. */
  let absent: ReadonlyMap<string, number> = new Map();
  let project: IProjectModel | null = null;
  const renderer = DirListing.defaultRenderer;
  const draw = renderer.updateItemNode.bind(renderer);
  renderer.updateItemNode = (node, model, ...rest) => {
    draw(node, model, ...rest);
    const size = absent.get(model.path);
    node.classList.toggle('bb-mod-standIn', size !== undefined);
    if (size !== undefined) {
      node.title = [trans.__('Not here yet (%1): open it, or Get the Content', sizeInWords(size)), node.title].join(
        '\n'
      );
    }
  };
  const update = (): void => {
    const found = standInsOf(project);
    if (found.size !== absent.size || [...found.keys()].some(path => !absent.has(path))) {
      absent = found;
      void browser.model.refresh();
    }
  };
  const follow = async (): Promise<void> => {
    const { path } = browser.model;
    const next = await branchbook.projectAt(`${path}/`);
    if (browser.model.path === path && next !== project) {
      project?.stateChanged.disconnect(update);
      project = next;
      project?.stateChanged.connect(update);
      update();
    }
  };
  browser.model.pathChanged.connect(() => void follow());
  // A folder becomes a project without being left.
  branchbook.currentChanged.connect(() => void follow());
  void follow();
}

function standInsOf(project: IProjectModel | null): ReadonlyMap<string, number> {
  const absent = (project?.assets ?? []).filter(({ standIn }) => standIn);
  return new Map(absent.map(({ path, size }) => [project!.toContentsPath(path) ?? '', size]));
}
