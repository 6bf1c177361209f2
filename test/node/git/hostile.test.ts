/** Repositories made to harm: names that lead into `.git` or out of the project, damaged files. */
import { execFileSync } from 'node:child_process';
import { writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkRefName } from '../../../src/core/model/ref-name';
import { environment, Sandbox } from './sandbox';

let box: Sandbox;
beforeEach(() => {
  box = new Sandbox();
  box.write('file', 'x');
  box.commit('start');
});
afterEach(() => box.dispose());

function treeWith(name: string | Buffer): string {
  const oid = Buffer.from(box.git('rev-parse', 'HEAD:file'), 'hex');
  const input = Buffer.concat([Buffer.from('100644 '), Buffer.from(name), Buffer.from([0]), oid]);
  const argv = ['hash-object', '-t', 'tree', '-w', '--literally', '--stdin'];
  return execFileSync('git', argv, { cwd: box.root, env: environment, input, encoding: 'utf8' }).trim();
}

describe('hostile trees', () => {
  const names = [
    '.git',
    '.GIT',
    '.Git',
    'git~1',
    'GIT~2',
    '.git.',
    '.git ',
    '.git. .',
    '..',
    '.',
    'a/b',
    'a\\b',
    '.g\u200cit',
    '.git::$INDEX_ALLOCATION',
    ''
  ];
  it.each(names)('with the name %j are refused', async name => {
    const git = await box.open();
    await expect(git.listTree(treeWith(name))).rejects.toMatchObject({ code: 'PATH_UNSAFE' });
    const entry = { mode: '100644' as const, oid: box.git('rev-parse', 'HEAD:file') };
    if (name !== 'a/b') {
      await expect(git.writeTree(null, new Map([[name, entry]]))).rejects.toMatchObject({ code: 'PATH_UNSAFE' });
    }
  });

  it('with a name that is not UTF-8 are refused', async () => {
    await expect((await box.open()).listTree(treeWith(Buffer.from([0xff, 0xfe])))).rejects.toMatchObject({
      code: 'PATH_UNSAFE'
    });
  });

  it.each(['$(touch x)', '-rf', 'a\nb', '\u001b[31m', '<img src=x>', 'con', 'gitx', '.gitignore', 'n\u0303'])(
    'with the harmless name %j are read',
    async name => {
      expect((await (await box.open()).listTree(treeWith(name))).map(entry => entry.path)).toEqual([name]);
    }
  );
});

describe('damaged files', () => {
  it('of the index are told, at every flipped byte', async () => {
    const git = await box.open();
    const path = join(box.root, '.git/index');
    const good = readFileSync(path);
    for (let at = 0; at < good.length - 20; at += 3) {
      const bad = Buffer.from(good);
      bad.writeUInt8(bad.readUInt8(at) ^ 0x41, at);
      writeFileSync(path, bad);
      await expect(git.begin()).rejects.toMatchObject({
        code: expect.stringMatching(/FORMAT_INVALID|REPOSITORY_UNSUPPORTED/) as string
      });
    }
    writeFileSync(path, good);
    await (await git.begin()).rollback();
  });

  it('of a ref are told', async () => {
    box.write('.git/refs/heads/bad', 'not an id\n');
    box.write('.git/refs/heads/loop', 'ref: refs/heads/loop\n');
    box.write('.git/refs/heads/out', 'ref: refs/../../../etc/passwd\n');
    const git = await box.open();
    for (const name of ['bad', 'loop', 'out']) {
      await expect(git.resolve(name)).rejects.toMatchObject({ code: 'REPOSITORY_UNSUPPORTED' });
    }
    expect((await git.refs('refs/heads/')).map(ref => ref.name)).toEqual(['refs/heads/main']);
  });
});

describe('branch names', () => {
  const names = [
    'main',
    'a/b',
    'größe',
    '実験',
    'a.b',
    'x@y',
    'a-b',
    '😀',
    '',
    '-x',
    'a b',
    'a..b',
    'a@{b',
    '.a',
    'a/.b',
    'a.lock',
    'a.lock/b',
    'a/',
    '/a',
    'a//b',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[b',
    'a\\b',
    'a.',
    '@',
    'a\tb',
    'a\x7fb',
    'HEAD'
  ];
  it.each(names)('%j is judged as git does', name => {
    let valid = true;
    try {
      box.git('check-ref-format', '--branch', name);
    } catch {
      valid = false;
    }
    // git accepts "HEAD" and "@" here as names of the current branch.
    expect(checkRefName(name) === null).toBe(valid && name !== '@' && name !== 'HEAD');
  });
});
