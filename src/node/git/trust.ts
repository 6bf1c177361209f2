/** Whose repository it is, and whether its settings ask for something we must not or cannot do. */
import { BranchbookError } from '../../core/error';
import type { IFileSystem } from '../../core/port';
import type { Config } from './config';
import type { Location } from './discover';
import { unsupported } from './discover';

/** Users (numbers of the operating system) whose repositories we open; null where there are no such numbers. */
export function trustedUsers(environment: { readonly [name: string]: string | undefined }): ReadonlySet<number> | null {
  const self = process.geteuid?.();
  if (self === undefined) {
    return null;
  }
  const behindSudo = Number(environment['SUDO_UID'] || 'NaN');
  // Root could change everything anyway. Like git, root trusts the user who called sudo.
  return new Set([0, self, ...(self === 0 && Number.isInteger(behindSudo) ? [behindSudo] : [])]);
}

/**
 * PERMISSION_DENIED for a repository of another user, whose settings and files could have been made to harm; as in git,
 * the user's own `safe.directory` settings make exceptions.
 */
export async function checkOwner(
  files: IFileSystem,
  location: Location,
  config: Config,
  trusted: ReadonlySet<number> | null
): Promise<void> {
  if (trusted === null) {
    return;
  }
  for (const path of new Set([location.root, `${location.root}/.git`, location.gitDir, location.commonDir])) {
    const stat = await files.lstat(path);
    if (stat && !trusted.has(stat.uid)) {
      if (isListed(location.root, await config.userValues('safe.directory'), config.home)) {
        return;
      }
      throw new BranchbookError(
        'PERMISSION_DENIED',
        `${path} belongs to another user of this machine (number ${stat.uid}), who could have prepared it to harm you.`,
        { path, owner: stat.uid },
        `If you trust them, run: git config --global --add safe.directory ${JSON.stringify(location.root)}`
      );
    }
  }
}

/** git-config(1), safe.directory: an empty value forgets those before it, `*` means all, `…/*` all below. */
function isListed(root: string, values: readonly string[], home: string | null): boolean {
  const counting = values.slice(values.lastIndexOf('') + 1);
  return counting.some(value => {
    const path = value.startsWith('~/') && home ? `${home}${value.slice(1)}` : value;
    return path === '*' || path === root || (path.endsWith('/*') && `${root}/`.startsWith(path.slice(0, -1)));
  });
}

/** Filters that git would run for us, other than that of assets. */
export async function foreignFilters(config: Config): Promise<ReadonlySet<string>> {
  const names = (await config.entries())
    .filter(entry => entry.value !== '')
    .map(entry => /^filter\.(.+)\.(?:clean|smudge|process)$/.exec(entry.key)?.[1])
    .filter(name => name !== undefined && name !== 'lfs');
  return new Set(names as string[]);
}

/** REPOSITORY_UNSUPPORTED when git stores other line ends than stand in the files. */
export async function refuseLineEnds(config: Config): Promise<void> {
  if (await config.isTrue('core.autocrlf', false)) {
    throw unsupported(
      'git converts the line ends of its files (core.autocrlf), and so they would all look modified',
      'Run “git config core.autocrlf false” in it. Files that then look modified differ in their line ends only.'
    );
  }
}
