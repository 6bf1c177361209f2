import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BranchbookError } from '../../../src/core/error';
import { decodeShard, encodeShard } from '../../../src/core/format/shard';

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter(bytes => bytes.some(byte => byte !== 0xff));
const u32 = fc.integer({ min: 0, max: 100_000 });
const term = fc.record({ xorb: hash, bytes: u32, start: u32, end: u32 });
const file = fc
  .record({ fileHash: hash, sha256: hash, terms: fc.array(term, { maxLength: 4 }) })
  .map(content => ({ ...content, verification: content.terms.map(({ xorb }) => xorb) }));
const chunk = fc.record({ hash, length: fc.integer({ min: 1, max: 131_072 }) });
const xorb = fc.record({ hash, storedBytes: u32, chunks: fc.array(chunk, { maxLength: 5 }) });
const content = fc.record({ files: fc.array(file, { maxLength: 5 }), xorbs: fc.array(xorb, { maxLength: 5 }) });

const order = (bytes: Uint8Array): string => Buffer.from(bytes).swap64().toString('hex');
const footer = (bytes: Uint8Array, at: number): number =>
  Number(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).readBigUInt64LE(bytes.length - 200 + at));

describe('shard', () => {
  it('comes back from its bytes, sorted by hash', () => {
    fc.assert(
      fc.property(content, ({ files, xorbs }) => {
        const decoded = decodeShard(encodeShard({ files, xorbs }, 1_700_000_000));
        const sorted = <T>(items: readonly T[], key: (item: T) => string): T[] =>
          [...items].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
        expect(decoded.files).toEqual(
          sorted(files, item => order(item.fileHash)).map(({ fileHash, sha256, terms }) => ({
            fileHash,
            sha256,
            terms
          }))
        );
        const lists = decoded.xorbs.map(({ hash: name, storedBytes, chunks }) => ({
          hash: name,
          storedBytes,
          chunks: Array.from({ length: chunks.count }, (_, i) => ({ hash: chunks.hash(i), length: chunks.length(i) }))
        }));
        expect(lists).toEqual(sorted(xorbs, item => order(item.hash)));
      })
    );
  });

  it('has the layout of the specification', () => {
    const name = new Uint8Array(32).fill(7);
    const chunks = [
      { hash: name, length: 10 },
      { hash: name, length: 20 }
    ];
    const terms = [{ xorb: name, bytes: 30, start: 0, end: 2 }];
    const shard = encodeShard(
      {
        files: [{ fileHash: name, sha256: name, terms, verification: [name] }],
        xorbs: [{ hash: name, storedBytes: 46, chunks }]
      },
      1_700_000_000
    );
    const fileInfo = 48;
    const casInfo = fileInfo + 48 * 5; // header, term, verification, metadata, bookend
    const lookups = casInfo + 48 * 4; // header, two chunks, bookend
    expect(Buffer.from(shard.subarray(0, 14)).toString()).toBe('HFRepoMetaData');
    expect([footer(shard, 0), footer(shard, 8), footer(shard, 16)]).toEqual([1, fileInfo, casInfo]);
    expect([24, 32, 40, 48, 56, 64].map(at => footer(shard, at))).toEqual([
      ...[lookups, 1],
      ...[lookups + 12, 1],
      ...[lookups + 24, 2]
    ]);
    expect(footer(shard, 104)).toBe(1_700_000_000);
    expect([168, 176, 184].map(at => footer(shard, at))).toEqual([46, 30, 30]);
    expect(footer(shard, 192)).toBe(shard.length - 200);
    expect(decodeShard(shard).xorbs[0]!.offset).toBe(casInfo + 48);
    expect(decodeShard(shard).xorbs[0]!.chunks.start(1)).toBe(10);
  });

  it('may lack its footer, as in transfer', () => {
    const shard = encodeShard({ files: [], xorbs: [] }, 0);
    expect(decodeShard(shard.subarray(0, shard.length - 200))).toEqual({ files: [], xorbs: [], created: 0 });
  });

  it('that is cut off or damaged gives an error or other values, never a crash', () => {
    fc.assert(
      fc.property(content, fc.nat(), fc.nat({ max: 255 }), (value, at, byte) => {
        const shard = encodeShard(value, 0);
        shard[at % shard.length] = byte;
        for (const bytes of [shard, shard.subarray(0, at % shard.length)]) {
          try {
            decodeShard(bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(BranchbookError);
          }
        }
      })
    );
  });

  it('of a newer version is refused as such', () => {
    const shard = encodeShard({ files: [], xorbs: [] }, 0);
    shard[32] = 3;
    expect(() => decodeShard(shard)).toThrow(expect.objectContaining({ code: 'FORMAT_TOO_NEW' }));
  });
});
