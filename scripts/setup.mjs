// npm run setup: install what is missing and build. Everything stays inside this folder (node_modules, .venv).
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { at, fail, fingerprint, isDone, once, root, run, step, StepFailed } from './run.mjs';

const windows = process.platform === 'win32';
const venv = at('.venv');
export const bin = name => join(venv, windows ? 'Scripts' : 'bin', windows ? `${name}.exe` : name);

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    throw new StepFailed(`Node 20.19 or newer is needed, this is ${process.versions.node}: https://nodejs.org`);
  }
}

async function checkGit() {
  await run('git', ['--version']).catch(() => {
    throw new StepFailed('git is needed. On Debian or Ubuntu: apt-get install git');
  });
}

async function findPython() {
  const candidates = [process.env.PYTHON, 'python3', 'python', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
  for (const python of candidates.filter(Boolean)) {
    const probe = 'import sys, venv, ensurepip; print(sys.version_info >= (3, 10))';
    const output = await run(python, ['-c', probe]).catch(() => '');
    if (output.trim() === 'True') {
      return python;
    }
  }
  throw new StepFailed(
    'Python 3.10 or newer with venv is needed. On Debian or Ubuntu: apt-get install python3 python3-venv'
  );
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap(entry => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]));
}

async function installNode() {
  const npm = windows ? 'npm.cmd' : 'npm';
  const value = fingerprint([at('package.json'), at('package-lock.json')]);
  await once('npm', value, 'Installing npm packages', () =>
    // Not `npm ci`: it refuses a lock file that lacks optional packages of other platforms.
    run(npm, ['install', '--no-audit', '--no-fund', '--loglevel=error'])
  );
}

async function buildAll() {
  const sources = ['src', 'style', 'schema', 'scripts'].flatMap(folder => filesBelow(at(folder)));
  const value = fingerprint([...sources, at('package.json'), at('tsconfig.base.json')]);
  const built =
    existsSync(at('branchbook/_core/branchbook.cjs')) && existsSync(at('branchbook/labextension/package.json'));
  await once('build', built ? value : `${value} missing`, 'Building', () =>
    run(process.execPath, [at('scripts/build.mjs'), 'all'])
  );
  writeFileSync(at('node_modules', '.branchbook', 'build'), value);
}

async function makeEnvironment() {
  if (!existsSync(bin('python'))) {
    const python = await findPython();
    await step('Creating a Python environment in .venv', () => run(python, ['-m', 'venv', venv]));
  }
}

/** Begins what `pip` and `npm` can do side by side, since both wait for what they fetch; gives what waits for its end. */
function installPython(extras) {
  const value = `${fingerprint([at('pyproject.toml')])} ${statSync(bin('python')).ino}`;
  const name = `python-${extras}`;
  // What tests need includes what the example needs.
  if (isDone(name, value) || (extras === 'example' && isDone('python-example,test', value))) {
    return async () => undefined;
  }
  // pip would write through the link, into the folder it points to.
  rmSync(linkedExtension, { recursive: true, force: true });
  // It wants a folder to copy, though the extension is built and linked afterwards.
  mkdirSync(at('branchbook', 'labextension'), { recursive: true });
  const packages = ['--editable', `.[${extras}]`, 'jupyterlab==4.6.*'];
  // Python compiles what is imported, which is a small part.
  const argv = ['-m', 'pip', 'install', '--quiet', '--no-compile', ...packages];
  const installed = run(bin('python'), argv, { env: { SKIP_JUPYTER_BUILDER: '1' } });
  // It may fail before anybody waits.
  installed.catch(() => undefined);
  return () => once(name, value, 'Installing JupyterLab and Python packages', () => installed);
}

const linkedExtension = join(venv, 'share', 'jupyter', 'labextensions', 'branchbook');

/** JupyterLab loads the extension from this folder, so that a rebuild is seen without installing again. */
function linkExtension() {
  rmSync(linkedExtension, { recursive: true, force: true });
  mkdirSync(dirname(linkedExtension), { recursive: true });
  symlinkSync(at('branchbook', 'labextension'), linkedExtension, windows ? 'junction' : 'dir');
}

/** Install and build what is missing. `extras` are the optional dependency groups of pyproject.toml. */
export async function setup(extras) {
  checkNode();
  await checkGit();
  await makeEnvironment();
  const pythonInstalled = installPython(extras);
  await installNode();
  await pythonInstalled();
  await buildAll();
  linkExtension();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await setup(process.argv[2] ?? 'example');
    console.log(`Ready. The command line is: node ${join(root, 'branchbook', '_core', 'branchbook.cjs')}`);
  } catch (error) {
    fail(error);
  }
}
