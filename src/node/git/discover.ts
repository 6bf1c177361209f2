/** Finding a repository, and refusing what we cannot change safely. */
import { ensureDirectory, writeDurable } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { IFileSystem } from '../../core/port';
import { decodeText } from './bytes';
import { parseConfig } from './config-file';
import { writeInitialConfig } from './config';

export type Location = { readonly root: string; readonly gitDir: string; readonly commonDir: string };

/** REPOSITORY_UNSUPPORTED: what about the repository it is, and what the user can do about it. */
export function unsupported(what: string, hint: string): BranchbookError {
  return new BranchbookError('REPOSITORY_UNSUPPORTED', `This git repository cannot be used: ${what}.`, { what }, hint);
}

function join(base: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${base}/${path}`).split('/')) {
    if (part === '..') {
      parts.pop();
    } else if (part !== '' && part !== '.') {
      parts.push(part);
    }
  }
  return `/${parts.join('/')}`;
}

async function readLine(files: IFileSystem, path: string): Promise<string | null> {
  const bytes = await files.readFile(path);
  return bytes && decodeText(bytes).trimEnd();
}

async function gitDirOf(files: IFileSystem, root: string): Promise<string | null> {
  const path = join(root, '.git');
  const stat = await files.lstat(path);
  if (stat?.kind === 'directory' || (stat?.kind === 'symlink' && (await files.lstat(`${path}/HEAD`)))) {
    return (await files.lstat(`${path}/HEAD`)) ? path : null;
  }
  if (stat?.kind !== 'file') {
    return null;
  }
  const target = /^gitdir: (.+)$/.exec((await readLine(files, path)) ?? '')?.[1];
  if (!target || !(await files.lstat(`${join(root, target)}/HEAD`))) {
    throw new BranchbookError(
      'NOT_A_PROJECT',
      `${path} points to a git directory that does not exist.`,
      { path },
      'Run “git worktree repair”, or clone the project again.'
    );
  }
  return join(root, target);
}

async function isBare(files: IFileSystem, path: string): Promise<boolean> {
  const parts = await Promise.all(['HEAD', 'objects', 'refs'].map(name => files.lstat(`${path}/${name}`)));
  return parts.every(part => part !== null);
}

/**
 * Look upward from `startPath`. The path alone decides: `GIT_DIR` and its like, which git sets for the filters and hooks
 * that it starts, are not asked. NOT_A_PROJECT, or REPOSITORY_UNSUPPORTED with what to do about it.
 */
export async function discover(files: IFileSystem, startPath: string): Promise<Location> {
  for (let root = join('/', startPath); ; root = join(root, '..')) {
    const gitDir = await gitDirOf(files, root);
    if (gitDir) {
      const common = await readLine(files, `${gitDir}/commondir`);
      const location = { root, gitDir, commonDir: common ? join(gitDir, common) : gitDir };
      await checkFormat(files, location);
      return location;
    }
    if (await isBare(files, root)) {
      throw unsupported('it is bare, it has no work tree', 'Clone it, and work in the clone.');
    }
    if (root === '/') {
      throw new BranchbookError(
        'NOT_A_PROJECT',
        `${startPath} is not inside a git repository.`,
        { path: startPath },
        'Run “branchbook init” in the folder of your project.'
      );
    }
  }
}

async function checkFormat(files: IFileSystem, location: Location): Promise<void> {
  const path = `${location.commonDir}/config`;
  const entries = parseConfig(path, (await readLine(files, path)) ?? '');
  const value = (key: string): string | undefined =>
    entries
      .filter(entry => entry.key === key)
      .at(-1)
      ?.value.toLowerCase();
  const linked = location.gitDir !== location.commonDir;
  if (value('core.bare') === 'true' && !linked) {
    throw unsupported('it is bare, it has no work tree', 'Clone it, and work in the clone.');
  }
  if ((value('extensions.objectformat') ?? 'sha1') !== 'sha1') {
    throw unsupported(
      'its objects are named by SHA-256',
      'Create the repository with “git init --object-format=sha1”.'
    );
  }
  if ((value('extensions.refstorage') ?? 'files') !== 'files') {
    throw unsupported('its refs are stored as reftable', 'Run “git refs migrate --ref-format=files”.');
  }
  if (value('extensions.partialclone') !== undefined) {
    throw unsupported('it is a partial clone', 'Clone it without “--filter”.');
  }
  if (value('core.sparsecheckout') === 'true') {
    throw unsupported('only a part of it is checked out', 'Run “git sparse-checkout disable”.');
  }
  const workTree = entries.filter(entry => entry.key === 'core.worktree').at(-1)?.value;
  // Submodules have this setting, and there it says what we have found out anyway.
  if (workTree !== undefined && !linked && join(location.gitDir, workTree) !== location.root) {
    throw unsupported('its files are kept elsewhere (core.worktree)', 'Run “git config --unset core.worktree”.');
  }
  if (Number(value('core.repositoryformatversion') ?? 0) > 1) {
    throw unsupported('its format is newer than version 1', 'Use a newer Branchbook.');
  }
}

/** What `git init -b main` writes, without sample hooks. An existing repository is left as it is. */
export async function writeRepository(files: IFileSystem, root: string): Promise<void> {
  const gitDir = `${root}/.git`;
  const stat = await files.lstat(gitDir);
  // Without HEAD it is one that was not completed.
  if (stat && (stat.kind !== 'directory' || (await files.lstat(`${gitDir}/HEAD`)))) {
    return;
  }
  for (const folder of ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags', 'info']) {
    await ensureDirectory(files, `${gitDir}/${folder}`);
  }
  if (!(await files.lstat(`${gitDir}/config`))) {
    await writeInitialConfig(files, gitDir);
  }
  const exclude = '# Paths that git ignores in this clone only, one pattern per line.\n';
  await writeDurable(files, `${gitDir}/info/exclude`, Buffer.from(exclude));
  // Last: with HEAD it is a repository.
  await writeDurable(files, `${gitDir}/HEAD`, Buffer.from('ref: refs/heads/main\n'));
}
