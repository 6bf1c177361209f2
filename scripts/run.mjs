// Small helpers for the set-up scripts. Node's own modules only: they run before anything is installed.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
export const at = (...parts) => join(root, ...parts);

export class StepFailed extends Error {}

/** Run a program; reject with its output when it fails. `show` passes its output through. */
export function run(command, argv, { cwd = root, env = {}, show = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, argv, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', show ? 'inherit' : 'pipe', show ? 'inherit' : 'pipe']
    });
    let output = '';
    child.stdout?.on('data', data => (output += data));
    child.stderr?.on('data', data => (output += data));
    child.on('error', error => reject(new StepFailed(`${command} could not be started: ${error.message}`)));
    child.on('exit', code =>
      code === 0 ? resolve(output) : reject(new StepFailed(`${[command, ...argv].join(' ')} failed:\n${output}`))
    );
  });
}

/** Do `work` with one line that says what is being done and how long it took. */
export async function step(title, work) {
  const start = Date.now();
  process.stdout.write(`• ${title} …`);
  const tick = process.stdout.isTTY ? setInterval(() => process.stdout.write('.'), 2000) : null;
  try {
    const result = await work();
    process.stdout.write(` ${((Date.now() - start) / 1000).toFixed(1)} s\n`);
    return result;
  } catch (error) {
    process.stdout.write(' failed\n');
    throw error;
  } finally {
    clearInterval(tick ?? undefined);
  }
}

/** Hash of the contents of some files: a stamp that says whether a step has to be done again. */
export function fingerprint(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(file).update('\0');
    if (existsSync(file)) {
      hash.update(readFileSync(file));
    }
  }
  return hash.digest('hex');
}

const stampOf = name => at('node_modules', '.branchbook', name);

/** Whether the stamp `name` holds `value`: the step it stands for was done for just this input. */
export const isDone = (name, value) => existsSync(stampOf(name)) && readFileSync(stampOf(name), 'utf8') === value;

/** Run `work` unless the stamp `name` already holds `value`. */
export async function once(name, value, title, work) {
  if (!isDone(name, value)) {
    await step(title, work);
    mkdirSync(dirname(stampOf(name)), { recursive: true });
    writeFileSync(stampOf(name), value);
  }
}

/** Report a failed step in words and leave. */
export function fail(error) {
  console.error(`\n${error instanceof StepFailed ? error.message : (error?.stack ?? error)}`);
  process.exit(1);
}
