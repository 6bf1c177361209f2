import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { operations } from '../../../src/core/operation/index';
import { runOperation } from '../../../src/core/operation/run';
import { openProject } from '../../../src/service/open-project';
import { contentOf } from './worker';

/** Make an empty folder a project with an asset, on `main` and on `other`. Gives its path. */
export async function createWanderer(root: string): Promise<string> {
  const project = await openProject(root, { create: true, workerFile: null, program: ['/usr/bin/false'] });
  await runOperation(project, operations.init, { identity: { name: 'Ada', email: 'ada@example.org' } });
  await runOperation(project, operations.track, { patterns: ['*.bin'] });
  for (const [seed, name] of ['main', 'other'].entries()) {
    if (name !== 'main') {
      await runOperation(project, operations.branch, { action: 'create', name, switch: true });
    }
    writeFileSync(join(root, 'data.bin'), contentOf(seed + 1, 100_000));
    await runOperation(project, operations.snapshot, { message: name });
  }
  await project.close();
  return root;
}
