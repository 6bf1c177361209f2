/**
 * A process that carries out one use case in a folder that stands for `/`, and kills itself at a failpoint. Arguments:
 * folder, use case, failpoint, `before` or `after`. Exits with 0 when it got through alive.
 */
import { createFaultyFileSystem } from '../../../src/node/fault/faulty-file-system';
import type { Interference } from '../../../src/node/fault/faulty-file-system';
import { failpoints } from '../../../src/node/fault/failpoints';
import { createRooted } from './rooted';
import { useCases } from './use-cases';
import { openWorld } from './world';

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment; nothing more may happen.
  for (;;) {}
}

async function main(folder: string, name: string, point: string, when: string): Promise<void> {
  const useCase = useCases.find(candidate => candidate.name === name)!;
  const { matches } = failpoints.find(candidate => candidate.name === point)!;
  const hit: Interference = operation => {
    if (matches(operation)) {
      die();
    }
  };
  const nothing: Interference = () => undefined;
  const files = createFaultyFileSystem(
    createRooted(folder),
    when === 'before' ? hit : nothing,
    when === 'after' ? hit : nothing
  );
  await useCase.run(await openWorld(files, { create: useCase.creates ?? false }));
}

const [folder, name, point, when] = process.argv.slice(2) as [string, string, string, string];
void main(folder, name, point, when);
