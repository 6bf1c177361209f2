import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type Browser,
  type BrowserContext,
  chromium,
  type LaunchOptions,
  type Locator,
  type Page
} from 'playwright-core';

const root = resolve(__dirname, '..', '..');
/** Milliseconds that a program has to end by itself. */
const patience = 15_000;
const core = join(root, 'branchbook', '_core', 'branchbook.cjs');
const chromiumFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync'
];

/** A throw-away home of one person: nothing of the machine's git, Jupyter or browser settings reaches a test. */
export class Sandbox {
  readonly folder = mkdtempSync(join(tmpdir(), 'branchbook-browser-'));
  readonly project = this.path('project');
  readonly env: NodeJS.ProcessEnv;

  constructor(person = 'Ada Lovelace') {
    mkdirSync(this.project);
    const email = `${person.split(' ')[0]!.toLowerCase()}@example.org`;
    writeFileSync(this.path('gitconfig'), `[user]\n\tname = ${person}\n\temail = ${email}\n`);
    this.env = {
      ...process.env,
      HOME: this.folder,
      XDG_CONFIG_HOME: this.path('.config'),
      XDG_CACHE_HOME: this.path('.cache'),
      XDG_DATA_HOME: this.path('.local', 'share'),
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: this.path('gitconfig'),
      GIT_AUTHOR_NAME: person,
      GIT_AUTHOR_EMAIL: email,
      GIT_COMMITTER_NAME: person,
      GIT_COMMITTER_EMAIL: email,
      BRANCHBOOK_NODE: process.execPath,
      PYTHONPATH: root,
      JUPYTER_PATH: this.path('share', 'jupyter'),
      JUPYTER_CONFIG_DIR: this.path('config'),
      JUPYTER_RUNTIME_DIR: this.path('runtime'),
      JUPYTERLAB_SETTINGS_DIR: this.path('settings'),
      JUPYTERLAB_WORKSPACES_DIR: this.path('workspaces'),
      IPYTHONDIR: this.path('ipython')
    };
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts);
  }

  /** Write a file of the project. */
  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.project, path)), { recursive: true });
    writeFileSync(join(this.project, path), content);
  }

  git(...argv: string[]): string {
    return execFileSync('git', argv, { cwd: this.project, env: this.env, encoding: 'utf8' });
  }

  branchbook(...argv: string[]): string {
    return execFileSync(process.execPath, [core, ...argv], { cwd: this.project, env: this.env, encoding: 'utf8' });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A notebook of so many cells that it scrolls. `text` is in the first and the last cell. */
export function notebook(text: string, cells = 30): string {
  const markdown = (id: string, source: string): object => ({ cell_type: 'markdown', id, metadata: {}, source });
  const code = (id: string, source: string): object => ({
    cell_type: 'code',
    execution_count: null,
    id,
    metadata: {},
    outputs: [],
    source
  });
  const middle = Array.from({ length: cells }, (_, i) => code(`cell-${i}`, `value_${i} = ${i}\nprint(value_${i})`));
  return JSON.stringify({
    cells: [markdown('first', `# This is ${text}`), ...middle, markdown('last', `The end of ${text}`)],
    metadata: { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } },
    nbformat: 4,
    nbformat_minor: 5
  });
}

/** What differs between the two branches of the sample project, byte for byte. */
export const sample = {
  csv: { main: 'name,age\nAda,36\n', experiment: 'name,age\nAda,36\nGrace,45\n' },
  model: { main: Buffer.alloc(200_000, 'main'), experiment: Buffer.alloc(300_000, 'experiment') }
};

/** main and experiment: a notebook, a data set and a model differ; `extra.ipynb` is on experiment only. Ends on main. */
export function makeSampleProject(sandbox: Sandbox): void {
  const write = (branch: 'main' | 'experiment'): void => {
    sandbox.write('analysis.ipynb', notebook(branch));
    sandbox.write('data/people.csv', sample.csv[branch]);
    sandbox.write('models/model.pkl', sample.model[branch]);
  };
  sandbox.git('init', '-q', '-b', 'main');
  sandbox.branchbook('init');
  write('main');
  sandbox.write('notes.md', 'Same on both branches.\n');
  sandbox.branchbook('snapshot', '-m', 'Baseline');
  sandbox.branchbook('switch', '-c', 'experiment');
  write('experiment');
  sandbox.write('extra.ipynb', notebook('extra', 2));
  sandbox.branchbook('snapshot', '-m', 'Try another model');
  sandbox.branchbook('switch', 'main');
}

