/** The index in memory is bytes that are patched: whatever is changed, git must read what an index made anew would say. */
import { readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { unknownStat } from '../../../src/node/git/index-entry';
import type { RawIndexEntry } from '../../../src/node/git/index-entry';
import { decodeIndex, IndexFile } from '../../../src/node/git/index-file';
import { Sandbox } from './sandbox';

const never = (): boolean => false;

function entryOf(path: string, seed: number): RawIndexEntry {
  return {
    path,
    mode: seed % 3 === 0 ? '100755' : '100644',
    oid: seed.toString(16).padStart(40, '1'),
    stage: 0,
    stat: { ...unknownStat, mtimeSeconds: seed, size: seed + 1 },
    assumeValid: false,
    skipWorktree: seed % 5 === 0,
    intentToAdd: false
  };
}

const changes = fc.uniqueArray(
  fc.tuple(
    fc.constantFrom('a', 'a-b', 'a.c', 'b/x', 'b/y', 'b0', 'é', 'z/\u{1f600}', 'z/～'),
    fc.nat(1000),
    fc.boolean()
  ),
  { selector: ([path]) => path }
);

describe('an index', () => {
  it('is, after any changes, what one made anew would be', () => {
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 5 }), rounds => {
        const model = new Map<string, RawIndexEntry>();
        let index = IndexFile.empty;
        for (const round of rounds) {
          const edits = new Map(round.map(([path, seed, kept]) => [path, kept ? entryOf(path, seed) : null]));
          edits.forEach((entry, path) => (entry ? model.set(path, entry) : model.delete(path)));
          index = decodeIndex(index.with(edits, never).encode());
        }
        const anew = IndexFile.empty.with(model, never);
        expect(index.encode().equals(anew.encode())).toBe(true);
        index.paths.forEach((path, position) => expect(index.entry(position)).toEqual(model.get(path)));
        model.forEach((entry, path) => expect(index.entriesAt(path)).toEqual([entry]));
      })
    );
  });

  it('says nothing of files whose entries are racy when it is written again, and keeps the others', () => {
    const both = new Map([1, 2].map(seed => [`file-${seed}`, entryOf(`file-${seed}`, seed)] as const));
    const index = IndexFile.empty.with(both, never).with(new Map(), seconds => seconds >= 2);
    expect(index.entry(0)).toEqual(both.get('file-1'));
    expect(index.entry(1)).toEqual({ ...both.get('file-2'), stat: unknownStat });
  });

  it.each([2, 3, 4])('of version %d is read as git reads it, and git reads what is written', version => {
    const box = new Sandbox();
    for (const path of ['a.txt', 'a/deep/file.txt', 'a/deep/other.txt', 'b']) {
      box.write(path, path);
    }
    box.git('add', '.');
    if (version === 3) {
      box.git('update-index', '--skip-worktree', 'b');
    }
    box.git('update-index', '--index-version', String(version));
    const file = `${box.root}/.git/index`;
    const listed = box.git('ls-files', '--stage');
    const index = decodeIndex(readFileSync(file));
    expect(index.paths.join('\n')).toBe(box.git('ls-files'));
    writeFileSync(file, index.encode());
    expect(box.git('ls-files', '--stage')).toBe(listed);
    expect(box.git('status', '--porcelain')).not.toContain('??');
    box.dispose();
  });

  it('with paths out of order is damaged', () => {
    const bytes = IndexFile.empty.with(new Map(['a', 'b'].map(path => [path, entryOf(path, 1)])), never).encode();
    const swapped = Buffer.from(bytes);
    swapped.write('c', bytes.indexOf('a\0'), 'latin1');
    swapped.fill(0, bytes.length - 20);
    expect(() => decodeIndex(swapped)).toThrow(/out of order/);
  });
});
