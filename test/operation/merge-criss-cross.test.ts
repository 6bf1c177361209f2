import { describe, expect, it } from 'vitest';
import { asset } from './fixture';
import type { Files } from './fixture';
import { openVerbs } from './verbs';
import type { Verbal } from './verbs';

const text = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\n';
const both = text.replace('one', 'ONE').replace('seven', 'SEVEN');
const base: Files = { 'a.txt': text, 'd.bin': asset('old'), 'e.bin': asset('same') };
const oursFirst: Files = { 'a.txt': text.replace('one', 'ONE') };
const theirsFirst: Files = { 'a.txt': text.replace('seven', 'SEVEN'), 'd.bin': asset('new') };

/** `main` and `other`, each merged with the first snapshots of the other: two best common ancestors. On `main`. */
async function crissCross(ours = oursFirst, theirs = theirsFirst, resolve: readonly string[] = []): Promise<Verbal> {
  const verbs = await openVerbs();
  await verbs.snapshot(base);
  await verbs.run('branch', { action: 'create', name: 'other', switch: true });
  await verbs.snapshot(theirs);
  verbs.git('branch', 'other-then');
  await verbs.run('switch', { branch: 'main' });
  await verbs.snapshot(ours);
  verbs.git('branch', 'main-then');
  await verbs.run('merge', { branch: 'other-then', ours: resolve });
  await verbs.run('switch', { branch: 'other' });
  await verbs.run('merge', { branch: 'main-then', ours: resolve });
  await verbs.run('switch', { branch: 'main' });
  expect(verbs.git('merge-base', '--all', 'main', 'other').trim().split('\n')).toHaveLength(2);
  return verbs;
}

describe('merging branches that were merged into each other', () => {
  it.each([
    ['ours', both.replace('ONE', 'one')],
    ['theirs', both.replace('SEVEN', 'seven')]
  ])('keeps what was taken back since, of %s', async (_whose, reverted) => {
    const verbs = await crissCross();
    await verbs.snapshot({ 'a.txt': reverted, 'd.bin': asset('old') });
    await verbs.run('switch', { branch: 'other' });
    await verbs.snapshot({ 'a.txt': both.replace('four', 'FOUR') });
    await verbs.run('switch', { branch: 'main' });
    await verbs.run('merge', { branch: 'other' });
    expect(verbs.read()).toMatchObject({ 'a.txt': reverted.replace('four', 'FOUR'), 'd.bin': asset('old') });
    expect(verbs.git('status', '--porcelain')).toBe('');
  });

  it('leaves to the user what was decided differently before', async () => {
    const verbs = await crissCross({ 'e.bin': asset('ours') }, { 'e.bin': asset('theirs') }, ['.']);
    const before = verbs.read();
    expect(await verbs.fail('merge', { branch: 'other' })).toMatchObject({
      code: 'MERGE_CONFLICT',
      data: { conflicts: [{ path: 'e.bin', asset: true }] }
    });
    expect(verbs.read()).toEqual(before);
    await verbs.run('merge', { branch: 'other', theirs: ['e.bin'] });
    expect(verbs.read()['e.bin']).toBe(asset('theirs'));
    expect(verbs.git('status', '--porcelain')).toBe('');
  });
});
