/**
 * T9: a collector that grants no grace, against writers: two that snapshot and one that uses plain git, in processes of
 * their own, some with clocks that are two hours wrong.
 */
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { CheckResult } from '../../src/core/model/maintenance';
import { buildProgram, environment, git, newProject } from '../support/program';
import { temporaryDirectory } from '../support/temporary-directory';
import { count as report, times } from '../torture/support/budget';

const SECONDS = times(10, 3600);
const HOURS = 3_600_000;
/** Each process gets this far, however slow the machine is. */
const LEAST = 3;

const program = await buildProgram();

type Outcome = { readonly ok: boolean; readonly output: string };

function run(cwd: string, skew: string, command: string, ...args: readonly string[]): Promise<Outcome> {
  const env = { ...environment, NODE_OPTIONS: skew };
  return new Promise(resolve =>
    execFile(command, args, { cwd, env }, (error, stdout, stderr) => resolve({ ok: !error, output: stdout + stderr }))
  );
}

/** For NODE_OPTIONS: the clock of every Node that is started with it is wrong by so many milliseconds. */
function skewBy(folder: string, milliseconds: number): string {
  const file = join(folder, `skew-${milliseconds}.cjs`);
  writeFileSync(file, `const { now } = Date; Date.now = () => now() + ${milliseconds};\n`);
  return `--require=${file}`;
}

it(
  'loses nothing that was acknowledged',
  async () => {
    const root = newProject(program);
    const folder = temporaryDirectory();
    writeFileSync(join(root, 'start.bin'), randomBytes(30_000));
    program.run(root, 'track', '*.bin');
    program.run(root, 'snapshot', '-m', 'start');
    const end = Date.now() + SECONDS * 1000;
    const counts = new Map<string, number>();
    const goesOn = (): boolean => Date.now() < end || [...counts.values()].some(count => count < LEAST);
    const contents = Array.from({ length: 6 }, () => randomBytes(60_000));
    const promised = new Map<string, string>();

    /** Some content again and again, so that what is just being collected is stored once more; some fresh. */
    const nextContent = (round: number): Buffer => (round % 2 === 0 ? contents[round % 6]! : randomBytes(90_000));

    const writer = async (name: string, skew: string, commit: (tree: string) => Promise<Outcome>): Promise<void> => {
      const tree = join(folder, name);
      git(root, 'worktree', 'add', '-q', '-b', name, tree, 'main');
      counts.set(name, 0);
      for (let round = 0; goesOn(); round++) {
        const bytes = nextContent(round);
        writeFileSync(join(tree, 'data.bin'), bytes);
        const before = git(tree, 'rev-parse', 'HEAD').trim();
        const { ok, output } = await commit(tree);
        const head = git(tree, 'rev-parse', 'HEAD').trim();
        if (ok && head !== before) {
          counts.set(name, counts.get(name)! + 1);
          promised.set(head, createHash('sha256').update(bytes).digest('hex'));
        } else if (!ok && !/LOCKED|working on this project|Nothing|nothing|lock/i.test(output)) {
          throw new Error(`${name}: ${output}`);
        }
        if (round % 3 === 2 && head !== before) {
          // Taken back: from now on it is rubbish, and its content may be stored again in a moment.
          promised.delete(head);
          await run(tree, skew, 'git', 'reset', '-q', '--hard', before);
          git(tree, 'reflog', 'expire', '--expire=all', '--expire-unreachable=all', name, 'HEAD');
          rmSync(join(git(tree, 'rev-parse', '--absolute-git-dir').trim(), 'ORIG_HEAD'), { force: true });
        }
      }
    };

    const collector = async (): Promise<void> => {
      counts.set('gc', 0);
      const skews = ['', skewBy(folder, 2 * HOURS), skewBy(folder, -2 * HOURS)];
      for (let round = 0; goesOn(); round++) {
        const skew = skews[round % skews.length]!;
        const args = ['gc', '--grace', '0d', '--expire', '0d', '--json'];
        const { ok, output } = await run(root, skew, process.execPath, program.file, ...args);
        if (ok) {
          counts.set('gc', counts.get('gc')! + 1);
        } else if (!/LOCKED/.test(output)) {
          throw new Error(`gc: ${output}`);
        }
      }
    };

    const snapshot =
      (skew: string) =>
      (tree: string): Promise<Outcome> =>
        run(tree, skew, process.execPath, program.file, 'snapshot', '-m', 'next');
    const plainGit =
      (skew: string) =>
      async (tree: string): Promise<Outcome> => {
        const added = await run(tree, skew, 'git', 'add', 'data.bin');
        return added.ok ? run(tree, skew, 'git', 'commit', '-q', '-m', 'next') : added;
      };
    const late = skewBy(folder, 2 * HOURS);
    const early = skewBy(folder, -2 * HOURS);
    await Promise.all([
      writer('a', late, snapshot(late)),
      writer('b', '', snapshot('')),
      writer('c', early, plainGit(early)),
      collector()
    ]);

    expect(promised.size).toBeGreaterThan(0);
    const checked = program.json<CheckResult>(root, 'check', '--read-data');
    expect(checked.findings.filter(finding => finding.severity === 'error')).toEqual([]);
    for (const [commit, sha256] of promised) {
      expect(git(root, 'show', `${commit}:data.bin`)).toContain(`oid sha256:${sha256}`);
      program.run(root, 'get', `data.bin@${commit}`, '-o', join(folder, 'copy'));
    }
    program.run(root, 'gc', '--grace', '0d');
    expect(program.json<CheckResult>(root, 'check', '--read-data').findings).toEqual([]);
    expect(readdirSync(join(root, '.git/branchbook/sessions'))).toEqual([]);
    const stored = ['a', 'b', 'c'].reduce((sum, name) => sum + counts.get(name)!, 0);
    report('T9', { seconds: SECONDS, collections: counts.get('gc')!, snapshots: stored, violations: 0 });
  },
  SECONDS * 1000 + 600_000
);
