/** A history in a folder that several users of a group push to: a bare repository, made so that git keeps it theirs. */
import { ensureDirectory, writeDurable } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { DirectoryEntry, IFileSystem } from '../../core/port';

/**
 * git makes what it writes later the group's and nobody else's, whatever the umask, and has it on the device before a push is
 * acknowledged.
 */
const config = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tsharedRepository = 0660
\tfsync = committed,reference
[receive]
\tfsckObjects = true
\tdenyNonFastForwards = true
`;

/**
 * Make the repository unless it is there. `files` says who may use what is made. Several may do this at the same time: each
 * file appears whole, HEAD last.
 */
export async function ensureSharedRepository(files: IFileSystem, path: string): Promise<void> {
  if (await files.lstat(`${path}/HEAD`)) {
    return;
  }
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags', 'info']) {
    await ensureDirectory(files, `${path}/${folder}`);
  }
  await writeDurable(files, `${path}/config`, Buffer.from(config));
  await writeDurable(files, `${path}/HEAD`, Buffer.from('ref: refs/heads/main\n'));
}

/** Folders of a repository in which git writes by names that it has, and those below. */
const WRITTEN = ['', 'objects', 'objects/info', 'objects/pack'];
const WRITTEN_DEEP = ['refs', 'logs'];

/**
 * git follows symbolic links. Whoever of the group puts one there would make others write elsewhere, with their own rights.
 * PATH_UNSAFE.
 */
export async function refuseLinks(files: IFileSystem, path: string): Promise<void> {
  requireNoLink(path, (await files.lstat(path))?.kind);
  for (const folder of WRITTEN) {
    await refuseLinksIn(files, `${path}/${folder}`.replace(/\/$/, ''), false);
  }
  for (const folder of WRITTEN_DEEP) {
    await refuseLinksIn(files, `${path}/${folder}`, true);
  }
}

async function refuseLinksIn(files: IFileSystem, folder: string, deep: boolean): Promise<void> {
  if ((await files.lstat(folder))?.kind !== 'directory') {
    return;
  }
  for (const { name, kind } of await files.readdir(folder)) {
    requireNoLink(`${folder}/${name}`, kind);
    if (deep && kind === 'directory') {
      await refuseLinksIn(files, `${folder}/${name}`, true);
    }
  }
}

function requireNoLink(path: string, kind: DirectoryEntry['kind'] | undefined): void {
  if (kind === 'symlink') {
    throw new BranchbookError(
      'PATH_UNSAFE',
      `${path} is a symbolic link, which may lead out of the shared folder.`,
      { path, reason: 'symlink' },
      'Somebody of the group put it there. Replace it by what it leads to.'
    );
  }
}
