/** Packs: those that git makes, with deltas of both kinds, and those that we make. */
import { chmodSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyDelta } from '../../../src/node/git/delta';
import { Sandbox } from './sandbox';

let box: Sandbox;
beforeEach(() => {
  box = new Sandbox();
});
afterEach(() => box.dispose());

const text = (version: number): string =>
  Array.from({ length: 800 }, (_, line) => `line ${line} ${line % 40 === version ? `changed in ${version}` : ''}`).join(
    '\n'
  );

const packFiles = (ending: string): readonly string[] =>
  readdirSync(join(box.root, '.git/objects/pack'))
    .filter(name => name.endsWith(ending))
    .map(name => join(box.root, '.git/objects/pack', name));

/** Thirty versions of one file; the id of each. */
function makeVersions(): readonly string[] {
  return Array.from({ length: 30 }, (_, version) => {
    box.write('notes.txt', text(version));
    box.commit(`version ${version}`);
    return box.git('rev-parse', 'HEAD:notes.txt');
  });
}

describe('reading', () => {
  it.each(['true', 'false'])('resolves chains of deltas, by offset %s', async byOffset => {
    const blobs = makeVersions();
    const git = await box.open();
    box.git('-c', `repack.useDeltaBaseOffset=${byOffset}`, 'repack', '-q', '-a', '-d', '-f', '--depth=50');
    const [index] = packFiles('.idx');
    expect(box.git('verify-pack', '-v', index as string)).toMatch(/chain length = [2-9]/);
    for (const [version, oid] of blobs.entries()) {
      expect(new TextDecoder().decode(await git.readBlob(oid))).toBe(text(version));
    }
    const head = box.git('rev-parse', 'HEAD');
    expect(await git.resolve(head.slice(0, 12))).toBe(head);
  });

  it('goes on when the packs are replaced under it', async () => {
    const blobs = makeVersions();
    const git = await box.open();
    box.git('repack', '-q', '-a', '-d');
    await git.readBlob(blobs[0] as string);
    box.write('other.txt', 'other');
    box.commit('other');
    box.git('repack', '-q', '-a', '-d', '-f');
    expect(new TextDecoder().decode(await git.readBlob(blobs[29] as string))).toBe(text(29));
  });

  it('tells damage from absence', async () => {
    const blobs = makeVersions();
    box.git('repack', '-q', '-a', '-d');
    const [pack] = packFiles('.pack');
    chmodSync(pack as string, 0o644);
    truncateSync(pack as string, 200);
    const git = await box.open();
    await expect(git.readBlob(blobs[3] as string)).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    await expect(git.readBlob('1'.repeat(40))).rejects.toMatchObject({
      code: 'OBJECT_CORRUPT',
      data: { reason: 'missing' }
    });
  });

  it('is not led astray by an index that is garbage', async () => {
    const blobs = makeVersions();
    writeFileSync(join(box.root, '.git/objects/pack/pack-0.idx'), 'garbage');
    const git = await box.open();
    expect(new TextDecoder().decode(await git.readBlob(blobs[3] as string))).toBe(text(3));
  });

  it('refuses deltas that reach beyond their base', () => {
    const base = new TextEncoder().encode('0123456789');
    // Source size 10, result 4: copy 4 bytes from 2; then from 8.
    expect(new TextDecoder().decode(applyDelta(base, Uint8Array.of(10, 4, 0x91, 2, 4)))).toBe('2345');
    expect(() => applyDelta(base, Uint8Array.of(10, 4, 0x91, 8, 4))).toThrow(RangeError);
    expect(() => applyDelta(base, Uint8Array.of(11, 4, 0x91, 2, 4))).toThrow(RangeError);
    expect(() => applyDelta(base, Uint8Array.of(10, 9, 0x91, 2, 4))).toThrow(RangeError);
    expect(() => applyDelta(base, Uint8Array.of(10, 3, 0x91, 2, 4))).toThrow(RangeError);
    expect(() => applyDelta(base, Uint8Array.of(10, 4, 0))).toThrow(RangeError);
  });
});

describe('writing', () => {
  it('makes one pack of many blobs, which git accepts', async () => {
    const git = await box.open();
    const batch = git.beginBlobs();
    const contents = Array.from({ length: 300 }, (_, number) => 'x'.repeat(number * number) + number);
    const oids: string[] = [];
    for (const content of contents) {
      oids.push(await batch.write(new TextEncoder().encode(content)));
    }
    await batch.commit();
    expect(packFiles('.pack')).toHaveLength(1);
    expect(readdirSync(join(box.root, '.git/objects')).filter(name => name.length === 2)).toEqual([]);
    expect(box.git('verify-pack', '-v', packFiles('.idx')[0] as string)).toContain('non delta: 300 objects');
    expect(box.git('fsck', '--full', '--strict', '--no-dangling')).toBe('');
    for (const [number, oid] of oids.entries()) {
      expect(new TextDecoder().decode(await git.readBlob(oid))).toBe(contents[number]);
    }
  });

  it('keeps few loose, and writes nothing twice', async () => {
    const git = await box.open();
    const batch = git.beginBlobs();
    const bytes = new TextEncoder().encode('once');
    const oid = await batch.write(bytes);
    await batch.commit();
    const again = git.beginBlobs();
    expect(await again.write(bytes)).toBe(oid);
    await again.commit();
    expect(packFiles('.pack')).toHaveLength(0);
    expect(box.git('count-objects')).toMatch(/^1 objects/);
    expect(box.git('cat-file', 'blob', oid)).toBe('once');
  });
});
