import type { IFileBrowserFactory } from '@jupyterlab/filebrowser';

/** Contents paths selected in the file browser that was used last. */
export function selectedFiles(browsers: IFileBrowserFactory | null): readonly string[] {
  return [...(browsers?.tracker.currentWidget?.selectedItems() ?? [])].map(item => item.path);
}
