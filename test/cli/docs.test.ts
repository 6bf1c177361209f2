/** Every command in the documentation, run as it is written. */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { DvcProject } from '../support/dvc-project';
import { buildProgram, environment, git } from '../support/program';
import type { Program } from '../support/program';
import { randomBytes } from '../support/random-bytes';
import { temporaryDirectory } from '../support/temporary-directory';

const root = resolve(__dirname, '..', '..');

let program: Program;
beforeAll(async () => {
  program = await buildProgram();
});

/** Fenced blocks for a shell: marked as such, or not marked and with nothing but commands that we can run. */
function shellBlocks(file: string): readonly string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const blocks = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(match => ({ kind: match[1]!, text: match[2]! }));
  return blocks
    .filter(({ kind, text: commands }) => kind === 'sh' || (kind === '' && !/^npm |^branchbook VERB/.test(commands)))
    .map(({ text: commands }) => commands);
}

/** A folder with a small data set, and a search path on which `branchbook` is. */
function createFolder(): { readonly folder: string; readonly path: string } {
  const parent = temporaryDirectory();
  const folder = join(parent, 'sales');
  const bin = join(parent, 'bin');
  mkdirSync(join(folder, 'data'), { recursive: true });
  mkdirSync(bin);
  writeFileSync(join(folder, 'data/sales.csv'), 'day,price\n2026-11-01,12.50\n2026-11-02,13.75\n');
  writeFileSync(join(bin, 'branchbook'), `#!/bin/sh\nexec '${process.execPath}' '${program.file}' "$@"\n`);
  chmodSync(join(bin, 'branchbook'), 0o755);
  return { folder, path: `${bin}${delimiter}${process.env['PATH']}` };
}

it('runs from top to bottom', () => {
  const { folder, path } = createFolder();
  const blocks = [...shellBlocks('README.md'), ...shellBlocks('docs/command-line.md')];
  expect(blocks.length).toBeGreaterThan(15);
  for (const commands of blocks) {
    const { status, stdout, stderr } = spawnSync('bash', ['-euxo', 'pipefail', '-c', commands], {
      cwd: folder,
      env: { ...environment, PATH: path, XDG_CONFIG_HOME: join(folder, '..', 'configuration') },
      encoding: 'utf8'
    });
    expect(status, `${commands}\n${stdout}\n${stderr}`).toBe(0);
  }
}, 300_000);

/** Projects that others made, for the sections of docs/migrating.md. */
const others: { readonly [section: string]: (folder: string) => string } = {
  'From Git LFS': folder => {
    git(folder, 'init', '-q', '-b', 'main');
    git(folder, 'lfs', 'install', '--local');
    git(folder, 'lfs', 'track', '*.csv');
    return commitAll(folder);
  },
  'From DVC': () => {
    const dvc = new DvcProject();
    dvc.add('data/sales.csv', Buffer.from('day,price\n'));
    dvc.commit('sales');
    return dvc.root;
  },
  'From large files in git': folder => {
    git(folder, 'init', '-q', '-b', 'main');
    writeFileSync(join(folder, 'large.dat'), randomBytes(1_500_000));
    return commitAll(folder);
  },
  'Back to Git LFS': folder => {
    program.run(folder, 'init', '--name', 'Ada', '--email', 'ada@example.org');
    program.run(folder, 'snapshot', '-m', 'first');
    return folder;
  }
};

function commitAll(folder: string): string {
  git(folder, 'config', 'user.name', 'Ada');
  git(folder, 'config', 'user.email', 'ada@example.org');
  git(folder, 'add', '-A');
  git(folder, 'commit', '-q', '-m', 'first');
  return folder;
}

it('moves projects of others here, and ours away', () => {
  const text = readFileSync(join(root, 'docs/migrating.md'), 'utf8');
  const sections = text.split(/^## /m).slice(1);
  for (const [title, prepare] of Object.entries(others)) {
    const section = sections.find(each => each.startsWith(`${title}\n`))!;
    const commands = [...section.matchAll(/^```sh\n(.*?)^```$/gms)].map(match => match[1]!).join('');
    const { folder, path } = createFolder();
    const { status, stderr } = spawnSync('bash', ['-euxo', 'pipefail', '-c', commands], {
      cwd: prepare(folder),
      env: { ...environment, PATH: path },
      encoding: 'utf8'
    });
    expect(status, `${commands}\n${stderr}`).toBe(0);
  }
}, 300_000);

it('tells every verb and every option', () => {
  const text = readFileSync(join(root, 'docs/command-line.md'), 'utf8');
  const folder = temporaryDirectory();
  const verbs = [...program.run(folder, '--help').matchAll(/^ {2}([a-z]+) (?:\[|<)/gm)].map(match => match[1]!);
  expect(verbs.length).toBeGreaterThan(15);
  for (const verb of verbs.filter(name => name !== 'help')) {
    const section = text.split(`\n## ${verb}\n`)[1]?.split('\n## ')[0];
    expect(section, `a section about ${verb}`).toBeDefined();
    const options = [...program.run(folder, verb, '--help').matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)];
    for (const [, option] of options.filter(([, name]) => !['--help', '--json'].includes(name!))) {
      expect(section, `${verb} ${option}`).toContain(option);
    }
  }
}, 300_000);
