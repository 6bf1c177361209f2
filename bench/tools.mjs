// The programs we compare with, installed once into a folder of the bench, and the environment everything runs in.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { run, step } from '../scripts/run.mjs';

const cache = process.env.BENCH_CACHE ?? join(homedir(), '.cache', 'branchbook-bench');
const programs = join(cache, 'bin');
const debian = join(cache, 'debian');

/** The Python that has DVC, Oxen and hf-xet. */
export const python = join(cache, 'python', 'bin', 'python');

const goProgram = () => [process.env.GO, 'go', '/usr/local/go/bin/go'].find(go => go && answers(go, 'version'));
const answers = (command, ...argv) => {
  try {
    execFileSync(command, argv, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

/** The newest git-lfs that this machine's Go builds: Debian's hashes without the processor's SHA instructions. */
async function installGitLfs() {
  const go = goProgram();
  if (!go) {
    throw new Error('no Go to build it with');
  }
  let refused;
  for (const version of ['latest', 'v3.6.1', 'v3.5.1', 'v3.4.1']) {
    try {
      return await run(go, ['install', `github.com/git-lfs/git-lfs/v3@${version}`], { env: { GOBIN: programs } });
    } catch (error) {
      refused = error;
    }
  }
  throw refused;
}

async function installPython() {
  if (!existsSync(python)) {
    await run('python3', ['-m', 'venv', join(cache, 'python')]);
  }
}

async function installFromPip(...names) {
  await installPython();
  await run(python, ['-m', 'pip', 'install', '--quiet', ...names]);
}

/** Debian's package, unpacked beside the others: nothing of the machine is changed. */
async function installRestic() {
  if (answers('restic', 'version')) {
    return;
  }
  mkdirSync(debian, { recursive: true });
  await run('apt-get', ['download', 'restic'], { cwd: debian });
  const archive = readdirSync(debian).find(name => name.startsWith('restic_'));
  await run('dpkg-deb', ['-x', join(debian, archive), debian]);
}

const tools = [
  ['git-lfs', join(programs, 'git-lfs'), installGitLfs],
  ['DVC', join(cache, 'python', 'bin', 'dvc'), () => installFromPip('dvc')],
  ['Oxen', join(cache, 'python', 'oxen-installed'), () => installAndMark('oxenai', 'oxen-installed')],
  ['hf-xet', join(cache, 'python', 'hf-xet-installed'), () => installAndMark('hf-xet', 'hf-xet-installed')],
  ['datacompy', join(cache, 'python', 'datacompy-installed'), installDatacompy],
  ['restic', join(debian, 'usr', 'bin', 'restic'), installRestic]
];

async function installDatacompy() {
  await installFromPip('datacompy', 'pandas', 'pyarrow');
  writeFileSync(join(cache, 'python', 'datacompy-installed'), '');
}

async function installAndMark(name, mark) {
  await installFromPip(name);
  writeFileSync(join(cache, 'python', mark), '');
}

/** Install what is missing. Returns why, for those that cannot be: name → reason. */
export async function installTools() {
  mkdirSync(programs, { recursive: true });
  const missing = {};
  for (const [name, file, install] of tools) {
    if (!existsSync(file)) {
      await step(`Installing ${name} to compare with`, install).catch(error => {
        missing[name] = error.message.trim().split('\n').at(-1).slice(0, 100);
      });
    }
  }
  return missing;
}

export const home = mkdtempSync(join(tmpdir(), 'branchbook-bench-home-'));

/** Of every program that is measured: an empty home, so that nobody's settings take part, and an author. */
export const environment = () => ({
  ...process.env,
  HOME: home,
  PATH: [programs, join(cache, 'python', 'bin'), join(debian, 'usr', 'bin'), process.env.PATH].join(delimiter),
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Bench',
  GIT_AUTHOR_EMAIL: 'bench@example.org',
  GIT_COMMITTER_NAME: 'Bench',
  GIT_COMMITTER_EMAIL: 'bench@example.org',
  RESTIC_PASSWORD: 'bench',
  DVC_NO_ANALYTICS: '1'
});
