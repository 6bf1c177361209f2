/**
 * A process of its own that stores files: `put-files <store> <worker file or nothing> <path>…`, a line per event. It does
 * not close the store: a program that just ends must not be kept waiting by our threads.
 */
import { disk } from '../../src/node/fs/disk';
import { openStore } from '../../src/node/store/open-store';

async function main(home: string, workerFile: string, paths: readonly string[]): Promise<void> {
  const store = await openStore(home, disk, { workerFile: workerFile || null });
  for (const path of paths) {
    const session = await store.begin();
    const { sha256, newBytes } = await session.add(path, { onProgress: ({ done }) => console.log(`progress ${done}`) });
    await session.commit();
    console.log(`stored ${sha256} ${newBytes}`);
  }
}

const [home, workerFile, ...paths] = process.argv.slice(2);
void main(home!, workerFile!, paths);