/** A running JupyterLab on a sandbox's project, and a browser to look at it. */
export class Lab {
  private constructor(
    readonly sandbox: Sandbox,
    readonly browser: BrowserContext,
    private readonly _server: ChildProcess,
    readonly address: string,
    readonly token: string
  ) {}

  /** `base`: the path that its address begins with, as below a JupyterHub. */
  static async start(sandbox: Sandbox, base = ''): Promise<Lab> {
    linkExtension(sandbox);
    const port = await freePort();
    const token = randomBytes(16).toString('hex');
    const server = startServer(sandbox, port, token, base);
    const address = `http://127.0.0.1:${port}${base}`;
    try {
      await answering(address, server);
      return new Lab(sandbox, await launchProfile(sandbox), server, address, token);
    } catch (error) {
      server.kill();
      throw error;
    }
  }

  /** A fresh page and workspace with these files open, in order. `query` is added to the page's address. */
  async open(
    files: readonly string[],
    viewport = { width: 1400, height: 900 },
    query: Readonly<Record<string, string>> = {}
  ): Promise<Page> {
    const page = await this.browser.newPage();
    await page.setViewportSize(viewport);
    page.setDefaultTimeout(30_000);
    const tree = files.length > 0 ? `/tree/${files[0]}` : '';
    const address = new URL(`${this.address}/lab/workspaces/w${randomBytes(4).toString('hex')}${tree}`);
    address.search = new URLSearchParams({ token: this.token, ...query }).toString();
    await page.goto(address.href);
    await restored(page);
    for (const file of files.slice(1)) {
      await execute(page, 'docmanager:open', { path: file });
    }
    return page;
  }

  async stop(): Promise<void> {
    await Promise.race([this.browser.close(), sleep(patience)]);
    const gone = new Promise(done => this._server.once('exit', done));
    this._server.kill('SIGTERM');
    await Promise.race([gone, sleep(patience)]);
    // A server that is still waiting for a kernel must not outlive its test, nor must the core it started.
    this._server.kill('SIGKILL');
    stopCore(this.sandbox);
  }
}

/** The core runs on by itself until it is idle for long enough; its folder is about to go. */
function stopCore(sandbox: Sandbox): void {
  try {
    const discovery = readFileSync(sandbox.path('runtime', 'branchbook-core.json'), 'utf8');
    process.kill((JSON.parse(discovery) as { pid: number }).pid, 'SIGTERM');
  } catch {
    // It was never started, or has ended already.
  }
}

/** JupyterLab has started and put its layout back; before that, it may undo what a test does. */
export async function restored(page: Page): Promise<void> {
  type WithApp = { jupyterapp?: { restored: Promise<void> } };
  await page.waitForFunction(() => (window as WithApp).jupyterapp !== undefined);
  await page.evaluate(() => (window as WithApp).jupyterapp?.restored);
  await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' });
}

export function launchBrowser(sandbox: Sandbox): Promise<Browser> {
  return chromium.launch(browserOptions(sandbox));
}

/** A person's own browser, which keeps between pages what it loaded and compiled: half of what JupyterLab takes to start. */
function launchProfile(sandbox: Sandbox): Promise<BrowserContext> {
  return chromium.launchPersistentContext(sandbox.path('browser'), browserOptions(sandbox));
}

const browserOptions = (sandbox: Sandbox): LaunchOptions => ({
  executablePath: '/usr/bin/chromium',
  args: chromiumFlags,
  env: sandbox.env as Record<string, string>
});

/** The branch button in the toolbar of the notebook that is in front. */
export function switcher(page: Page): Locator {
  return page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) .bb-BranchButton button');
}

/** Choose a branch in the menu and wait until the toolbar names it. */
export async function switchTo(page: Page, branch: string): Promise<void> {
  await chooseBranch(page, branch);
  await page.locator('.bb-BranchButton.bb-mod-status').getByText(branch, { exact: true }).waitFor();
}

/** Choose a branch in the menu of the notebook in front, without waiting for what comes of it. */
export async function chooseBranch(page: Page, branch: string): Promise<void> {
  await switcher(page).click();
  await option(page, branch).click();
}

