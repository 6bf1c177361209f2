/** git's settings: system, global and repository files, and who the user is. */
import { dirname } from 'node:path';
import { writeDurable } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { Person, Signature } from '../../core/model/git';
import type { IFileSystem } from '../../core/port';
import { decodeText } from './bytes';
import type { ConfigEntry } from './config-file';
import { normalizeKey, parseConfig, withoutSection, withValue } from './config-file';
import type { Locks } from './lock-file';
import { personOfJupyterHub } from './known-person';
import { runGit } from './runner';
import type { Environment } from '../process/environment';

const TRUE = /^(|true|yes|on|[1-9][0-9]*)$/i;

export class Config {
  private readonly _cache = new Map<string, { readonly signature: string; readonly entries: readonly ConfigEntry[] }>();

  constructor(
    private readonly _files: IFileSystem,
    private readonly _gitDir: string,
    private readonly _commonDir: string,
    private readonly _environment: Environment,
    private readonly _locks: Locks
  ) {}

  /** The last value of `key` in the files git reads, weakest first; null when it is not set. */
  async get(key: string): Promise<string | null> {
    const normal = normalizeKey(key);
    return (await this.entries()).filter(entry => entry.key === normal).at(-1)?.value ?? null;
  }

  /** Every setting, weakest first. */
  async entries(): Promise<readonly ConfigEntry[]> {
    return [...(await this._readAll(this._userPaths())), ...(await this._readAll(await this._ownPaths()))];
  }

  /** All values of `key` outside the repository: what the user, not the repository, has decided. */
  async userValues(key: string): Promise<readonly string[]> {
    const normal = normalizeKey(key);
    const entries = await this._readAll(this._userPaths());
    return entries.filter(entry => entry.key === normal).map(entry => entry.value);
  }

  async remotes(): Promise<readonly { readonly name: string; readonly url: string }[]> {
    return (await this.entries()).flatMap(({ key, value }) => {
      const name = /^remote\.(.+)\.url$/.exec(key)?.[1];
      return name === undefined ? [] : [{ name, url: value }];
    });
  }

  /** Home directory of the user, for paths that begin with `~/`. */
  get home(): string | null {
    return this._environment['HOME'] ?? null;
  }

  async isTrue(key: string, standard: boolean): Promise<boolean> {
    const value = await this.get(key);
    return value === null ? standard : TRUE.test(value);
  }

  /** Set a value in the repository's own file, under git's lock, durably. */
  set(key: string, value: string): Promise<void> {
    return this._change((path, text) => withValue(path, text, key, value));
  }

  /** Remove a section (`remote.origin`) of the repository's own file, likewise. */
  remove(section: string): Promise<void> {
    return this._change((path, text) => withoutSection(path, text, section));
  }

