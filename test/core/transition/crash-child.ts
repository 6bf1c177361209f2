/**
 * A process that is killed just before its `nth` change to the disk.
 * Arguments: project root, n, verb, arguments of the verb as JSON. Exits with 0 when it got through alive.
 */
import type { Verbs } from '../../../src/core/model/result';
import { runOperation } from '../../../src/core/operation/run';
import { snapshotOperation } from '../../../src/core/operation/snapshot';
import { switchOperation } from '../../../src/core/operation/switch-branch';
import { undoOperation } from '../../../src/core/operation/undo';
import { createFaultyFileSystem } from '../../../src/node/fault/faulty-file-system';
import { disk } from '../../../src/node/fs/disk';
import { open } from '../../operation/open';

async function main(root: string, nth: number, verb: string, json: string): Promise<void> {
  let changes = 0;
  const files = createFaultyFileSystem(disk, operation => {
    if (operation.mutates && changes++ === nth) {
      process.kill(process.pid, 'SIGKILL');
      // The signal may take a moment; nothing more may happen.
      for (;;) {}
    }
  });
  const project = await open(root, files);
  const args = JSON.parse(json) as unknown;
  if (verb === 'switch') {
    await runOperation(project, switchOperation, args as Verbs['switch']['args']);
  } else if (verb === 'snapshot') {
    await runOperation(project, snapshotOperation, args as Verbs['snapshot']['args']);
  } else {
    await runOperation(project, undoOperation, args as Verbs['undo']['args']);
  }
  await project.close();
}

const [root, nth, verb, json] = process.argv.slice(2);
void main(root!, Number(nth), verb!, json!);
