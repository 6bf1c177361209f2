/** T17: every decoder, fed with bytes that are almost right: a typed error or an answer within bounds, never anything else. */
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { MAX_CHUNK } from '../../src/core/chunk/chunker';
import { encodeSealed, readSealed } from '../../src/core/durable';
import { BranchbookError } from '../../src/core/error';
import type { ErrorCode } from '../../src/core/error';
import { encodePackets, PacketReader } from '../../src/core/format/pkt-line';
import { decodePointer, encodePointer } from '../../src/core/format/pointer';
import { decodeShard, SHARD_ENTRY_BYTES } from '../../src/core/format/shard';
import { CHUNK_HEADER_BYTES, decodeChunk, decodeChunkHeader } from '../../src/core/format/xorb';
import { addressReadings, formatAddress, parseAddress } from '../../src/core/model/address';
import { encodeMessage, factsOf, provenanceOf, subjectOf, textOf } from '../../src/core/model/trailer';
import { MemoryFileSystem } from '../../src/node/memory/memory-file-system';
import { applyDelta } from '../../src/node/git/delta';
import { decodeIndex } from '../../src/node/git/index-file';
import { decodeCommit, decodeTagTarget, decodeTree, encodeCommit, encodeTree } from '../../src/node/git/object-codec';
import { ObjectDatabase } from '../../src/node/git/objects';
import { serializeChunk } from '../support/compressed-xorb';
import { splitmix64 } from '../support/random-bytes';
import { almost, runs, TIMEOUT } from './mutation';

vi.setConfig({ testTimeout: TIMEOUT });

const golden = resolve(__dirname, '../fixture/golden-v1/git');
const corpus = (name: string): Buffer => readFileSync(join(__dirname, 'corpus', name));
const below = (folder: string): readonly Buffer[] =>
  readdirSync(join(golden, folder), { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => readFileSync(join(entry.parentPath, entry.name)));
const text = (string: string): Buffer => Buffer.from(string);
const oid = '0'.repeat(40);

/** What `work` answers; null when it fails as it may. */
function typed<T>(codes: readonly ErrorCode[], work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (error instanceof BranchbookError && codes.includes(error.code)) {
      return null;
    }
    throw error;
  }
}

/** `bytes` may be anything near `examples`. */
function fuzz(count: number, examples: readonly Uint8Array[], check: (bytes: Buffer) => void): void {
  fc.assert(fc.property(almost(examples), check), runs(count));
}

async function fuzzLater(
  count: number,
  examples: readonly Uint8Array[],
  check: (bytes: Buffer) => Promise<void>
): Promise<void> {
  await fc.assert(fc.asyncProperty(almost(examples), check), runs(count));
}

describe('pointer', () => {
  const examples = [
    encodePointer({ sha256: 'ab'.repeat(32), size: 12_345 }),
    text(
      `version https://git-lfs.github.com/spec/v1\next-0-x sha256:${'1'.repeat(64)}\noid sha256:${'a'.repeat(64)}\nsize 0\n`
    )
  ];
  it('is a pointer or content', () =>
    fuzz(3000, examples, bytes => {
      const pointer = decodePointer(bytes);
      expect(pointer === null || (Number.isSafeInteger(pointer.size) && /^[0-9a-f]{64}$/.test(pointer.sha256))).toBe(
        true
      );
    }));
  it('survives the round trip', () =>
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        fc.integer({ min: 1, max: 2 ** 50 }),
        (hash, size) => {
          const pointer = { sha256: Buffer.from(hash).toString('hex'), size };
          expect(decodePointer(encodePointer(pointer))).toEqual(pointer);
        }
      ),
      runs(300)
    ));
});

describe('shard', () => {
  it('answers with no more than it holds', () =>
    fuzz(3000, below('branchbook/shards'), bytes => {
      const shard = typed(['FORMAT_INVALID', 'FORMAT_TOO_NEW'], () => decodeShard(bytes));
      const entries = shard && [...shard.files.flatMap(file => file.terms), ...shard.xorbs];
      expect((entries?.length ?? 0) * SHARD_ENTRY_BYTES).toBeLessThanOrEqual(bytes.length);
    }));
});

