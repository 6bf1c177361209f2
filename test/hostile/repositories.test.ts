/** T11: settings, refs and object stores that a stranger prepared: nothing is started, nothing is waited for, all is told. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Range } from './range';
import { count } from '../torture/support/budget';

let template: Range;
let range: Range;
beforeAll(async () => {
  template = await Range.create();
});
let tried = 0;
afterEach(() => void (tried += 1));
afterAll(() => {
  template.dispose();
  count('T11', { 'hostile repositories': tried, violations: 0 });
});
beforeEach(() => {
  range = template.copy();
  range.branch(range.tree([{ mode: '100644', name: 'x', oid: range.object('blob', 'evil\n') }]));
});
afterEach(() => range.dispose());

const fine = { status: null, show: null, check: null, merge: null, restore: null, switch: null, back: null };
const told = (code: string): object => Object.fromEntries(Object.keys(fine).map(verb => [verb, code]));

describe('a setting that would start a program is not followed', () => {
  const settings: readonly (readonly [key: string, value?: string])[] = [
    ...['core.fsmonitor', 'core.sshCommand', 'core.pager', 'core.editor', 'core.askPass', 'core.gitProxy'],
    ...['sequence.editor', 'diff.external', 'credential.helper', 'gpg.program', 'gpg.ssh.program', 'pager.status'],
    ...['filter.lfs.clean', 'filter.lfs.smudge', 'filter.lfs.process', 'diff.lfs.textconv', 'diff.lfs.command'],
    ...['merge.lfs.driver', 'mergetool.x.cmd', 'interactive.diffFilter', 'uploadpack.packObjectsHook'],
    ...['remote.origin.uploadpack', 'alias.status', 'core.alternateRefsCommand', 'trailer.x.command']
  ].map(key => [key]);
  it.each([...settings, ['core.hooksPath', '../../bin'], ['include.path', '../../outside/secret']])(
    '%s',
    async (key, value) => {
      range.git('config', key as string, value ?? range.evil);
      expect(await range.shoot()).toEqual(fine);
    }
  );

  it.each(['clean', 'smudge', 'process'])(
    'filter.x.%s, which makes files something that we cannot know',
    async part => {
      range.git('config', `filter.x.${part}`, range.evil);
      expect(await range.shoot()).toEqual(fine);
      range.plant('info/attributes', '* filter=x\n');
      expect(await range.shoot()).toEqual(told('REPOSITORY_UNSUPPORTED'));
    }
  );

  it.each([
    'post-checkout',
    'pre-commit',
    'post-merge',
    'reference-transaction',
    'post-index-change',
    'fsmonitor-watchman'
  ])('the hook %s', async hook => {
    range.plant(`hooks/${hook}`, `#!/bin/sh\necho ran > '${range.base}/mark'\n`);
    expect(await range.shoot()).toEqual(fine);
    expect(existsSync(join(range.base, 'mark'))).toBe(false);
  });
});

describe('a setting that leads elsewhere', () => {
  it('core.worktree is refused', async () => {
    range.git('config', 'core.worktree', '../../outside');
    expect(await range.shoot()).toEqual(told('REPOSITORY_UNSUPPORTED'));
  });

  it.each(['core.excludesFile', 'core.attributesFile'])('%s as a device or a secret does no harm', async key => {
    for (const value of ['/dev/zero', '/dev/stdin', '/etc/passwd', join(range.outside, 'secret')]) {
      range.git('config', key, value);
      const code = (await range.shoot()).status;
      expect([null, 'FILE_UNREADABLE', 'IO']).toContain(code);
    }
  });

  it.each(['[core', '[a]\nb = "', '\0', '[filter "x\n'])('%j, which is no setting, is told', async text => {
    range.plant('config', text);
    expect(new Set(Object.values(await range.shoot()))).toEqual(new Set(['FORMAT_INVALID']));
  });
});

describe('refs', () => {
  it.each([
    'ref: refs/heads/evil',
    'ref: refs/heads/../../../outside/secret',
    'ref: HEAD',
    'not an id',
    '',
    '-x',
    '0'.repeat(40)
  ])('a branch that says %j is told, and does not stand in the way of others', async text => {
    range.plant('refs/heads/evil', `${text}\n`);
    const outcomes = await range.shoot();
    expect(outcomes).toMatchObject({ status: null, back: null });
    expect(outcomes.switch).not.toBe(null);
  });

  it.each(['ref: HEAD', 'ref: refs/heads/../../outside/secret', 'ref: /etc/passwd', 'garbage', ''])(
    'HEAD that says %j is told',
    async text => {
      range.plant('HEAD', `${text}\n`);
      expect((await range.shoot()).status).toMatch(/REPOSITORY_UNSUPPORTED|NOT_A_PROJECT|REVISION_UNKNOWN/);
    }
  );

  it('packed with names that lead outside are left alone', async () => {
    const id = range.git('rev-parse', 'main');
    range.plant(
      'packed-refs',
      `${id} refs/heads/../../../outside/secret\n${id} ../../outside/x\n${id} refs/heads/-rf\n`
    );
    expect(await range.shoot()).toMatchObject({ status: null, switch: null, back: null });
  });

  it('as links to files outside show nothing of them', async () => {
    rmSync(join(range.root, '.git/refs/heads/evil'));
    symlinkSync(join(range.outside, 'secret'), join(range.root, '.git/refs/heads/evil'));
    expect((await range.shoot()).status).toBe(null);
  });
});

describe('files of git that are no files', () => {
  const places = [
    'HEAD',
    'index',
    'packed-refs',
    'config',
    'refs/heads/evil',
    'logs/HEAD',
    'info/exclude',
    'objects/info/alternates'
  ];
  it.each(places)('%s as a pipe keeps nobody waiting', async place => {
    rmSync(join(range.root, '.git', place), { force: true });
    mkdirSync(join(range.root, '.git', place, '..'), { recursive: true });
    execFileSync('mkfifo', [join(range.root, '.git', place)]);
    const outcomes = await range.shoot();
    expect(Object.values(outcomes)).not.toContain('INTERNAL');
  });

  it.each(['index', 'packed-refs', 'refs/heads/evil', 'info/exclude'])(
    '%s as an endless device is told',
    async place => {
      rmSync(join(range.root, '.git', place), { force: true });
      symlinkSync('/dev/zero', join(range.root, '.git', place));
      const outcomes = await range.shoot();
      expect(Object.values(outcomes)).not.toContain('INTERNAL');
      expect(process.memoryUsage().rss).toBeLessThan(1024 * 1024 * 1024);
    }
  );

  it('a pipe in the work tree keeps nobody waiting', async () => {
    execFileSync('mkfifo', [join(range.root, 'x'), join(range.root, 'pipe')]);
    expect((await range.shoot()).status).toBe(null);
  });
});

describe('alternates', () => {
  it.each(['../../../outside', '/etc', '.', '../objects', '/nonexistent', '/dev/zero', '\0', '"../x"'])(
    '%j: objects missing there stay missing',
    async line => {
      range.plant('objects/info/alternates', `${line}\n`);
      expect(await range.shoot()).toEqual(fine);
    }
  );

  it('that name each other in a thousand spellings do not multiply', async () => {
    range.plant('objects/info/alternates', Array.from({ length: 1000 }, (_, n) => `${'./'.repeat(n + 1)}\n`).join(''));
    expect(await range.run('status', {})).toBe(null);
  });
});

describe('commits', () => {
  const cases: { readonly [name: string]: () => string } = {
    'without anything': () => range.object('commit', ''),
    'of a tree that is a file': () => range.commit(range.object('blob', 'x')),
    'of a tree that is missing': () => range.commit('4'.repeat(40)),
    'of a parent that is missing': () => range.commit(range.tree([]), ['5'.repeat(40)]),
    'of a parent that is a tree': () => range.commit(range.tree([]), [range.tree([])]),
    'of a thousand parents': () =>
      range.commit(range.tree([]), new Array<string>(1000).fill(range.git('rev-parse', 'main'))),
    'by nobody': () => range.object('commit', `tree ${range.tree([])}\nauthor\ncommitter\n\nx`),
    'from the end of time': () =>
      range.object(
        'commit',
        `tree ${range.tree([])}\nauthor A <a> 99999999999999999999 +9999\ncommitter A <a> -1 -9999\n\nx`
      ),
    'with escapes in its message': () =>
      range.commit(range.tree([]), undefined, '\u001b]0;evil\u0007<script>evil()</script>'),
    'in an encoding that does not exist': () =>
      range.object(
        'commit',
        `tree ${range.tree([])}\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\nencoding evil\n\nx`
      )
  };
  it.each(Object.keys(cases))('%s do not stand in the way of main', async name => {
    range.plant('refs/heads/evil', `${(cases[name] as () => string)()}\n`);
    expect(await range.shoot()).toMatchObject({ status: null, back: null });
  });
});

describe('bombs', () => {
  /** The variable-length numbers of deltas: seven bits each, least first. */
  function size(value: number): Buffer {
    const bytes: number[] = [];
    for (let rest = value; bytes.length === 0 || rest > 0; rest = Math.floor(rest / 128)) {
      bytes.push((rest % 128) + (rest >= 128 ? 128 : 0));
    }
    return Buffer.from(bytes);
  }

  /** A pack of one delta that claims to make `result` bytes out of itself or of a blob that is not there. */
  function plantDelta(base: string, result: number): string {
    const copies = Buffer.concat(new Array<Buffer>(50_000).fill(Buffer.from([0xb0, 0xff, 0xff])));
    const delta = Buffer.concat([size(65_535), size(result), copies]);
    const length = delta.length;
    const header: number[] = [(7 << 4) | (length & 15) | 0x80];
    for (let rest = length >> 4; rest > 0; rest >>= 7) {
      header.push((rest & 127) | (rest > 127 ? 128 : 0));
    }
    const entry = Buffer.concat([Buffer.from(header), Buffer.from(base, 'hex'), deflateSync(delta)]);
    const head = Buffer.alloc(12);
    head.write('PACK');
    head.writeUInt32BE(2, 4);
    head.writeUInt32BE(1, 8);
    const body = Buffer.concat([head, entry]);
    const sum = createHash('sha1').update(body).digest();
    const oid = 'ab'.repeat(20);
    const fan = Buffer.alloc(1024);
    for (let byte = 0xab; byte < 256; byte += 1) {
      fan.writeUInt32BE(1, byte * 4);
    }
    const tail = Buffer.alloc(8);
    tail.writeUInt32BE(crc32(entry), 0);
    tail.writeUInt32BE(12, 4);
    const index = Buffer.concat([Buffer.from('ff744f6300000002', 'hex'), fan, Buffer.from(oid, 'hex'), tail, sum]);
    const name = `objects/pack/pack-${sum.toString('hex')}`;
    range.plant(`${name}.pack`, Buffer.concat([body, sum]));
    range.plant(`${name}.idx`, Buffer.concat([index, createHash('sha1').update(index).digest()]));
    return oid;
  }

  it('a delta that makes terabytes is told', async () => {
    const base = range.object('blob', Buffer.alloc(65_535));
    const oid = plantDelta(base, 2 ** 42);
    range.branch(range.tree([{ mode: '100644', name: 'x', oid }]));
    expect(await range.shoot()).toMatchObject({ status: null, switch: 'OBJECT_CORRUPT', back: null });
    expect(process.memoryUsage().rss).toBeLessThan(1024 * 1024 * 1024);
  });

  it('a delta of itself is told', async () => {
    const oid = plantDelta('ab'.repeat(20), 100);
    range.branch(range.tree([{ mode: '100644', name: 'x', oid }]));
    expect(await range.shoot()).toMatchObject({ status: null, switch: 'OBJECT_CORRUPT', back: null });
  });

  it('a tree of twenty thousand files comes and goes', async () => {
    const oid = range.object('blob', 'x');
    const items = Array.from({ length: 20_000 }, (_, n) => ({
      mode: '100644',
      name: `f${String(n).padStart(6, '0')}`,
      oid
    }));
    range.branch(range.tree(items));
    expect(await range.run('show', { address: 'evil' })).toBe(null);
    expect(await range.run('merge', { branch: 'evil', into: 'target' })).toBe(null);
  });
});

