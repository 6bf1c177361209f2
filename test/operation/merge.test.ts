import { describe, expect, it } from 'vitest';
import { asset, notebook } from './fixture';
import type { Files } from './fixture';
import { openVerbs } from './verbs';
import type { Verbal } from './verbs';

/** `main` with `ours` and `other` with `theirs` on top of `base`; `main` is checked out. */
async function diverge(base: Files, ours: Files, theirs: Files): Promise<Verbal> {
  const verbs = await openVerbs();
  await verbs.snapshot(base, 'base');
  await verbs.run('branch', { action: 'create', name: 'other', switch: true });
  await verbs.snapshot(theirs, 'theirs');
  await verbs.run('switch', { branch: 'main' });
  await verbs.snapshot(ours, 'ours');
  return verbs;
}

const text = 'one\ntwo\nthree\nfour\nfive\n';

describe('merge', () => {
  it('moves a branch forward when nothing happened on it', async () => {
    const verbs = await openVerbs();
    await verbs.snapshot({ 'a.txt': 'a\n' });
    await verbs.run('branch', { action: 'create', name: 'other', switch: true });
    const commit = await verbs.snapshot({ 'b.bin': asset('b'), 'a.txt': null });
    await verbs.run('switch', { branch: 'main' });
    const result = await verbs.run('merge', { branch: 'other' });
    expect(result).toMatchObject({
      kind: 'fast-forward',
      commit,
      branch: 'main',
      added: ['b.bin'],
      removed: ['a.txt']
    });
    expect(verbs.read()['b.bin']).toBe(asset('b'));
    expect(await verbs.run('merge', { branch: 'other' })).toMatchObject({ kind: 'up-to-date', commit });
  });

  it('merges lines, and files that only one side changed', async () => {
    const verbs = await diverge(
      { 'a.txt': text, 'd.bin': asset('old'), 'gone.txt': 'x\n' },
      { 'a.txt': text.replace('one', 'ONE') },
      { 'a.txt': text.replace('five', 'FIVE'), 'd.bin': asset('new'), 'gone.txt': null, 'new.txt': 'new\n' }
    );
    const result = await verbs.run('merge', { branch: 'other' });
    expect(result).toMatchObject({
      kind: 'merge',
      changed: ['a.txt', 'd.bin'],
      added: ['new.txt'],
      removed: ['gone.txt']
    });
    expect(verbs.read()).toMatchObject({
      'a.txt': 'ONE\ntwo\nthree\nfour\nFIVE\n',
      'd.bin': asset('new'),
      'new.txt': 'new\n'
    });
    expect(verbs.git('log', '-1', '--format=%s|%p').trim()).toMatch(
      /^Merge branch 'other' into main\|[0-9a-f]+ [0-9a-f]+$/
    );
    expect(verbs.git('status', '--porcelain')).toBe('');
  });

  it('is taken back by undo', async () => {
    const verbs = await diverge({ 'a.txt': text }, { 'b.txt': 'b\n' }, { 'c.txt': 'c\n' });
    const before = verbs.git('rev-parse', 'HEAD');
    await verbs.run('merge', { branch: 'other' });
    await verbs.run('undo', {});
    expect(verbs.git('rev-parse', 'HEAD')).toBe(before);
    expect(verbs.read()['c.txt']).toBeUndefined();
  });

  it('lists every conflict and changes nothing', async () => {
    const verbs = await diverge(
      {
        'a.txt': text,
        'd.bin': asset('base'),
        'n.ipynb': notebook('1'),
        'm.txt': 'm\n',
        'r.txt': 'r\n',
        'b.dat': 'x\0y'
      },
      {
        'a.txt': 'A\n',
        'd.bin': asset('ours'),
        'n.ipynb': notebook('2'),
        'm.txt': 'M\n',
        'r.txt': null,
        'new.txt': '1\n',
        'b.dat': 'o\0'
      },
      {
        'a.txt': 'B\n',
        'd.bin': asset('theirs'),
        'n.ipynb': notebook('3'),
        'm.txt': null,
        'r.txt': 'R\n',
        'new.txt': '2\n',
        'b.dat': 't\0'
      }
    );
    const [head, files] = [verbs.git('rev-parse', 'HEAD'), verbs.read()];
    const error = await verbs.fail('merge', { branch: 'other' });
    expect(error).toMatchObject({ code: 'MERGE_CONFLICT', exit: 3 });
    expect(
      (error.data['conflicts'] as { path: string; kind: string; asset: boolean }[]).map(
        ({ path, kind, asset: isAsset }) => [path, kind, isAsset]
      )
    ).toEqual([
      ['a.txt', 'both-modified', false],
      ['b.dat', 'both-modified', false],
      ['d.bin', 'both-modified', true],
      ['m.txt', 'modified-removed', false],
      ['n.ipynb', 'both-modified', false],
      ['new.txt', 'both-added', false],
      ['r.txt', 'removed-modified', false]
    ]);
    expect(verbs.git('rev-parse', 'HEAD')).toBe(head);
    expect(verbs.read()).toEqual(files);
  });

  it('refuses to overwrite unsnapshotted work, leaving nothing behind', async () => {
    const verbs = await diverge(
      { 'a.txt': text, 'd.bin': asset('old') },
      { 'a.txt': text.replace('one', 'ONE') },
      { 'a.txt': text.replace('five', 'FIVE'), 'd.bin': asset('new') }
    );
    const objects = (): string => verbs.git('cat-file', '--batch-all-objects', '--batch-check');
    verbs.write({ 'a.txt': 'mine\n' });
    const before = objects();
    const merged = await verbs.fail('merge', { branch: 'other' });
    expect([merged.code, merged.data['paths']]).toMatchObject(['WORK_TREE_DIRTY', [{ path: 'a.txt' }]]);
    verbs.write({ 'a.txt': text.replace('one', 'ONE'), 'd.bin': asset('mine') });
    const taken = await verbs.fail('merge', { branch: 'other' });
    expect([taken.code, taken.data['paths']]).toMatchObject(['WORK_TREE_DIRTY', [{ path: 'd.bin' }]]);
    expect(objects()).toBe(before);
    expect(verbs.read()['d.bin']).toBe(asset('mine'));
  });

  it('takes sides per path, the longer path winning', async () => {
    const verbs = await diverge(
      { 'x/a.txt': 'a\n', 'x/b.txt': 'b\n', 'c.bin': asset('c') },
      { 'x/a.txt': 'ours\n', 'x/b.txt': 'ours\n', 'c.bin': asset('ours') },
      { 'x/a.txt': 'theirs\n', 'x/b.txt': 'theirs\n', 'c.bin': asset('theirs') }
    );
    await verbs.run('merge', { branch: 'other', ours: ['.'], theirs: ['x/a.txt', 'c.bin'] });
    expect(verbs.read()).toMatchObject({ 'x/a.txt': 'theirs\n', 'x/b.txt': 'ours\n', 'c.bin': asset('theirs') });
  });

  it('refuses lines that merge into invalid JSON', async () => {
    const base = '[\n1\n\n\n\n]\n';
    const verbs = await diverge(
      { 'm.json': base },
      { 'm.json': base.replace('1\n', '') },
      { 'm.json': base.replace(']', ',3\n]') }
    );
    const error = await verbs.fail('merge', { branch: 'other' });
    expect(error.data['conflicts']).toMatchObject([
      { path: 'm.json', reason: 'merging the lines gives no valid JSON' }
    ]);
  });

  it('sees a file on one side where the other has a folder', async () => {
    const verbs = await diverge({ 'a.txt': 'a\n' }, { x: 'file\n' }, { 'x/y.txt': 'below\n' });
    const error = await verbs.fail('merge', { branch: 'other' });
    expect(error.data['conflicts']).toMatchObject([{ path: 'x/y.txt', kind: 'file-directory' }]);
    await verbs.run('merge', { branch: 'other', theirs: ['.'] });
    expect(verbs.read()).toMatchObject({ 'x/y.txt': 'below\n' });
    expect(verbs.git('status', '--porcelain')).toBe('');
  });

  it('merges into a branch that is not checked out, leaving files alone', async () => {
    const verbs = await diverge({ 'a.txt': text }, { 'b.txt': 'b\n' }, { 'c.txt': 'c\n' });
    const files = verbs.read();
    const result = await verbs.run('merge', { branch: 'main', into: 'other' });
    expect(verbs.git('rev-parse', 'other').trim()).toBe(result.commit);
    expect(verbs.git('ls-tree', '-r', '--name-only', 'other')).toContain('b.txt');
    expect(verbs.read()).toEqual(files);
    await verbs.run('undo', {});
    expect(verbs.git('log', '-1', '--format=%s', 'other')).toBe('theirs\n');
  });

  it('never overwrites unsnapshotted work', async () => {
    const verbs = await diverge({ 'a.txt': text }, { 'b.txt': 'b\n' }, { 'c.txt': 'c\n' });
    verbs.write({ 'c.txt': 'mine\n' });
    expect(await verbs.fail('merge', { branch: 'other' })).toMatchObject({ code: 'WORK_TREE_DIRTY', exit: 3 });
    expect(verbs.read()['c.txt']).toBe('mine\n');
  });

  it('has typed refusals', async () => {
    const verbs = await openVerbs();
    expect(await verbs.fail('merge', { branch: 'other' })).toMatchObject({ code: 'UNBORN_HEAD' });
    await verbs.snapshot({ 'a.txt': 'a\n' });
    expect(await verbs.fail('merge', { branch: 'nobody' })).toMatchObject({ code: 'REVISION_UNKNOWN' });
    expect(await verbs.fail('merge', { branch: 'main', into: 'nobody' })).toMatchObject({ code: 'BRANCH_UNKNOWN' });
    verbs.git('checkout', '-q', '--detach');
    expect(await verbs.fail('merge', { branch: 'main' })).toMatchObject({ code: 'DETACHED_HEAD' });
  });
});
