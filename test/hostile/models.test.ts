/** Model files made to harm who reads them: bombs, lies about lengths, nesting, and bytes at random. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../src/core/content/byte-source';
import type { IByteSource } from '../../src/core/content/byte-source';
import { readContent } from '../../src/core/content/read-content';
import type { Content } from '../../src/core/model/content';
import { inflate } from '../../src/node/text/inflate';
import { almost, runs, TIMEOUT } from '../fuzz/mutation';

const read = (path: string, source: IByteSource | Uint8Array): Promise<Content> =>
  readContent(path, source instanceof Uint8Array ? bytesSource(source) : source, inflate, {});
const bytes = (...parts: readonly (string | readonly number[] | Uint8Array)[]): Uint8Array =>
  Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))));
const u32 = (value: number): readonly number[] => [value & 255, (value >> 8) & 255, (value >> 16) & 255, value >>> 24];

/** A ZIP archive of one entry; `size` is what its directory says. */
function zip(name: string, content: Uint8Array, size = content.length): Uint8Array {
  const data = deflateRawSync(content);
  const fields = [20, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, ...u32(data.length), ...u32(size), name.length, 0];
  const local = bytes('PK\x03\x04', [...fields.slice(0, 2), ...fields.slice(2)], [0, 0], name, data);
  const central = bytes('PK\x01\x02', [20, 0], fields, new Uint8Array(14), u32(0).slice(0, 2), name);
  return bytes(
    local,
    central,
    'PK\x05\x06',
    new Uint8Array(4),
    [1, 0, 1, 0],
    u32(central.length),
    u32(local.length),
    [0, 0]
  );
}

describe('pickles', () => {
  it('that would run commands are told of, and nothing is run', async () => {
    const evil = bytes("cos\nsystem\n(S'touch /tmp/branchbook-was-here'\ntR.");
    expect(await read('m.pkl', evil)).toMatchObject({ kind: 'model', format: 'pickle', estimator: 'system' });
    expect(existsSync('/tmp/branchbook-was-here')).toBe(false);
  });

  it.each([
    ['is empty', ''],
    ['ends early', '\x80\x04]('],
    ['takes from an empty stack', '\x80\x04e.'],
    ['refers to what is not there', '\x80\x04h\x07.'],
    ['has an unknown opcode', '\x80\x04\xff.'],
    ['claims 2^63 bytes', '\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f.'],
    ['claims 4 GiB of text', '\x80\x04X\xff\xff\xff\xffabc'],
    ['names a class by a number', '\x80\x04K\x01K\x02\x93.'],
    ['has a line without end', `I${'1'.repeat(200_000)}`],
    ['pushes without end', `\x80\x04${'N'.repeat(1_100_000)}.`],
    ['marks without end', `\x80\x04${'('.repeat(1_100_000)}.`]
  ])('that %s is unreadable', async (_, text) => {
    expect(await read('m.pkl', bytes(text))).toMatchObject({ kind: 'unreadable' });
  });

  it('that double themselves a hundred times, or hold themselves, stay small', async () => {
    // Each list has the one before twice: 2^100 leaves.
    const laughs = bytes('\x80\x04', ']', '\x94', 'K\x01a'.repeat(1), ...Array<string>(100).fill('2\x86'), '.');
    expect(await read('m.pkl', laughs)).toMatchObject({ kind: 'model', settings: {} });
    const self = bytes('\x80\x04]\x94h\x00a.');
    expect(await read('m.pkl', self)).toMatchObject({ kind: 'model' });
    const dictionary = bytes('\x80\x04}\x94X\x01\x00\x00\x00ah\x00s.');
    expect(await read('m.pt', dictionary)).toMatchObject({ kind: 'model' });
  });

  it('that nest a hundred thousand deep are read', async () => {
    const deep = bytes('\x80\x04', ')'.repeat(1), '\x85'.repeat(100_000), '.');
    expect(await read('m.pkl', deep)).toMatchObject({ kind: 'model' });
    expect(await read('m.pt', deep)).toMatchObject({ kind: 'model' });
  });

  it('compressed into a bomb are given up', async () => {
    const bomb = bytes('\x80\x04', Buffer.alloc(3_000_000, 'N'), '.');
    expect(await read('m.joblib', deflateSync(bomb))).toMatchObject({ kind: 'unreadable' });
    expect(await read('m.joblib', deflateSync(bomb).subarray(0, 500))).toMatchObject({ kind: 'unreadable' });
  });
});

