/**
 * Writes a golden project: `node scripts/golden.mjs FOLDER`. Clock, random numbers and content are fixed, so that the same
 * formats give the same bytes. A golden project is committed once per format version and never changed: whatever we
 * become, we read what we once wrote.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ProjectVerb, Verbs } from '../../src/core/model/result';
import { operations } from '../../src/core/operation/index';
import { runOperation } from '../../src/core/operation/run';
import { writeJournal } from '../../src/core/transition/journal';
import { openProject } from '../../src/service/open-project';
import { contents, goldenJournal, START } from './golden-content';

/** A clock that moves one second with every look at it, and numbers that count. */
function fixed() {
  let now = START;
  let random = 0;
  return {
    clock: { now: () => (now += 1000), offset: () => 60, sleep: async () => undefined },
    random: { hex: (bytes: number) => (random += 1).toString(16).padStart(2 * bytes, '0') }
  };
}

async function main(target: string): Promise<void> {
  // Always the same: it stands in the operation log.
  const root = join(tmpdir(), 'branchbook-golden');
  mkdirSync(root);
  execFileSync('git', ['init', '-q', '-b', 'main'], { cwd: root });
  const opened = await openProject(root, { create: true, workerFile: null, program: ['branchbook'] });
  const project = { ...opened, ...fixed() };
  const run = <V extends ProjectVerb>(verb: V, args: Verbs[V]['args']): Promise<unknown> =>
    runOperation(project, operations[verb], args);
  Date.now = () => START;
  await run('init', { identity: { name: 'Ada Lovelace', email: 'ada@example.org' } });
  for (const [message, files] of Object.entries(contents)) {
    for (const [path, bytes] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), bytes);
    }
    await run('snapshot', { message });
  }
  await run('branch', { action: 'create', name: 'experiment' });
  await writeJournal(project, goldenJournal);
  await opened.close();
  rmSync(target, { recursive: true, force: true });
  // What depends on the machine stays out: the index holds times and inodes, logs the time of the run.
  for (const name of ['HEAD', 'refs', 'objects', 'branchbook/format', 'branchbook/xorbs', 'branchbook/shards']) {
    cpSync(join(root, '.git', name), join(target, 'git', name), { recursive: true });
  }
  for (const name of ['branchbook/operations', 'branchbook/journal']) {
    cpSync(join(root, '.git', name), join(target, 'git', name), { recursive: true });
  }
  rmSync(root, { recursive: true });
}

void main(process.argv[2]!);