  private async _change(change: (path: string, text: string) => string): Promise<void> {
    const path = `${this._commonDir}/config`;
    const lock = await this._locks.acquire(path);
    try {
      const text = decodeText((await this._files.readFile(path)) ?? new Uint8Array());
      await lock.write(Buffer.from(change(path, text)));
      await lock.publish();
      await this._files.syncDirectory(this._commonDir);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  /** Author as git finds it: environment, then settings; else whom JupyterHub names. IDENTITY_MISSING when one half is nowhere. */
  async identity(): Promise<Person> {
    const known = personOfJupyterHub(this._environment);
    const name = this._environment['GIT_AUTHOR_NAME'] || (await this._who('name')) || known?.name;
    const email = this._environment['GIT_AUTHOR_EMAIL'] || (await this._who('email')) || known?.email;
    if (!name || !email) {
      throw new BranchbookError(
        'IDENTITY_MISSING',
        'Snapshots carry your name and email address, and git knows none.',
        {},
        'Tell git who you are: git config --global user.name "Your Name"; git config --global user.email you@example.org'
      );
    }
    return { name, email };
  }

  private async _who(key: 'name' | 'email'): Promise<string | null> {
    return (await this.get(`author.${key}`)) || (await this.get(`user.${key}`)) || this._included(`user.${key}`);
  }

  /** Many keep their identities in files that `includeIf` chooses. We follow no includes; git itself does. */
  private async _included(key: string): Promise<string | null> {
    const run = { files: this._files, cwd: dirname(this._commonDir), command: ['config', '--get'], operands: [key] };
    const value = await runGit({ ...run, environment: this._environment }).catch(() => '');
    return value.trim() || null;
  }

  /** Who reflog lines are by; a project can be switched before an identity is set. */
  async committer(now: Date): Promise<Signature> {
    const known = personOfJupyterHub(this._environment) ?? { name: 'Branchbook', email: 'branchbook@localhost' };
    const name = this._environment['GIT_COMMITTER_NAME'] || (await this.get('user.name')) || known.name;
    const email = this._environment['GIT_COMMITTER_EMAIL'] || (await this.get('user.email')) || known.email;
    return { name, email, time: Math.floor(now.getTime() / 1000), offset: -now.getTimezoneOffset() };
  }

  /** `core.excludesFile`, or where git looks without it. */
  async userFile(key: 'core.excludesFile' | 'core.attributesFile', standard: string): Promise<string | null> {
    const home = this._environment['HOME'];
    const set = await this.get(key);
    if (set) {
      return set.startsWith('~/') ? (home ? `${home}${set.slice(1)}` : null) : set;
    }
    const base = this._environment['XDG_CONFIG_HOME'] || (home ? `${home}/.config` : null);
    return base ? `${base}/git/${standard}` : null;
  }

  /** System and global files. */
  private _userPaths(): readonly string[] {
    const environment = this._environment;
    const home = environment['HOME'];
    const noSystem = TRUE.test(environment['GIT_CONFIG_NOSYSTEM'] ?? 'false');
    const xdg = environment['XDG_CONFIG_HOME'] || (home ? `${home}/.config` : undefined);
    const global = environment['GIT_CONFIG_GLOBAL'];
    const user = global === undefined ? [xdg && `${xdg}/git/config`, home && `${home}/.gitconfig`] : [global];
    const system = noSystem ? undefined : (environment['GIT_CONFIG_SYSTEM'] ?? '/etc/gitconfig');
    return [system, ...user].filter(path => path !== undefined && path !== '') as string[];
  }

  private async _ownPaths(): Promise<readonly string[]> {
    const own = `${this._commonDir}/config`;
    const perWorktree = (await this._read(own)).some(
      entry => entry.key === 'extensions.worktreeconfig' && TRUE.test(entry.value)
    );
    return perWorktree ? [own, `${this._gitDir}/config.worktree`] : [own];
  }

  private async _readAll(paths: readonly string[]): Promise<readonly ConfigEntry[]> {
    return (await Promise.all(paths.map(path => this._read(path)))).flat();
  }

  private async _read(path: string): Promise<readonly ConfigEntry[]> {
    const stat = await this._files.lstat(path);
    const signature = stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` : '';
    const cached = this._cache.get(path);
    // A symbolic link's own signature says nothing about the file behind it.
    if (cached?.signature === signature && stat?.kind !== 'symlink') {
      return cached.entries;
    }
    const bytes = stat && stat.kind !== 'other' ? await this._files.readFile(path) : null;
    const entries = parseConfig(path, decodeText(bytes ?? new Uint8Array()));
    this._cache.set(path, { signature, entries });
    return entries;
  }
}

/** The first configuration file of a new repository, as `git init` writes it. */
export async function writeInitialConfig(files: IFileSystem, gitDir: string): Promise<void> {
  const lines = ['repositoryformatversion = 0', 'filemode = true', 'bare = false', 'logallrefupdates = true'];
  await writeDurable(files, `${gitDir}/config`, Buffer.from(`[core]\n${lines.map(line => `\t${line}\n`).join('')}`));
}
