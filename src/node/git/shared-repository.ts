/** A history in a folder that several users of a group push to: a bare repository, made so that git keeps it theirs. */
import { ensureDirectory, writeDurable } from '../../core/durable';
import type { IFileSystem } from '../../core/port';

/** git makes what it writes later writable for the group, and on the device before a push is acknowledged. */
const config = `[core]
\trepositoryformatversion = 0
\tfilemode = true
\tbare = true
\tsharedRepository = group
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