describe('xorb', () => {
  const compressible = Buffer.from('abcdabcdefgh'.repeat(800));
  const examples = [
    ...([0, 1, 2] as const).map(scheme => Buffer.from(serializeChunk(compressible, scheme))),
    Buffer.from(serializeChunk(splitmix64(5, 3000), 1))
  ];
  it('chunks unpack to what their header says, or not at all', () =>
    fuzz(4000, examples, bytes => {
      const length = typed(['FORMAT_INVALID', 'FORMAT_TOO_NEW'], () => {
        const header = decodeChunkHeader(bytes, 0);
        const chunk = decodeChunk(header, bytes.subarray(CHUNK_HEADER_BYTES, CHUNK_HEADER_BYTES + header.stored));
        // Raw chunks end where the bytes end; their hash tells.
        expect(header.scheme === 0 || chunk.length === header.length).toBe(true);
        return chunk.length;
      });
      expect(length ?? 0).toBeLessThanOrEqual(MAX_CHUNK);
    }));
  it('chunks survive the round trip', () =>
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 2000 }), fc.constantFrom(0, 1, 2), (bytes, scheme) => {
        const stored = serializeChunk(bytes, scheme as 0 | 1 | 2);
        const chunk = decodeChunk(decodeChunkHeader(stored, 0), stored.subarray(CHUNK_HEADER_BYTES));
        expect(Buffer.compare(chunk, bytes)).toBe(0);
      }),
      runs(300)
    ));
});

describe('index', () => {
  /** Without a checksum git and we take it as it is: what follows is looked at. */
  const unchecked = (bytes: Buffer): Buffer => Buffer.concat([bytes.subarray(0, -20), Buffer.alloc(20)]);
  it('is read within its bytes, and comes out as it went in', () =>
    fuzz(3000, [corpus('index'), corpus('index-v4')], bytes => {
      typed(['FORMAT_INVALID', 'REPOSITORY_UNSUPPORTED', 'PATH_UNSAFE'], () => {
        const index = decodeIndex(bytes.length > 20 ? unchecked(bytes) : bytes);
        const entries = index.paths.map((_, position) => index.entry(position));
        expect(entries.length * 62).toBeLessThanOrEqual(64 * bytes.length);
        const again = decodeIndex(index.encode());
        expect(again.paths).toEqual(index.paths);
      });
    }));
});

describe('pack', () => {
  const [pack, idx] = [corpus('small.pack'), corpus('small.idx')];
  const ids = Array.from({ length: 10 }, (_, i) =>
    idx.subarray(8 + 1024 + 20 * i, 8 + 1024 + 20 * (i + 1)).toString('hex')
  );

  async function readAll(packBytes: Buffer, indexBytes: Buffer): Promise<number> {
    const files = new MemoryFileSystem();
    for (const folder of ['/git', '/git/objects', '/git/objects/pack']) {
      await files.mkdir(folder);
    }
    for (const [name, bytes] of [[`pack-${oid}.pack`, packBytes] as const, [`pack-${oid}.idx`, indexBytes] as const]) {
      const handle = await files.open(`/git/objects/pack/${name}`, 'create');
      await handle.write(bytes, 0);
      await handle.close();
    }
    const objects = await ObjectDatabase.open(files, '/git');
    let whole = 0;
    for (const id of ids) {
      const object = await objects.read(id).catch((error: unknown) => {
        expect(error).toMatchObject({ name: 'BranchbookError', code: 'OBJECT_CORRUPT' });
        return null;
      });
      if (object) {
        const header = Buffer.from(`${object.type} ${object.content.length}\0`);
        expect(createHash('sha1').update(header).update(object.content).digest('hex')).toBe(id);
        whole += 1;
      }
    }
    return whole;
  }

  it('is whole as it is', async () => expect(await readAll(pack, idx)).toBe(ids.length));
  it('gives right objects or says that they are damaged', () =>
    fuzzLater(250, [pack], async bytes => void (await readAll(bytes, idx))));
  it('with a damaged index does so too', () => fuzzLater(250, [idx], async bytes => void (await readAll(pack, bytes))));
});

