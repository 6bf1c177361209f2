import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { freePort, launchBrowser, makeSampleProject, Sandbox } from './harness';

const start = join(resolve(__dirname, '..', '..'), 'scripts', 'start.mjs');

/** What `npm start` does once everything is installed. */
describe('npm start', () => {
  const sandbox = new Sandbox();
  let server: ChildProcess;
  let output = '';
  let port: number;

  beforeAll(async () => {
    makeSampleProject(sandbox);
    port = await freePort();
    const argv = [start, '--no-browser', '--port', String(port), '--dir', sandbox.project];
    server = spawn(process.execPath, argv, { env: sandbox.env, stdio: ['ignore', 'pipe', 'pipe'] });
    server.stdout!.on('data', data => (output += data));
    server.stderr!.on('data', data => (output += data));
    await vi.waitFor(() => expect(output).toContain('JupyterLab is ready'), { timeout: 120_000, interval: 200 });
  });
  afterAll(async () => {
    const stopped = new Promise(done => server.once('exit', done));
    server.kill('SIGTERM');
    await stopped;
    sandbox.remove();
  });

  it('prints an address with its token that opens the folder, with the branch in the toolbar', async () => {
    const [address] = /http:\/\/127\.0\.0\.1:\d+\/lab\?token=[0-9a-f]+/.exec(output.split('JupyterLab is ready')[1]!)!;
    expect(address).toContain(`:${port}/`);
    const browser = await launchBrowser(sandbox);
    try {
      const page = await browser.newPage();
      await page.goto(address.replace('/lab?', '/lab/tree/analysis.ipynb?'));
      await page.locator('.jp-NotebookPanel-toolbar').getByText('main').waitFor();
    } finally {
      await browser.close();
    }
  });

  it('refuses a port that is taken, saying what to do', async () => {
    const second = spawn(process.execPath, [start, '--no-browser', '--port', String(port), '--dir', sandbox.project], {
      env: sandbox.env
    });
    let text = '';
    second.stderr.on('data', data => (text += data));
    const code = await new Promise(done => second.once('exit', done));
    expect(code).toBe(1);
    expect(text).toContain('--port');
  });

  it('refuses a folder that is not there', async () => {
    const second = spawn(process.execPath, [start, '--no-browser', '--dir', sandbox.path('missing')], {
      env: sandbox.env
    });
    let text = '';
    second.stderr.on('data', data => (text += data));
    expect(await new Promise(done => second.once('exit', done))).toBe(1);
    expect(text).toContain('missing');
  });
});
