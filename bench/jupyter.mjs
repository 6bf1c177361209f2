// JupyterLab with the extension of this checkout, and a browser to look at it.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { root } from '../scripts/run.mjs';
import { bin } from '../scripts/setup.mjs';
import { environment } from './tools.mjs';

const token = 'bench';
const flags =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const ANNOUNCEMENTS = '@jupyterlab/apputils-extension:announcements';

const freePort = () =>
  new Promise((found, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => found(port));
    });
  });

/** Settings of one JupyterLab below `folder`. */
function configure(folder, disabled) {
  const config = join(folder, 'config');
  mkdirSync(join(config, 'labconfig'), { recursive: true });
  const ServerApp = { jpserver_extensions: { branchbook: true } };
  const disabledExtensions = Object.fromEntries([ANNOUNCEMENTS, ...disabled].map(name => [name, true]));
  writeFileSync(join(config, 'jupyter_server_config.json'), JSON.stringify({ ServerApp }));
  writeFileSync(join(config, 'labconfig', 'page_config.json'), JSON.stringify({ disabledExtensions }));
  return {
    ...environment(),
    JUPYTER_TOKEN: token,
    JUPYTER_CONFIG_DIR: config,
    JUPYTER_RUNTIME_DIR: join(folder, 'runtime'),
    JUPYTERLAB_SETTINGS_DIR: join(folder, 'settings'),
    JUPYTERLAB_WORKSPACES_DIR: join(folder, 'workspaces'),
    BRANCHBOOK_NODE: process.execPath,
    PYTHONPATH: root
  };
}

async function answering(base, server) {
  for (let attempt = 0; attempt < 600 && server.exitCode === null; attempt++) {
    const answered = await fetch(`${base}/api`).then(
      response => response.ok,
      () => false
    );
    if (answered) {
      return;
    }
    await new Promise(next => setTimeout(next, 100));
  }
  throw new Error('JupyterLab did not start');
}

/** The core that the server started goes on by itself; its project is about to go. */
function stopCore(folder) {
  try {
    process.kill(JSON.parse(readFileSync(join(folder, 'runtime', 'branchbook-core.json'), 'utf8')).pid, 'SIGTERM');
  } catch {
    // It was never started.
  }
}

/** Call `work` with the address of a JupyterLab on `project`; `folder` holds its settings. */
export async function withJupyter({ project, folder, disabled = [] }, work) {
  const port = await freePort();
  const argv = ['lab', '--no-browser', '--expose-app-in-browser', `--port=${port}`, `--ServerApp.root_dir=${project}`];
  const env = configure(folder, disabled);
  const server = spawn(bin('jupyter'), [...argv, '--allow-root', '--ServerApp.port_retries=0'], {
    stdio: 'ignore',
    cwd: project,
    env
  });
  const gone = new Promise(done => server.once('exit', done));
  try {
    const base = `http://127.0.0.1:${port}`;
    await answering(base, server);
    return await work(base);
  } finally {
    server.kill('SIGTERM');
    const timer = setTimeout(() => server.kill('SIGKILL'), 15_000);
    await gone;
    clearTimeout(timer);
    stopCore(folder);
  }
}

export async function withPage(work) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags.split(' ') });
  try {
    const page = await (await browser.newContext({ viewport: { width: 1400, height: 900 } })).newPage();
    page.setDefaultTimeout(120_000);
    return await work(page);
  } finally {
    await browser.close();
  }
}

/** Open JupyterLab in a workspace without a past, with a file when one is named. */
export async function open(page, base, path = '') {
  await page.goto(`${base}/lab${path ? `/tree/${path}` : ''}?reset&token=${token}`);
  await page.waitForSelector('#jupyterlab-splash', { state: 'detached' });
  await page.waitForSelector('.jp-Launcher, .jp-NotebookPanel');
}