describe('what check and its repair are led to', () => {
  it.each([
    'ext::sh -c "touch mark"',
    'ssh://-oProxyCommand=evil/x',
    'file:///dev/zero',
    '/proc/self',
    '../outside',
    'file:///%00/%ff',
    '--upload-pack=evil',
    '../outside/fifo'
  ])('the remote %s: nothing is started, awaited or written', async url => {
    execFileSync('mkfifo', [join(range.outside, 'fifo')]);
    range.git('config', 'remote.origin.url', url);
    const before = range.fingerprint();
    expect(await range.run('check', { repair: true })).toBe(null);
    expect(range.fingerprint()).toEqual(before);
  });

  it('a work tree that is another repository: it is left alone', async () => {
    const other = join(range.outside, 'repository');
    execFileSync('git', ['init', '-q', other]);
    mkdirSync(join(range.root, '.git/worktrees/evil'), { recursive: true });
    range.plant('worktrees/evil/gitdir', `${other}/.git\n`);
    range.plant('worktrees/evil/HEAD', 'ref: refs/heads/main\n');
    const before = range.fingerprint();
    expect(await range.run('check', {})).toBe(null);
    expect(await range.run('check', { repair: true })).toBe(null);
    expect(range.fingerprint()).toEqual(before);
  });
});

