/** Two threads look at files: what they tell together is what one tells alone. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Glance, IFileSystem } from '../../../src/core/port';
import { openDisk } from '../../../src/node/fs/disk';
import { bundle } from '../../support/store-worker';
import { temporaryDirectory } from '../../support/temporary-directory';

const COUNT = 5000;
const plain = openDisk(null);
let worker: string;

beforeAll(async () => {
  worker = await bundle('src/node/fs/glance-worker.ts');
});

/** Paths of files, folders, links, and of nothing. */
function makePaths(): readonly string[] {
  const folder = temporaryDirectory();
  const paths = Array.from({ length: COUNT }, (_, at) => join(folder, `file ${at}\n`));
  paths.forEach((path, at) => {
    if (at % 10 === 1) {
      symlinkSync('nowhere', path);
    } else if (at % 10 === 2) {
      mkdirSync(path);
    } else if (at % 10 !== 3) {
      writeFileSync(path, 'x'.repeat(at % 100));
    }
  });
  return paths;
}

async function look(files: IFileSystem, paths: readonly string[]): Promise<readonly (Glance | null)[]> {
  const seen: (Glance | null)[] = [];
  await files.glanceAll(paths, (at, glance) => {
    expect(at in seen).toBe(false);
    const { mode, size, ino, mtimeMs, ctimeMs } = glance ?? {};
    seen[at] = glance && ({ mode, size, ino, mtimeMs, ctimeMs } as Glance);
  });
  return seen;
}

describe('the second thread', () => {
  it('sees what the first one sees: files, folders, links, nothing', async () => {
    const paths = makePaths();
    const alone = await look(plain, paths);
    const together = openDisk(worker);
    expect(await look(together, paths)).toEqual(alone);
    // The thread is warm now and takes its part; several may ask at the same time.
    const [all, some] = await Promise.all([look(together, paths), look(together, paths.slice(1000))]);
    expect(all).toEqual(alone);
    expect(some).toEqual(alone.slice(1000));
    expect(alone.filter(glance => glance === null)).toHaveLength(COUNT / 10);
  });

  it('is not needed: when it ends, the first looks at everything', async () => {
    const paths = makePaths();
    const broken = join(temporaryDirectory(), 'broken.cjs');
    writeFileSync(broken, 'process.exit(1);\n');
    expect(await look(openDisk(broken), paths)).toEqual(await look(plain, paths));
  });

  it('leaves failures to the first, which names the path', async () => {
    const paths = makePaths();
    const long = join(paths[0] as string, '..', 'n'.repeat(300));
    await expect(look(openDisk(worker), [...paths, long])).rejects.toMatchObject({ code: 'IO' });
  });
});
