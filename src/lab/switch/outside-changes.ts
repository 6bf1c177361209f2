import type { Contents } from '@jupyterlab/services';
import type { DocumentChanges } from '../tokens';
import type { OpenDocument } from './open-documents';

type Fate = 'same' | 'changed' | 'removed';

/** Compare open documents with the disk, for changes that come without a list: `git checkout` in a terminal, a pull. */
export async function changedOnDisk(
  documents: readonly OpenDocument[],
  contents: Contents.IManager
): Promise<DocumentChanges> {
  const fates = await Promise.all(documents.map(document => fateOf(document, contents)));
  const paths = (fate: Fate): string[] => documents.filter((_, i) => fates[i] === fate).map(({ path }) => path);
  return { changed: paths('changed'), added: [], removed: paths('removed') };
}

async function fateOf({ context }: OpenDocument, contents: Contents.IManager): Promise<Fate> {
  const loaded = context.contentsModel;
  if (!loaded) {
    return 'same';
  }
  try {
    const onDisk = await contents.get(context.path, { content: false, hash: true });
    const same =
      onDisk.hash && loaded.hash ? onDisk.hash === loaded.hash : onDisk.last_modified === loaded.last_modified;
    return same ? 'same' : 'changed';
  } catch (error) {
    return (error as { response?: Response }).response?.status === 404 ? 'removed' : 'same';
  }
}
