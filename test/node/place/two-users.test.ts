import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildProgram } from '../../support/program';
import type { Outcome } from '../../support/program';
import { createUnixUsers } from '../../support/unix-users';
import type { UnixUser } from '../../support/unix-users';

function must({ code, stdout, stderr }: Outcome): string {
  expect(code, `${stdout}${stderr}`).toBe(0);
  return stdout;
}

/** Everything below a folder, by its path. */
function below(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [path, ...below(path)] : [path];
  });
}

it('two users of one group push to one folder, and read each other; a third one may not', async () => {
  const { folder, group, users } = createUnixUsers('ada', 'ben', 'eve');
  const [ada, ben, eve] = users as [UnixUser, UnixUser, UnixUser];
  // One lets everybody do everything, the other one nobody anything.
  const masks = { [ada.name]: '000', [ben.name]: '077', [eve.name]: '022' };
  const program = join(folder, 'branchbook.cjs');
  copyFileSync((await buildProgram()).file, program);
  const shared = join(folder, 'shared');
  mkdirSync(shared);
  if (group !== '') {
    execFileSync('chgrp', [group, shared]);
  }
  chmodSync(shared, 0o2770);
  const branchbook = (user: UnixUser, cwd: string, ...args: readonly string[]): Outcome =>
    user.run(
      cwd,
      'sh',
      '-c',
      'umask "$1"; shift; exec "$@"',
      'sh',
      masks[user.name]!,
      process.execPath,
      program,
      ...args
    );
  const write = (user: UnixUser, path: string, text: string): string =>
    must(user.run(user.home, 'sh', '-c', 'printf %s "$1" > "$2"', 'sh', text, path));

  must(branchbook(ada, ada.home, 'namespace', 'create', `${shared}/vision`));
  must(branchbook(ada, ada.home, 'member', 'add', ben.name, 'editor', '--namespace', `${shared}/vision`));

  const hers = join(ada.home, 'iris');
  must(ada.run(ada.home, 'mkdir', hers));
  must(branchbook(ada, hers, 'init', '--name', 'Ada', '--email', 'ada@example.org'));
  must(branchbook(ada, hers, 'track', '*.bin'));
  write(ada, join(hers, 'data.bin'), 'measured by ada\n'.repeat(1000));
  must(branchbook(ada, hers, 'snapshot', '-m', 'data'));
  must(branchbook(ada, hers, 'push', '--to', `${shared}/vision/iris`));

  const his = join(ben.home, 'iris');
  must(branchbook(ben, ben.home, 'clone', `${shared}/vision/iris`, his));
  must(ben.run(his, 'git', 'config', 'user.name', 'Ben'));
  must(ben.run(his, 'git', 'config', 'user.email', 'ben@example.org'));
  expect(readFileSync(join(his, 'data.bin'), 'utf8')).toBe('measured by ada\n'.repeat(1000));
  write(ben, join(his, 'data.bin'), 'measured by ben\n'.repeat(2000));
  must(branchbook(ben, his, 'snapshot', '-m', 'more data'));
  must(branchbook(ben, his, 'push'));

  must(branchbook(ada, hers, 'pull'));
  expect(readFileSync(join(hers, 'data.bin'), 'utf8')).toBe('measured by ben\n'.repeat(2000));
  write(ada, join(hers, 'data.bin'), 'measured by ada again\n');
  must(branchbook(ada, hers, 'snapshot', '-m', 'again'));
  must(branchbook(ada, hers, 'push'));

  // Whoever made it: the group's, and nobody else's.
  const { gid } = statSync(shared);
  const wrong = below(shared).filter(path => {
    const stat = statSync(path);
    const isOpen = stat.isDirectory() ? (stat.mode & 0o2070) === 0o2070 : (stat.mode & 0o040) === 0o040;
    return stat.gid !== gid || !isOpen || (stat.mode & 0o007) !== 0;
  });
  expect(wrong).toEqual([]);

  const clone = branchbook(eve, eve.home, 'clone', `${shared}/vision/iris`, join(eve.home, 'iris'), '--json');
  expect(clone.code).not.toBe(0);
  expect(JSON.parse(clone.stderr)).toMatchObject({
    error: { code: group === '' ? 'NAMESPACE_UNKNOWN' : expect.stringMatching(/PERMISSION_DENIED|PLACE_UNKNOWN/) }
  });
}, 180_000);
