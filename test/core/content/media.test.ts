import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/core/content/byte-source';
import { readMedia } from '../../../src/core/content/media';
import type { Content } from '../../../src/core/model/content';

const read = (path: string, bytes: Uint8Array | string): Promise<Content> =>
  readMedia(path, bytesSource(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes));
const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replace(/\s/g, ''), 'hex'));

describe('images', () => {
  it.each([
    ['a.png', '89504e470d0a1a0a 0000000d 49484452 00000140 000000f0 08060000', 320, 240],
    ['a.gif', '474946383961 4001 f000 00', 320, 240],
    ['a.jpg', 'ffd8 ffe0 0004 0000 ffc0 0011 08 00f0 0140 03', 320, 240],
    ['a.webp', '52494646 00000000 57454250 56503858 0a000000 00000000 3f0100 ef0000', 320, 240],
    ['a.bmp', '424d 000000000000000000000000 28000000 40010000 10ffffff', 320, 240]
  ])('%s has a size', async (path, bytes, width, height) => {
    expect(await read(path, hex(bytes))).toMatchObject({ kind: 'image', width, height });
  });

  it('of SVG are text with a size, scripts and all, for a renderer that runs none', async () => {
    const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="32" height="16px"><script>alert(1)</script></svg>';
    expect(await read('a.svg', svg)).toEqual({
      kind: 'image',
      mime: 'image/svg+xml',
      width: 32,
      height: 16,
      text: svg,
      truncated: false
    });
    expect(await read('b.svg', '<svg viewBox="0 0 10 20"/>')).toMatchObject({ width: 10, height: 20 });
  });

  it('that are something else, or cut, are unreadable', async () => {
    expect(await read('a.png', 'not a picture')).toMatchObject({ kind: 'unreadable' });
    expect(await read('a.jpg', hex('ffd8 ffe0 ffff'))).toMatchObject({ kind: 'unreadable' });
    expect(await read('a.webp', new Uint8Array(0))).toMatchObject({ kind: 'unreadable', head: '' });
  });
});

describe('everything else', () => {
  it('is text when it is UTF-8, cut between characters', async () => {
    expect(await read('a.txt', 'grüße\n')).toEqual({
      kind: 'text',
      mime: 'text/plain',
      text: 'grüße\n',
      truncated: false
    });
    const long = await read('a.md', `x${'ü'.repeat(200_000)}`);
    expect(long).toMatchObject({ kind: 'text', mime: 'text/markdown', truncated: true });
    expect((long as { text: string }).text).toBe(`x${'ü'.repeat(131_071)}`);
    expect(await read('a.json', '{"a": 1}')).toMatchObject({ kind: 'json', mime: 'application/json' });
    expect(await read('a.ipynb', '{}')).toMatchObject({ kind: 'notebook' });
    expect(await read('a.wav', 'RIFF')).toEqual({ kind: 'audio', mime: 'audio/wav' });
    expect(await read('constructor', 'x')).toMatchObject({ kind: 'text' });
    expect(await read('a.constructor', 'x')).toMatchObject({ kind: 'text', mime: 'text/plain' });
  });

  it('is binary with a type and its first bytes', async () => {
    expect(await read('a.bin', hex('1f8b0800'))).toEqual({ kind: 'binary', type: 'gzip archive', head: '1f8b0800' });
    expect(await read('a.bin', hex('00ff'))).toEqual({ kind: 'binary', type: 'unknown', head: '00ff' });
    const big = (await read('a.h5', new Uint8Array(1000))) as { head: string };
    expect(big.head).toHaveLength(512);
  });
});
