/**
 * A process that changes a real project until it is killed or has done enough, and says on its standard output what is
 * done: `done <what>` a line. Arguments: project, path of the store's worker or nothing, the kind of work, its seed,
 * how often, and what the disk does not do (see naive.ts), separated by commas.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../../../src/core/error';
import { operations } from '../../../src/core/operation/index';
import { maintain } from '../../../src/core/operation/maintain';
import { runOperation } from '../../../src/core/operation/run';
import type { IOpenProject } from '../../../src/core/port';
import { disk } from '../../../src/node/fs/disk';
import { openProject } from '../../../src/service/open-project';
import { createNaive } from './naive';
import type { Lack } from './naive';
import { below, createRandom } from './random';
import type { Random } from './random';

const say = (what: string): void => void process.stdout.write(`done ${what}\n`);

/** Of `length` bytes that the seed determines; compresses badly, and no part is like another's. */
export function contentOf(seed: number, length: number): Buffer {
  const random = createRandom(seed);
  const words = new Uint32Array(Math.ceil(length / 4)).map(() => random() * 2 ** 32);
  return Buffer.from(words.buffer, 0, length);
}

/** Snapshots of a growing asset on two branches, with switches between them, collections and maintenance. */
async function wander(project: IOpenProject, random: Random, seed: number, largest: number): Promise<void> {
  for (let step = 0; ; step += 1) {
    if (random() < 0.4) {
      await runOperation(project, operations.switch, {
        branch: random() < 0.5 ? 'main' : 'other',
        changes: 'discard'
      });
      say('switch');
      continue;
    }
    if (random() < 0.25) {
      await (random() < 0.5 ? collect(project) : tidy(project));
      say('upkeep');
      continue;
    }
    const content = seed * 1000 + step;
    const length = below(random, largest);
    writeFileSync(join(project.root, 'data.bin'), contentOf(content, length));
    const { snapshot } = await runOperation(project, operations.snapshot, { message: `${content} ${length}` });
    say(`${snapshot.id} ${content} ${length}`);
  }
}

const collect = (project: IOpenProject): Promise<unknown> =>
  runOperation(project, operations.gc, { grace: '0d', expire: '0d' });

async function tidy(project: IOpenProject): Promise<void> {
  try {
    await maintain(project, {});
  } catch (error) {
    // For a second it cannot be told whether the owner of a torn lock lives.
    if (!hasCode(error, 'LOCKED')) {
      throw error;
    }
  }
}

/** Snapshots of one file that nobody else writes. */
async function append(project: IOpenProject, name: string, count: number): Promise<void> {
  for (let done = 0; done < count;) {
    const subject = `${name}-${done}`;
    writeFileSync(join(project.root, `${name}.txt`), subject);
    try {
      await runOperation(project, operations.snapshot, { message: subject, paths: [`${name}.txt`] });
      say(subject);
      done += 1;
    } catch (error) {
      // Nothing was changed: the same again.
      if (!hasCode(error, 'LOCKED', 'REF_CONFLICT')) {
        throw error;
      }
    }
  }
}

async function main(
  root: string,
  workerFile: string,
  work: string,
  seed: string,
  size: string,
  lacks: string
): Promise<void> {
  const files = lacks ? createNaive(disk, lacks.split(',') as readonly Lack[]) : disk;
  const options = { files, workerFile: workerFile || null, program: ['/usr/bin/false'] };
  const project = await openProject(root, options);
  await (work === 'wander'
    ? wander(project, createRandom(Number(seed)), Number(seed), Number(size))
    : append(project, seed, Number(size)));
  await project.close();
}

const [root, workerFile, work, seed, size, lacks] = process.argv.slice(2);
if (root && (require as NodeJS.Require).main === module) {
  void main(root, workerFile!, work!, seed!, size!, lacks ?? '');
}
