/**
 * A git directory for one conversation with a remote: it borrows the project's objects and knows its refs, but has no
 * configuration, hooks or attributes. So whoever prepared the project's own configuration can lead git nowhere (addresses,
 * proxies, credential helpers, ssh commands); what the user and the system have set counts.
 */
import { randomBytes } from 'node:crypto';
import { ensureDirectory, listNames, removeTree, writeDurable } from '../../../core/durable';
import type { ObjectId } from '../../../core/model/git';
import type { IFileSystem } from '../../../core/port';
import type { Environment } from '../../process/environment';

/** What is borrowed from. */
export type Lender = {
  readonly files: IFileSystem;
  readonly commonDir: string;
  /** Every ref, by full name, with what it holds. */
  readonly refs: () => Promise<ReadonlyMap<string, ObjectId>>;
};

export type NeutralDirectory = { readonly path: string; readonly variables: Environment };

/** What a killed process left is removed after this long, in milliseconds. */
const LEFTOVER_AGE = 24 * 60 * 60 * 1000;

/** The directory is gone when `work` has ended. */
export async function inNeutralDirectory<T>(
  lender: Lender,
  work: (directory: NeutralDirectory) => Promise<T>
): Promise<T> {
  const { files, commonDir } = lender;
  const folder = `${commonDir}/branchbook/transport`;
  await clearLeftovers(files, folder);
  const path = `${folder}/${randomBytes(8).toString('hex')}`;
  await ensureDirectory(files, `${path}/refs`);
  await ensureDirectory(files, `${path}/objects`);
  try {
    const write = (name: string, text: string): Promise<unknown> =>
      writeDurable(files, `${path}/${name}`, Buffer.from(text));
    await write('config', '[core]\n\trepositoryformatversion = 0\n\tbare = true\n');
    await write('HEAD', 'ref: refs/heads/none\n');
    await write('packed-refs', packedRefs(await lender.refs()));
    const variables = {
      GIT_DIR: path,
      GIT_OBJECT_DIRECTORY: `${commonDir}/objects`,
      GIT_SHALLOW_FILE: `${commonDir}/shallow`
    };
    return await work({ path, variables });
  } finally {
    await removeTree(files, path).catch(() => undefined);
  }
}

/** git reads it in the order of bytes. */
function packedRefs(refs: ReadonlyMap<string, ObjectId>): string {
  const names = [...refs.keys()].map(name => Buffer.from(name)).sort(Buffer.compare);
  const lines = names.map(name => `${refs.get(name.toString())} ${name.toString()}\n`);
  return `# pack-refs with: sorted \n${lines.join('')}`;
}

async function clearLeftovers(files: IFileSystem, folder: string): Promise<void> {
  for (const name of await listNames(files, folder)) {
    const stat = await files.lstat(`${folder}/${name}`);
    if (stat && Date.now() - Number(stat.mtimeNs / 1_000_000n) > LEFTOVER_AGE) {
      await removeTree(files, `${folder}/${name}`).catch(() => undefined);
    }
  }
}
