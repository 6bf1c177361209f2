/** The two things that are done to a real project by real processes. Each gives what was wrong afterwards, in words. */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operations } from '../../../src/core/operation/index';
import { exclusively, runOperation } from '../../../src/core/operation/run';
import type { IOpenProject } from '../../../src/core/port';
import { openProject } from '../../../src/service/open-project';
import type { Lack } from './naive';
import type { Random } from './random';
import { contentOf } from './worker';

export type Programs = { readonly worker: string; readonly store: string | null };

/** Nothing more is heard of a process that does nothing for so long, in milliseconds. */
const LONGEST_LIFE = 700;

export const openReal = (root: string): Promise<IOpenProject> =>
  openProject(root, { workerFile: null, program: ['/usr/bin/false'] });

function start(programs: Programs, root: string, work: readonly string[], lacks: readonly Lack[]): ChildProcess {
  const argv = [programs.worker, root, programs.store ?? '', ...work, lacks.join(',')];
  return spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'ignore'] });
}

/** Start a process that snapshots and switches, and kill it. What it said was done. */
export async function killOnce(
  programs: Programs,
  root: string,
  options: {
    readonly seed: number;
    readonly random: Random;
    readonly largest: number;
    readonly lacks?: readonly Lack[];
  }
): Promise<readonly string[]> {
  const { seed, random, largest, lacks = [] } = options;
  const child = start(programs, root, ['wander', String(seed), String(largest)], lacks);
  const ended = once(child, 'close');
  let output = '';
  let timer: NodeJS.Timeout | undefined;
  child.stdout!.on('data', (bytes: Buffer) => {
    output += bytes.toString();
    // Its life is counted from the first thing that it did: how fast it starts says nothing.
    timer ??= setTimeout(() => child.kill('SIGKILL'), random() * LONGEST_LIFE);
  });
  await ended;
  clearTimeout(timer);
  return output.split('\n').flatMap(line => /^done (.+)$/.exec(line)?.[1] ?? []);
}

/** What is wrong with a project whose acknowledged snapshots are these: `<commit> <content> <length>`. */
export async function findLosses(root: string, acknowledged: readonly string[]): Promise<readonly string[]> {
  const wrong: string[] = [];
  try {
    const project = await openReal(root);
    await exclusively(project, 'recover', {}, async () => undefined);
    const { findings } = await runOperation(project, operations.check, { readData: true });
    wrong.push(...findings.filter(({ severity }) => severity === 'error').map(({ message }) => message));
    for (const line of acknowledged) {
      const [commit, content, length] = line.split(' ') as [string, string, string];
      const { file } = await runOperation(project, operations.get, { address: `data.bin@${commit}` });
      if (!readFileSync(file).equals(contentOf(Number(content), Number(length)))) {
        wrong.push(`${commit} holds other content`);
      }
    }
    await project.close();
  } catch (error) {
    wrong.push(String(error));
  }
  const fsck = spawnSync('git', ['fsck', '--full', '--strict', '--no-dangling'], { cwd: root, encoding: 'utf8' });
  wrong.push(...`${fsck.stdout}${fsck.stderr}`.split('\n').filter(line => line !== ''));
  const { stdout: locks } = spawnSync('find', [join(root, '.git'), '-name', '*.lock'], { encoding: 'utf8' });
  return [...wrong, ...locks.split('\n').filter(line => line !== '')];
}

/** A process that makes `count` snapshots in a work tree; what it acknowledged. */
export async function appendTo(
  programs: Programs,
  root: string,
  options: { readonly name: string; readonly count: number; readonly lacks?: readonly Lack[] }
): Promise<readonly string[]> {
  const child = start(programs, root, ['append', options.name, String(options.count)], options.lacks ?? []);
  let output = '';
  child.stdout!.on('data', (bytes: Buffer) => (output += bytes.toString()));
  await once(child, 'close');
  return output.split('\n').flatMap(line => /^done (.+)$/.exec(line)?.[1] ?? []);
}
