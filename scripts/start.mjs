// npm start [-- --no-browser --port N --dir PATH]: set up, make the example project, open JupyterLab on it.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { at, fail, run, step, StepFailed } from './run.mjs';
import { bin, setup } from './setup.mjs';

const usage = `npm start [-- options]
  --dir PATH     open this folder instead of the example project (made in ./example-project)
  --port N       port of JupyterLab (default: 8888, or the next free one)
  --no-browser   print the address, open no browser`;

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        dir: { type: 'string' },
        port: { type: 'string' },
        'no-browser': { type: 'boolean', default: false },
        help: { type: 'boolean', default: false }
      }
    });
    if (values.port !== undefined && !/^\d{1,5}$/.test(values.port)) {
      throw new StepFailed(`--port takes a number, not '${values.port}'`);
    }
    return values;
  } catch (error) {
    throw new StepFailed(`${error.message}\n\n${usage}`);
  }
}

/** The example project, made once: real data that scikit-learn ships, two branches, a trained model on each. */
async function exampleProject() {
  const folder = at('example-project');
  if (!existsSync(resolve(folder, '.git', 'branchbook', 'example-complete'))) {
    await step('Making the example project', () => run(bin('python'), [at('examples', 'create.py'), folder]));
  }
  return folder;
}

function isFree(port) {
  return new Promise(done => {
    const server = createServer();
    server.once('error', () => done(false));
    server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
  });
}

async function choosePort(wanted) {
  if (wanted !== undefined) {
    if (!(await isFree(Number(wanted)))) {
      throw new StepFailed(`Port ${wanted} is taken; choose another with --port, or leave it out`);
    }
    return Number(wanted);
  }
  for (let port = 8888; port < 8988; port++) {
    if (await isFree(port)) {
      return port;
    }
  }
  throw new StepFailed('No free port between 8888 and 8987; choose one with --port');
}

const answers = port =>
  new Promise(done => {
    const probe = request({ host: '127.0.0.1', port, path: '/api', timeout: 1000 }, response => {
      response.resume();
      done(response.statusCode === 200);
    });
    probe.on('error', () => done(false));
    probe.on('timeout', () => probe.destroy());
    probe.end();
  });

async function startJupyter(folder, port, openBrowser, firstPage) {
  const token = randomBytes(24).toString('hex');
  const argv = [
    'lab',
    `--ServerApp.root_dir=${folder}`,
    `--port=${port}`,
    '--ip=127.0.0.1',
    '--ServerApp.port_retries=0'
  ];
  argv.push(`--LabApp.default_url=/lab${firstPage}`);
  if (!openBrowser) {
    argv.push('--no-browser');
  }
  if (process.getuid?.() === 0) {
    argv.push('--allow-root');
  }
  const jupyter = spawn(bin('jupyter'), argv, {
    stdio: 'inherit',
    env: { ...process.env, JUPYTER_TOKEN: token, BRANCHBOOK_NODE: process.execPath }
  });
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.on(signal, () => {
      jupyter.kill(signal);
      // Jupyter Server has shut its kernels down by then, but may wait forever for a thread that idles.
      setTimeout(() => jupyter.kill('SIGKILL'), 10_000).unref();
    });
  }
  jupyter.on('exit', code => process.exit(code ?? 0));
  while (!(await answers(port))) {
    await new Promise(next => setTimeout(next, 100));
  }
  console.log(
    `\nJupyterLab is ready:\n\n    http://127.0.0.1:${port}/lab${firstPage}?token=${token}\n\nStop it with Ctrl-C.\n`
  );
}

try {
  const options = readOptions();
  if (options.help) {
    console.log(usage);
  } else {
    // What the user asked for is checked before minutes are spent on installing.
    if (options.dir && !existsSync(options.dir)) {
      throw new StepFailed(`There is no folder ${resolve(options.dir)}`);
    }
    const port = await choosePort(options.port);
    await setup('example');
    const folder = options.dir ? resolve(options.dir) : await exampleProject();
    await startJupyter(folder, port, !options['no-browser'], options.dir ? '' : '/tree/train.ipynb');
  }
} catch (error) {
  fail(error);
}
