/** versions of all branches, new bytes, and where a version is used. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openVerbs } from './verbs';
import type { Verbal } from './verbs';

/** main: one, two. side (from one): three; merged into main. lost: a tag on a removed branch. */
async function project(): Promise<Verbal> {
  const verbs = await openVerbs();
  await verbs.snapshot({ 'd.bin': 'one', 'other.txt': 'x\n' }, 'one');
  await verbs.run('branch', { action: 'create', name: 'side', switch: true });
  await verbs.snapshot({ 'd.bin': 'three' }, 'three');
  verbs.git('tag', '-a', '-m', 'x', 'v3');
  await verbs.run('switch', { branch: 'main' });
  await verbs.snapshot({ 'other.txt': 'y\n' }, 'beside');
  await verbs.run('merge', { branch: 'side' });
  await verbs.run('branch', { action: 'create', name: 'later', switch: true });
  await verbs.snapshot({ 'd.bin': null }, 'gone');
  await verbs.run('switch', { branch: 'main' });
  return verbs;
}

const names = (list: readonly { readonly kind: string; readonly name: string }[] | undefined): string =>
  (list ?? []).map(({ kind, name }) => `${kind} ${name}`).join(', ');

describe('the timeline', () => {
  it('has each version of every branch once, with where it is', async () => {
    const verbs = await project();
    const { versions } = await verbs.run('versions', { path: 'd.bin', all: true });
    expect(versions.map(({ subject, size, containedIn }) => [subject, size, names(containedIn)])).toEqual([
      ['gone', null, 'branch later'],
      ['three', 5, 'branch later, branch main, branch side, tag v3'],
      ['one', 3, 'branch later, branch main, branch side, tag v3']
    ]);
    // git's own opinion of where each is.
    for (const { id, containedIn } of versions) {
      const said = verbs.git('branch', '--format=%(refname:short)', '--contains', id).trim().split('\n');
      expect(containedIn!.filter(({ kind }) => kind === 'branch').map(({ name }) => name)).toEqual(said);
    }
    expect(versions.map(({ current }) => current)).toEqual([false, true, false]);
    expect((await verbs.run('versions', { path: 'd.bin', all: true, limit: 1 })).versions).toHaveLength(1);
    expect(await verbs.fail('versions', { path: 'd.bin', all: true, revision: 'main' })).toMatchObject({
      code: 'USAGE'
    });
    expect(await verbs.fail('versions', { path: 'nothing', all: true })).toMatchObject({ code: 'PATH_UNKNOWN' });
  });

  it('says which branches and tags hold a version now', async () => {
    const verbs = await project();
    const used = async (address: string): Promise<string> => {
      const shown = await verbs.run('show', { address, used: true });
      return shown.kind === 'version' ? names(shown.usedBy) : '';
    };
    expect(await used('d.bin@side')).toBe('branch main, branch side, tag v3');
    expect(await used('d.bin@v3~1')).toBe('');
    expect(await used('other.txt@v3')).toBe('branch side, tag v3');
  });

  it('counts the bytes that each version added', async () => {
    const verbs = await openVerbs();
    const first = randomBytes(600_000);
    const put = async (content: Buffer, message: string): Promise<void> => {
      writeFileSync(join(verbs.root, 'd.bin'), content);
      await verbs.run('snapshot', { message });
    };
    await put(first, 'first');
    await put(Buffer.concat([first, randomBytes(400_000)]), 'longer');
    await put(first, 'back');
    const { versions } = await verbs.run('versions', { path: 'd.bin' });
    const [back, longer, start] = versions.map(({ newBytes }) => newBytes!);
    expect([back, start]).toEqual([0, 600_000]);
    // The last chunk of the shorter file ends elsewhere in the longer one: at most 128 KiB.
    expect(longer).toBeGreaterThanOrEqual(400_000);
    expect(longer).toBeLessThanOrEqual(400_000 + 128 * 1024);
    const cut = await verbs.run('versions', { path: 'd.bin', limit: 2 });
    expect(cut.versions.map(({ newBytes }) => newBytes === null)).toEqual([false, true]);
  });
});
