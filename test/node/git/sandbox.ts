/** Scratch repositories driven by the real git program. */
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
  lstatSync,
  readlinkSync
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { disk } from '../../../src/node/fs/disk';
import { openGit } from '../../../src/node/git/repository';
import type { GitOptions } from '../../../src/node/git/git-options';
import { sha1 } from '../../../src/node/git/bytes';
import type { CleanFilter, IGit } from '../../../src/core/port';

export const environment = {
  PATH: process.env['PATH'],
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
  LC_ALL: 'C.UTF-8'
};

/** Files written before are then old enough for an index to vouch for them. */
export const nextSecond = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 1050 - (Date.now() % 1000)));

export class Sandbox {
  readonly root = realpathSync(mkdtempSync(join(tmpdir(), 'bb-git-')));

  constructor(init = true) {
    if (init) {
      this.git('init', '-q', '-b', 'main');
      this.git('config', 'core.quotePath', 'false');
    }
  }

  git(...argv: string[]): string {
    return execFileSync('git', argv, {
      cwd: this.root,
      env: environment,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe']
    }).trimEnd();
  }

  /** As `git`, at a given committer time in seconds. */
  commit(message: string, time?: number): string {
    const dates = time ? { GIT_AUTHOR_DATE: `${time} +0100`, GIT_COMMITTER_DATE: `${time} +0100` } : {};
    const env = { ...environment, ...dates };
    execFileSync('git', ['add', '-A'], { cwd: this.root, env });
    execFileSync('git', ['commit', '-q', '--allow-empty', '-m', message], { cwd: this.root, env });
    return this.git('rev-parse', 'HEAD');
  }

  write(path: string, content: string | Uint8Array): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  open(options: GitOptions = {}): Promise<IGit> {
    return openGit(this.root, disk, { environment, ...options });
  }

  /** The plain filter: blob of the bytes; counts the files it was asked about in `seen`. */
  clean(seen: string[] = []): CleanFilter {
    return async path => {
      seen.push(path);
      const absolute = join(this.root, path);
      const link = lstatSync(absolute).isSymbolicLink();
      const bytes = link ? Buffer.from(readlinkSync(absolute)) : readFileSync(absolute);
      return sha1(Buffer.from(`blob ${bytes.length}\0`), bytes);
    };
  }

  dispose(): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}
