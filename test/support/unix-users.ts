import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { environment } from './program';
import type { Outcome } from './program';

export type UnixUser = {
  readonly name: string;
  readonly home: string;
  /** Run a program as this user. */
  run(cwd: string, program: string, ...argv: readonly string[]): Outcome;
};

export type UnixUsers = {
  /** Readable for all of them. */
  readonly folder: string;
  readonly group: string;
  readonly users: readonly UnixUser[];
};

function userAt(folder: string, name: string, group: string, isReal: boolean): UnixUser {
  const home = join(folder, name);
  mkdirSync(home, { mode: 0o700 });
  if (isReal) {
    execFileSync('useradd', ['--no-create-home', '--home-dir', home, '--gid', group, '--shell', '/bin/false', name]);
    afterAll(() => void spawnSync('userdel', [name]));
    const id = (flag: string): number => Number(execFileSync('id', [flag, name], { encoding: 'utf8' }));
    chownSync(home, id('-u'), id('-g'));
  }
  const become = isReal ? ['setpriv', `--reuid=${name}`, `--regid=${group}`, '--init-groups'] : ['env'];
  // Who may not make users is each of them in turn.
  const env = { ...environment, HOME: home, XDG_CONFIG_HOME: '', XDG_CACHE_HOME: '', JUPYTERHUB_USER: name };
  return {
    name,
    home,
    run: (cwd, program, ...argv) => {
      const [first, ...rest] = [...become, program, ...argv] as [string, ...string[]];
      const { status, stdout, stderr } = spawnSync(first, rest, { cwd, env, encoding: 'utf8' });
      return { code: status ?? -1, stdout, stderr };
    }
  };
}

/**
 * Users of this machine, all of one group but the last, who is in a group of their own. Where this process may not make
 * users, the same user stands for all of them. Gone after the test file.
 */
export function createUnixUsers(...names: readonly string[]): UnixUsers {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'branchbook-users-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const isReal = process.getuid?.() === 0;
  const tag = `bb${process.pid}`;
  const groups = [`${tag}team`, `${tag}else`] as const;
  if (isReal) {
    execFileSync('chmod', ['755', folder]);
    for (const group of groups) {
      execFileSync('groupadd', [group]);
      afterAll(() => void spawnSync('groupdel', [group]));
    }
  }
  const users = names.map((name, index) =>
    userAt(folder, `${tag}${name}`, index === names.length - 1 ? groups[1] : groups[0], isReal)
  );
  return { folder, group: isReal ? groups[0] : '', users };
}
