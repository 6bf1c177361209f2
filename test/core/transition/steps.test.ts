import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { IProject } from '../../../src/core/port';
import { PortionWriter, readPortions } from '../../../src/core/transition/steps';
import type { Portion, SetAside } from '../../../src/core/transition/steps';
import { MemoryFileSystem } from '../../../src/node/memory/memory-file-system';

const place = '/home/staging/aa/portions';
const portionOf = (path: string): Portion => ({
  steps: [{ path, leaves: null, comes: null }],
  index: [{ path, entry: null, identity: null }]
});
const portions = ['a', 'ä/b', 'c\n'].map(portionOf);

type Written = { readonly project: IProject; readonly files: MemoryFileSystem; readonly aside: readonly SetAside[] };

async function write(): Promise<Written> {
  const files = new MemoryFileSystem();
  for (const folder of ['/home', '/home/staging', '/home/staging/aa']) {
    await files.mkdir(folder);
  }
  const hashBlob = async (bytes: Uint8Array): Promise<string> => createHash('sha1').update(bytes).digest('hex');
  const project = { home: '/home', files, git: { hashBlob } } as unknown as IProject;
  const writer = new PortionWriter(project, 'aa');
  for (const portion of portions) {
    await writer.add(portion);
  }
  const aside = await writer.finish();
  await writer.close();
  return { project, files, aside };
}

async function read({ project, aside }: Written): Promise<readonly Portion[]> {
  const found: Portion[] = [];
  for await (const portion of readPortions(project, 'aa', aside)) {
    found.push(portion);
  }
  return found;
}

const damaged = { code: 'FORMAT_INVALID' };

describe('portions of a change', () => {
  it('are read as they were set aside', async () => {
    expect(await read(await write())).toEqual(portions);
  });

  it('are refused when one byte is another, when the end is missing, and when they are gone', async () => {
    const written = await write();
    const bytes = (await written.files.readFile(place))!;
    for (const wrong of [bytes.map((byte, at) => (at === 50 ? byte ^ 1 : byte)), bytes.subarray(0, -1)]) {
      await written.files.unlink(place);
      await (await written.files.open(place, 'create')).write(wrong, 0);
      await expect(read(written)).rejects.toMatchObject(damaged);
    }
    await written.files.unlink(place);
    await expect(read(written)).rejects.toMatchObject(damaged);
  });

  it('need no file where there are none', async () => {
    const { project } = await write();
    const writer = new PortionWriter(project, 'bb');
    expect(await writer.finish()).toEqual([]);
    await writer.close();
    expect(await read({ ...(await write()), aside: [] })).toEqual([]);
  });
});
