import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodePointer } from '../../../src/core/format/pointer';
import { disk } from '../../../src/node/fs/disk';
import { incomingPointers } from '../../../src/node/git/incoming-objects';
import { environment, git } from '../../support/program';
import { temporaryDirectory } from '../../support/temporary-directory';

const pointerText = (digit: string, size: number): Buffer =>
  Buffer.from(encodePointer({ sha256: digit.repeat(64), size }));

/** A repository, and what its objects are when they arrive: loose, or in one pack. */
function repository(): { readonly root: string; readonly objects: string } {
  const root = temporaryDirectory();
  git(root, 'init', '-q', '-b', 'main');
  git(root, 'config', 'user.email', 'ada@example.org');
  git(root, 'config', 'user.name', 'Ada');
  return { root, objects: join(root, '.git/objects') };
}

function commitFiles(root: string, files: Record<string, Buffer | string>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  git(root, 'add', '-A');
  git(root, 'commit', '-q', '-m', 'files');
}

async function pointersOf(objects: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { sha256, size } of incomingPointers(disk, objects)) {
    found.push(`${sha256[0]} ${size}`);
  }
  return found.sort();
}

describe('pointers of a push', () => {
  it('are found among loose objects, whatever else there is', async () => {
    const { root, objects } = repository();
    commitFiles(root, {
      'a/model.bin': pointerText('a', 7),
      'b.csv': pointerText('b', 8),
      'big.txt': 'x'.repeat(1_000_000)
    });
    expect(await pointersOf(objects)).toEqual(['a 7', 'b 8']);
  });

  it('are found in packs, also as deltas', async () => {
    const { root, objects } = repository();
    for (let size = 1; size <= 4; size += 1) {
      commitFiles(root, { 'model.bin': pointerText('c', size), 'notes.md': `line\n`.repeat(size * 500) });
    }
    git(root, 'repack', '-a', '-d', '-f', '--depth=50', '--window=50', '-q');
    const pack = readdirSync(join(objects, 'pack')).find(name => name.endsWith('.idx')) as string;
    const listing = git(root, 'verify-pack', '-v', join(objects, 'pack', pack));
    expect(listing).toMatch(/chain length = [1-9]/);
    expect(await pointersOf(objects)).toEqual([1, 2, 3, 4].map(size => `c ${size}`));
  });

  it('are not looked for by unpacking what is large: a small blob made of a huge one is refused', async () => {
    const { root, objects } = repository();
    const small = pointerText('d', 5);
    const zeros = Buffer.alloc(8 * 1024 * 1024);
    const base = execFileSync('git', ['hash-object', '-w', '--stdin'], { cwd: root, input: zeros, env: environment })
      .toString()
      .trim();
    const pack = packWithDelta(root, base, zeros.length, small);
    rmSync(objects, { recursive: true });
    mkdirSync(join(objects, 'pack'), { recursive: true });
    for (const name of readdirSync(pack)) {
      renameSync(join(pack, name), join(objects, 'pack', name));
    }
    await expect(pointersOf(objects)).rejects.toThrow(expect.objectContaining({ code: 'FORMAT_INVALID' }));
  });
});

/** A pack in which `small` is a delta that takes nothing from a base of `size` bytes. git itself makes no such pack. */
function packWithDelta(root: string, base: string, size: number, small: Buffer): string {
  const folder = temporaryDirectory();
  const script = [
    'import sys,zlib,hashlib,struct',
    `base=b"\\0"*${size}; small=bytes.fromhex("${small.toString('hex')}")`,
    'def header(kind,size):',
    '  out=bytearray(); byte=(kind<<4)|(size&15); size>>=4',
    '  while size: out.append(byte|128); byte=size&127; size>>=7',
    '  out.append(byte); return bytes(out)',
    'def varint(n):',
    '  out=bytearray()',
    '  while n>=128: out.append((n&127)|128); n>>=7',
    '  out.append(n); return bytes(out)',
    'delta=varint(len(base))+varint(len(small))',
    'for at in range(0,len(small),127): part=small[at:at+127]; delta+=bytes([len(part)])+part',
    'body=b"PACK"+struct.pack(">II",2,2)+header(3,len(base))+zlib.compress(base)',
    `body+=header(7,len(delta))+bytes.fromhex("${base}")+zlib.compress(delta)`,
    `open("${folder}/pack-x.pack","wb").write(body+hashlib.sha1(body).digest())`
  ].join('\n');
  execFileSync('python3', ['-c', script]);
  git(root, 'index-pack', join(folder, 'pack-x.pack'));
  return folder;
}
