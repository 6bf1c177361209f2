import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePointer, encodePointer } from '../../../src/core/format/pointer';

const sha256 = '4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393';
const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const version = 'version https://git-lfs.github.com/spec/v1\n';
const oid = `oid sha256:${sha256}\n`;

describe('Git LFS pointer', () => {
  it('is spelled as in the specification', () => {
    const spelled = new TextDecoder().decode(encodePointer({ sha256, size: 12345 }));
    expect(spelled).toBe(`${version}${oid}size 12345\n`);
  });

  it('comes back from its bytes', () => {
    const hex = fc.uint8Array({ minLength: 32, maxLength: 32 }).map(bytes => Buffer.from(bytes).toString('hex'));
    fc.assert(
      fc.property(hex, fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (digest, size) => {
        expect(decodePointer(encodePointer({ sha256: digest, size }))).toEqual({ sha256: digest, size });
      })
    );
  });

  it('of an empty file is empty, so it reads as content', () => {
    expect(encodePointer({ sha256, size: 0 })).toHaveLength(0);
    expect(decodePointer(new Uint8Array())).toBeNull();
  });

  it('tolerates extensions in sorted order', () => {
    const extension = `ext-0-foo sha256:${sha256}\next-1-bar sha256:${sha256}\n`;
    expect(decodePointer(text(`${version}${extension}${oid}size 1\n`))).toEqual({ sha256, size: 1 });
  });

  it.each([
    ['keys out of order', `${version}size 1\n${oid}`],
    ['an unknown key', `${version}${oid}other x\nsize 1\n`],
    ['a key twice', `${version}${oid}${oid}size 1\n`],
    ['no final newline', `${version}${oid}size 1`],
    ['Windows line ends', `${version}${oid}size 1\n`.replaceAll('\n', '\r\n')],
    ['a negative size', `${version}${oid}size -1\n`],
    ['a size with a leading zero', `${version}${oid}size 01\n`],
    ['a size beyond exact numbers', `${version}${oid}size 9999999999999999\n`],
    ['an upper-case digest', `${version}${oid.toUpperCase().replace('OID SHA256', 'oid sha256')}size 1\n`],
    ['a short digest', `${version}oid sha256:abc\nsize 1\n`],
    ['another hash', `${version}oid md5:${sha256}\nsize 1\n`],
    ['the version not first', `${oid}size 1\n${version}`],
    ['no size', `${version}${oid}`],
    ['a byte order mark', `\ufeff${version}${oid}size 1\n`],
    ['more than 1024 bytes', `${version}ext-0-a ${'x'.repeat(1024)}\n${oid}size 1\n`]
  ])('refuses %s', (_name, spelled) => {
    expect(decodePointer(text(spelled))).toBeNull();
  });

  it('refuses bytes that are not UTF-8', () => {
    expect(decodePointer(Uint8Array.of(...text(version), 0xff, 0x0a))).toBeNull();
  });

  it('never throws on arbitrary bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        expect(decodePointer(bytes)).toBeNull();
      })
    );
  });
});
