/**
 * A process that clones, pushes or pulls, and kills itself in the middle. Arguments: verb, folder (of the clone to be, or the
 * project), address (for clone), and when: `phase:<phase>` when half of what that phase of the progress counts is done, or
 * `file:<operation>:<regular expression>` before that operation on such a file. Exits with 0 when it got through alive.
 */
import { accountOperations, operations } from '../../../src/core/operation/index';
import { runAccountOperation, runOperation } from '../../../src/core/operation/run';
import type { Activity } from '../../../src/core/port';
import { createFaultyFileSystem } from '../../../src/node/fault/faulty-file-system';
import { disk } from '../../../src/node/fs/disk';
import { clock, random } from '../../../src/node/process/time';
import { createPlaces } from '../../../src/service/open-places';
import { openProject } from '../../../src/service/open-project';

function die(): never {
  process.kill(process.pid, 'SIGKILL');
  // The signal may take a moment; nothing more may happen.
  for (;;) {}
}

async function main(verb: string, folder: string, address: string, when: string): Promise<void> {
  const [kind, what = '', pattern = ''] = when.split(':');
  const files = createFaultyFileSystem(disk, ({ name, path, to }) => {
    if (kind === 'file' && name === what && new RegExp(pattern).test(to ?? path)) {
      die();
    }
  });
  const activity: Activity = {
    onProgress: ({ phase, done, total }) => {
      if (kind === 'phase' && phase === what && done > 0 && done >= (total ?? 0) / 2) {
        die();
      }
    }
  };
  const places = createPlaces();
  const options = { files, places, workerFile: null, program: ['/usr/bin/false'] };
  if (verb === 'clone') {
    const account = {
      ...{ cwd: folder, files, clock, random, places, project: async () => null },
      open: (root: string, how: { readonly create?: boolean | 'here' } = {}) =>
        openProject(root, { ...options, create: how.create ?? false })
    };
    await runAccountOperation(account, accountOperations.clone, { address, folder }, activity);
  } else {
    const project = await openProject(folder, options);
    await (verb === 'push'
      ? runOperation(project, operations.push, {}, activity)
      : runOperation(project, operations.pull, {}, activity));
    await project.close();
  }
  await places.close();
}

const [verb, folder, address, when] = process.argv.slice(2) as [string, string, string, string];
void main(verb, folder, address, when);