describe('the owner', () => {
  const isRoot = process.geteuid?.() === 0;
  it.runIf(isRoot)('is asked for: the repository of a stranger is refused until the user lists it', async () => {
    chownSync(join(range.root, '.git'), 54_321, 54_321);
    expect(await range.shoot()).toEqual(told('PERMISSION_DENIED'));
    range.plant('config', `[safe]\n\tdirectory = *\n[core]\n\trepositoryformatversion = 0\n`);
    expect(await range.run('status', {})).toBe('PERMISSION_DENIED');
    const global = (...values: readonly string[]): void =>
      values.forEach(value =>
        execFileSync(
          '/usr/bin/env',
          ['git', 'config', '--file', join(range.base, 'home/.gitconfig'), '--add', 'safe.directory', value],
          { env: { PATH: '/usr/local/bin:/usr/bin:/bin' } }
        )
      );
    global('/elsewhere', `${range.base}x/*`);
    expect(await range.run('status', {})).toBe('PERMISSION_DENIED');
    global(range.root);
    expect(await range.run('status', {})).toBe(null);
    global('');
    expect(await range.run('status', {})).toBe('PERMISSION_DENIED');
    global(`${range.base}/*`);
    expect(await range.run('status', {})).toBe(null);
    expect(readdirSync(range.outside)).toEqual(['secret']);
  });
});
