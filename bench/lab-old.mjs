// JupyterLab's figures, in a real browser: size of the extension, and what it adds to the start.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { at } from '../scripts/run.mjs';
import { bin } from '../scripts/setup.mjs';
import { branchbook, git, inTemporaryFolder, median } from './measure.mjs';

const token = 'bench';
const flags =
  '--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** A project with one asset, so that there is something to show. */
function makeProject(folder) {
  mkdirSync(join(folder, 'data'), { recursive: true });
  git(folder, 'init', '-q', '-b', 'main');
  git(folder, 'config', 'user.name', 'Bench');
  git(folder, 'config', 'user.email', 'bench@example.org');
  branchbook(folder, 'init');
  writeFileSync(join(folder, 'data', 'some.csv'), 'a,b\n1,2\n');
  branchbook(folder, 'snapshot', '-m', 'first');
}

async function withJupyter(folder, port, config, work) {
  const argv = [
    'lab',
    '--no-browser',
    `--port=${port}`,
    `--ServerApp.root_dir=${folder}`,
    '--ServerApp.port_retries=0'
  ];
  const server = spawn(bin('jupyter'), [...argv, '--allow-root', '--ServerApp.log_level=ERROR'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      JUPYTER_TOKEN: token,
      JUPYTER_CONFIG_PATH: config,
      JUPYTER_RUNTIME_DIR: join(config, 'runtime')
    }
  });
  const base = `http://127.0.0.1:${port}`;
  try {
    for (let attempt = 0; attempt < 300; attempt++) {
      if (
        await fetch(`${base}/api`).then(
          response => response.ok,
          () => false
        )
      ) {
        break;
      }
      await new Promise(next => setTimeout(next, 100));
    }
    return await work(base);
  } finally {
    server.kill();
  }
}

async function withPage(work) {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags.split(' ') });
  try {
    return await work(await (await browser.newContext()).newPage());
  } finally {
    await browser.close();
  }
}

/** Milliseconds from navigation until JupyterLab's shell is restored. */
async function startTime(page, base) {
  const start = performance.now();
  await page.goto(`${base}/lab?reset&token=${token}`);
  await page.waitForSelector('#jupyterlab-splash', { state: 'detached' });
  await page.waitForSelector('.jp-Launcher, .jp-NotebookPanel');
  return performance.now() - start;
}

async function startCost(folder, runs) {
  const times = { with: [], without: [] };
  const configs = { with: {}, without: { disabledExtensions: { branchbook: true } } };
  for (const [kind, pageConfig] of Object.entries(configs)) {
    mkdirSync(join(folder, kind, 'labconfig'), { recursive: true });
    writeFileSync(join(folder, kind, 'labconfig', 'page_config.json'), JSON.stringify(pageConfig));
  }
  await withJupyter(join(folder, 'project'), 18951, join(folder, 'with'), first =>
    withJupyter(join(folder, 'project'), 18952, join(folder, 'without'), second =>
      withPage(async page => {
        for (let run = -1; run < runs * 2; run++) {
          const pair = { with: await startTime(page, first), without: await startTime(page, second) };
          if (run >= 0) {
            times.with.push(pair.with);
            times.without.push(pair.without);
          }
        }
      })
    )
  );
  return median(times.with.map((value, run) => value - times.without[run]));
}

function bundleSize() {
  const folder = at('branchbook', 'labextension', 'static');
  return readdirSync(folder)
    .filter(name => name.endsWith('.js'))
    .reduce((bytes, name) => bytes + gzipSync(readFileSync(join(folder, name))).length, 0);
}

export const labRows = runs =>
  inTemporaryFolder(async folder => {
    const project = join(folder, 'project');
    mkdirSync(project);
    makeProject(project);
    const cost = await startCost(folder, runs);
    return [
      ['JupyterLab start, with − without the extension', cost, 'ms', 100, 'median of paired differences'],
      ['extension JavaScript, gzipped', bundleSize() / 1024, 'KiB', 600, 'all chunks']
    ];
  });