export function option(page: Page, branch: string): Locator {
  return page.getByRole('option').filter({ has: page.getByText(branch, { exact: true }) });
}

export function tab(page: Page, name: string): Locator {
  return page.locator('#jp-main-dock-panel .lm-TabBar-tab').filter({ hasText: name });
}

/** Run a command of JupyterLab, as its palette would. */
export async function execute(page: Page, command: string, args: object = {}): Promise<void> {
  await page.evaluate(
    async ([id, values]) => {
      const app = (window as unknown as { jupyterapp: { commands: { execute(id: string, args: object): unknown } } })
        .jupyterapp;
      await app.commands.execute(id, values);
    },
    [command, args] as const
  );
}

/** Wait until the kernel of the notebook in front can run code. */
export async function kernelReady(page: Page): Promise<void> {
  const indicator = page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-Notebook-ExecutionIndicator');
  await indicator.and(page.locator('[data-status=idle]')).waitFor({ state: 'attached' });
  // It is said to be idle also before there is one.
  await page.waitForFunction(() => {
    type Session = { kernel: { connectionStatus: string } | null } | null;
    type App = { shell: { currentWidget: { sessionContext?: { session: Session } } | null } };
    const { jupyterapp: app } = window as unknown as { jupyterapp: App };
    return app.shell.currentWidget?.sessionContext?.session?.kernel?.connectionStatus === 'connected';
  });
}

/** Save a picture to look at, below the folder named by BRANCHBOOK_SCREENSHOTS; nothing without it. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['BRANCHBOOK_SCREENSHOTS'];
  if (folder) {
    await page.screenshot({ path: join(folder, `${name}.png`) });
  }
}

/** Load the extension and the server extension of this checkout, and only what the tests are about. */
function linkExtension(sandbox: Sandbox): void {
  const built = join(root, 'branchbook', 'labextension');
  if (!existsSync(join(built, 'package.json')) || !existsSync(core)) {
    throw new Error('Build first: npm run build');
  }
  mkdirSync(sandbox.path('share', 'jupyter', 'labextensions'), { recursive: true });
  symlinkSync(built, sandbox.path('share', 'jupyter', 'labextensions', 'branchbook'), 'dir');
  const ServerApp = { jpserver_extensions: { branchbook: true } };
  const disabledExtensions = { '@jupyterlab/git': true, '@jupyterlab/apputils-extension:announcements': true };
  mkdirSync(sandbox.path('config', 'labconfig'), { recursive: true });
  writeFileSync(sandbox.path('config', 'jupyter_server_config.json'), JSON.stringify({ ServerApp }));
  writeFileSync(sandbox.path('config', 'labconfig', 'page_config.json'), JSON.stringify({ disabledExtensions }));
}

function startServer(sandbox: Sandbox, port: number, token: string, base: string): ChildProcess {
  const argv = [
    'lab',
    '--no-browser',
    '--allow-root',
    '--expose-app-in-browser',
    '--ip=127.0.0.1',
    `--port=${port}`,
    '--ServerApp.port_retries=0',
    `--ServerApp.base_url=${base}/`,
    `--ServerApp.root_dir=${sandbox.project}`
  ];
  const log = process.env['BRANCHBOOK_TEST_LOG'] ? 'inherit' : 'ignore';
  return spawn(join(root, '.venv', 'bin', 'jupyter'), argv, {
    cwd: sandbox.project,
    env: { ...sandbox.env, JUPYTER_TOKEN: token },
    stdio: ['ignore', log, log]
  });
}

async function answering(address: string, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300 && server.exitCode === null; attempt++) {
    const answered = await fetch(`${address}/api`).then(
      response => response.ok,
      () => false
    );
    if (answered) {
      return;
    }
    await new Promise(next => setTimeout(next, 200));
  }
  throw new Error('JupyterLab did not start; set BRANCHBOOK_TEST_LOG=1 to see why');
}

export function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.once('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Reload the page once JupyterLab has put its layout and settings away. */
export async function reload(page: Page): Promise<void> {
  // Saving waits for a moment of quiet.
  await page.waitForTimeout(1500);
  await page.reload();
  await page.waitForFunction(() => 'jupyterapp' in window);
  await page.evaluate(() => (window as unknown as { jupyterapp: { restored: Promise<void> } }).jupyterapp.restored);
  await page.locator('#jupyterlab-splash').waitFor({ state: 'detached' });
}