it('what unfolds for long can be cancelled', async () => {
  const long = deflateSync(bytes('\x80\x04B', u32(32_000_000), Buffer.alloc(32_000_000), '.'));
  expect(await read('m.joblib', long)).toMatchObject({ kind: 'model' });
  const cancelled = readContent('m.joblib', bytesSource(long), inflate, { signal: AbortSignal.abort() });
  await expect(cancelled).rejects.toMatchObject({ code: 'CANCELLED' });
});

describe('lengths that lie', () => {
  it.each([
    ['2^63', 'ffffffffffffff7f'],
    ['2^64 - 1', 'ffffffffffffffff'],
    ['more than there is', '0010000000000000'],
    ['more than 100 MB', '00e1f50500000001']
  ])('a safetensors header of %s bytes is refused unread', async (_, hex) => {
    const head = Buffer.concat([Buffer.from(hex, 'hex'), Buffer.from('{}')]);
    expect(await read('m.safetensors', head)).toMatchObject({ kind: 'unreadable' });
  });

  it('tensors outside the file, or of no shape, are refused', async () => {
    const file = (header: string): Uint8Array => bytes([header.length, 0, 0, 0, 0, 0, 0, 0], header, new Uint8Array(8));
    expect(await read('m.safetensors', file('{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}'))).toMatchObject({
      kind: 'model',
      parameters: 2
    });
    for (const bad of ['"shape":[2],"data_offsets":[0,9]', '"shape":[-1],"data_offsets":[0,8]', '"shape":[1e99]']) {
      expect(await read('m.safetensors', file(`{"a":{"dtype":"F32",${bad}}}`))).toMatchObject({ kind: 'unreadable' });
    }
    expect(await read('m.safetensors', file(`${'['.repeat(60)}`))).toMatchObject({ kind: 'unreadable' });
  });

  it('ONNX and UBJSON that claim too much, or nest too deep, are unreadable', async () => {
    expect(await read('m.onnx', bytes([0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f]))).toMatchObject({ kind: 'unreadable' });
    expect(await read('m.onnx', bytes([0x80]))).toMatchObject({ kind: 'unreadable' });
    expect(await read('m.onnx', bytes('hello world'))).toMatchObject({ kind: 'unreadable' });
    const dims = bytes([0x3a, 0x82, 2, 0x2a, 0xff, 1, 0x0a, 0xfc, 1], new Uint8Array(252).fill(1));
    expect(await read('m.onnx', dims)).toMatchObject({ kind: 'unreadable' });
    expect(await read('m.ubj', bytes('['.repeat(100_000)))).toMatchObject({ kind: 'unreadable' });
    expect(await read('m.ubj', bytes('[$d#L', [0x7f, 255, 255, 255, 255, 255, 255, 255]))).toMatchObject({
      kind: 'unreadable'
    });
  });
});

describe('archives', () => {
  it('are unreadable when they lie, and bombs are not unfolded', async () => {
    const config = bytes(JSON.stringify({ class_name: 'Sequential', config: { name: 's', layers: [] } }));
    expect(await read('m.keras', zip('config.json', config))).toMatchObject({
      kind: 'model',
      estimator: 'Sequential',
      settings: { name: 's', layers: 0 }
    });
    const spaces = Buffer.alloc(64 * 1024 * 1024, ' ');
    expect(await read('m.keras', zip('config.json', spaces))).toMatchObject({ kind: 'unreadable' });
    expect(await read('m.keras', zip('config.json', spaces, 10))).toMatchObject({ kind: 'unreadable' });
    const deep = bytes(`${'{"config":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
    expect((await read('m.keras', zip('config.json', deep))).kind).toBe('model');
    expect(await read('m.pt', zip('data.pkl', bytes('no')))).toMatchObject({ kind: 'unreadable' });
    expect(await read('m.skops', bytes('PK\x03\x04 and no more'))).toMatchObject({ kind: 'unreadable' });
  });
});

it(
  'every model file with bytes changed, cut or doubled is read or unreadable, never more',
  async () => {
    const folder = join(__dirname, '../fixture/models');
    const names = readdirSync(folder).filter(file => file !== 'expected.json');
    const corpus = names.map(name => readFileSync(join(folder, name)));
    await fc.assert(
      fc.asyncProperty(
        almost(corpus),
        fc.constantFrom('m.pkl', 'm.pt', 'm.safetensors', 'm.onnx', 'm.ubj'),
        async (data, name) => {
          const { kind } = await read(name, data);
          expect(['model', 'unreadable']).toContain(kind);
        }
      ),
      runs(600)
    );
  },
  TIMEOUT
);