describe('delta', () => {
  const base = Buffer.from('the quick brown fox jumps over the lazy dog');
  const deltas = [
    Buffer.from([base.length, 10, 0x90, 10]),
    Buffer.from([base.length, 14, 0x91, 4, 10, 4, 120, 121, 122, 49])
  ];
  it('makes what it says or fails as documented', () =>
    fuzz(4000, deltas, bytes => {
      try {
        expect(applyDelta(base, bytes).length).toBeLessThan(2 ** 31);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }));
});

describe('git objects', () => {
  const codes = ['OBJECT_CORRUPT', 'PATH_UNSAFE'] as const;
  const person = { name: 'Ada', email: 'ada@example.org', time: 1_793_534_400, offset: 60 };
  const commit = { tree: oid, parents: [oid], author: person, committer: person, message: 'first\n\nwhy\n' };
  const tree = encodeTree([
    { name: 'a.bin', mode: '100644', oid },
    { name: 'data', mode: '40000', oid }
  ]);
  it('commits', () => fuzz(3000, [encodeCommit(commit)], bytes => void typed(codes, () => decodeCommit(oid, bytes))));
  it('trees come out as they went in', () =>
    fuzz(3000, [tree], bytes => {
      const items = typed(codes, () => decodeTree(oid, bytes));
      expect(items === null || decodeTree(oid, encodeTree(items)).length === items.length).toBe(true);
    }));
  it('tags', () =>
    fuzz(2000, [text(`object ${oid}\ntype commit\ntag v1\ntagger A <a@b> 1 +0000\n\nx\n`)], bytes => {
      typed(codes, () => decodeTagTarget(oid, bytes));
    }));
});

describe('journal and operation log', () => {
  const digest = async (bytes: Uint8Array): Promise<string> => createHash('sha1').update(bytes).digest('hex');

  async function read(bytes: Uint8Array): Promise<unknown> {
    const files = new MemoryFileSystem();
    await (await files.open('/sealed', 'create')).write(bytes, 0);
    return readSealed(files, '/sealed', digest);
  }

  it('are what was sealed, or damaged', async () => {
    const values = [{ id: '00000001', refs: [] }, ['a', 1, null]];
    const examples = await Promise.all(values.map(value => encodeSealed(value, digest)));
    await fuzzLater(1500, examples, async bytes => {
      const value = await read(bytes).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'FORMAT_INVALID' });
        return null;
      });
      const [line = ''] = bytes.toString().split('\n');
      // A first line alone is what version 0.1 wrote.
      expect(value === null || JSON.stringify(value) === JSON.stringify(JSON.parse(line))).toBe(true);
    });
  });
  it('survive the round trip', () =>
    fc.assert(
      fc.asyncProperty(fc.jsonValue(), async value => {
        expect(await read(await encodeSealed(value, digest))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      runs(300)
    ));
});

describe('packets', () => {
  async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    yield bytes;
  }

  it('are read to the end or refused', () =>
    fuzzLater(
      1500,
      [Buffer.concat([encodePackets(text('command=smudge\n')), text('0000'), encodePackets(splitmix64(6, 90))])],
      async bytes => {
        const reader = new PacketReader(once(bytes));
        let total = 0;
        try {
          for (let packet = await reader.read(); packet !== undefined; packet = await reader.read()) {
            total += packet?.length ?? 0;
          }
        } catch (error) {
          expect(error).toMatchObject({ code: 'FORMAT_INVALID' });
        }
        expect(total).toBeLessThanOrEqual(bytes.length);
      }
    ));
});

describe('text', () => {
  const provenance = { notebook: 'train.ipynb', cell: 'ab-1', libraries: { pandas: '2.0' } };
  const facts = [{ path: 'data/a.parquet', rows: 3, columns: 2 }];
  it('trailers tell something or nothing', () =>
    fuzz(3000, [text(encodeMessage('why\n\nmore', provenance, facts))], bytes => {
      const message = bytes.toString();
      expect([typeof textOf(message), typeof subjectOf(message)]).toEqual(['string', 'string']);
      expect(typeof provenanceOf(message)).toBe('object');
      expect(Array.isArray(factsOf(message))).toBe(true);
    }));
  it('addresses are read or refused', () =>
    fuzz(3000, ['data/a.csv@main~2', '@{2026-11-01}', 'a@b@c^', 'main'].map(text), bytes => {
      const string = bytes.toString();
      typed(['ADDRESS_INVALID', 'PATH_UNSAFE'], () => addressReadings(string));
      const address = typed(['ADDRESS_INVALID', 'PATH_UNSAFE'], () => parseAddress(string));
      expect(typeof (address ? formatAddress(address) : '')).toBe('string');
    }));
});
