import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { execute, Lab, makeSampleProject, picture, reload, Sandbox } from './harness';

let sandbox: Sandbox;
let lab: Lab;
let page: Page;
let start: string;

const panel = () => page.locator('#branchbook-panel');
const dialog = () => page.locator('.jp-Dialog');
const press = (name: string) => dialog().getByRole('button', { name, exact: true }).click();
const row = (name: string) => panel().getByRole('treeitem', { name });
const changes = () => panel().getByRole('list', { name: 'Changed files' });
const versions = () => panel().locator('.bb-Tree-row.bb-mod-version');
const section = (name: string) => panel().locator('h3').filter({ hasText: name });
const onDisk = (path: string) => readFileSync(join(sandbox.project, path), 'utf8');
const subjects = () => sandbox.git('log', '--format=%s').trim().split('\n');
const height = async (selector: string) => (await panel().locator(selector).boundingBox())?.height ?? 0;
const settingsFile = () => sandbox.path('settings', 'branchbook', 'dialogs.jupyterlab-settings');

function setSettings(values: object): void {
  mkdirSync(dirname(settingsFile()), { recursive: true });
  writeFileSync(settingsFile(), JSON.stringify(values));
}

async function showPanel(args: object = {}): Promise<void> {
  await execute(page, 'branchbook:show-panel', args);
  await panel().locator('.bb-Header').waitFor();
}

beforeAll(async () => {
  sandbox = new Sandbox();
  makeSampleProject(sandbox);
  sandbox.write('data/people.csv', 'name,age\nAda,36\nMary,51\n');
  sandbox.branchbook('snapshot', '-m', 'Add Mary');
  start = sandbox.git('rev-parse', 'HEAD').trim();
  lab = await Lab.start(sandbox);
});

afterAll(async () => {
  await lab?.stop();
  sandbox?.remove();
});

beforeEach(async () => {
  sandbox.git('reset', '-q', '--hard', start);
  sandbox.git('clean', '-q', '-f', '-d');
  rmSync(settingsFile(), { force: true });
  page = await lab.open([]);
});

afterEach(async () => {
  await page.close();
});

describe('the sections', () => {
  it('are as high as what they show, and leave the room to data and models', async () => {
    await showPanel();
    await panel().getByText('Everything is in a snapshot.').waitFor();
    await expect.poll(() => height('.bb-Panel-changes')).toBeLessThan(50);
    const assets = await height('.bb-Panel-assets');
    expect(assets).toBeGreaterThan(400);
    for (let index = 0; index < 40; index++) {
      sandbox.write(`notes/${index}.md`, 'New.\n');
    }
    await panel().getByRole('button', { name: 'Refresh' }).click();
    await panel().getByText('39.md').waitFor();
    await expect.poll(() => height('.bb-Panel-changes')).toBeGreaterThan(150);
    expect(await height('.bb-Panel-assets')).toBeGreaterThan(150);
    await picture(page, 'sections-light-1400');
  });

  it('stay collapsed after the page was loaded again', async () => {
    await showPanel();
    await section('History').click();
    await expect.poll(() => height('.bb-Panel-history')).toBe(0);
    await reload(page);
    await row('data/people.csv').waitFor();
    expect(await section('History').getAttribute('aria-expanded')).toBe('false');
    expect(await section('Changes').getAttribute('aria-expanded')).toBe('true');
    await section('History').press('Enter');
    await panel()
      .getByRole('list', { name: /Operations/ })
      .waitFor();
  });

  it('fit a window of 900 pixels', async () => {
    await page.setViewportSize({ width: 900, height: 600 });
    await showPanel({ file: 'data/people.csv' });
    await versions().nth(1).waitFor();
    for (const name of ['Changes', 'Data and models', 'History']) {
      const box = (await section(name).boundingBox())!;
      expect(box.x + box.width).toBeLessThanOrEqual(900);
      expect(box.y + box.height).toBeLessThanOrEqual(600);
    }
    expect(await panel().evaluate(node => node.scrollWidth <= node.clientWidth)).toBe(true);
  });
});

describe('a long snapshot', () => {
  it('shows its progress, and changes nothing when it is cancelled', async () => {
    await showPanel();
    const block = randomBytes(1 << 20);
    const blocks = Array.from({ length: 400 }, (_, index) => {
      block.writeUInt32LE(index);
      return Buffer.from(block).map(byte => byte ^ index);
    });
    sandbox.write('data/large.bin', Buffer.concat(blocks));
    await panel().getByRole('button', { name: 'Refresh' }).click();
    await changes().getByText('large.bin').waitFor();
    await panel().getByRole('button', { name: 'Snapshot', exact: true }).click();
    const activity = panel().locator('.bb-Activity');
    await activity.locator('.bb-Size').getByText(/MB/).waitFor();
    await picture(page, 'progress-light-1400');
    await activity.getByRole('button', { name: 'Cancel' }).click();
    await activity.waitFor({ state: 'detached' });
    await changes().getByText('large.bin').waitFor();
    expect(await dialog().count()).toBe(0);
    expect(sandbox.git('rev-parse', 'HEAD').trim()).toBe(start);
  });
});

describe('tracking', () => {
  it('makes the file selected in the file browser data', async () => {
    sandbox.write('notes/book.md', 'A large book.\n');
    await execute(page, 'filebrowser:go-to-path', { path: 'notes' });
    await page.locator('.jp-DirListing-item').getByText('book.md').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Track as Data…' }).click();
    expect(await dialog().getByRole('textbox').inputValue()).toBe('notes/book.md');
    await dialog().getByRole('textbox').fill('notes/*.md');
    await press('Track');
    await page.getByText('Files matching notes/*.md are now data.').waitFor();
    expect(onDisk('.gitattributes')).toContain('notes/*.md filter=lfs');
    await showPanel();
    await row('notes/book.md').getByText('New').waitFor();
  });
});

describe('settings', () => {
  it('“Do not ask again” restores without a question from then on', async () => {
    await showPanel({ file: 'data/people.csv' });
    const restore = versions().nth(1).getByRole('button', { name: 'Restore this version' });
    await restore.click();
    await dialog().getByText('Do not ask again').click();
    await press('Restore');
    await expect.poll(() => onDisk('data/people.csv')).toBe('name,age\nAda,36\n');
    await expect.poll(() => readFileSync(settingsFile(), 'utf8')).toContain('"confirmRestore": false');
    await panel().getByRole('button', { name: 'Undo: ' }).first().click();
    await panel().getByText('Everything is in a snapshot.').waitFor();
    await restore.click();
    await row('data/people.csv').getByText('Modified').waitFor();
    expect(onDisk('data/people.csv')).toBe('name,age\nAda,36\n');
    // Work that is in no snapshot is asked about whatever the setting.
    await restore.click();
    await dialog().getByText('It has changes that are in no snapshot yet.').waitFor();
    await press('Cancel');
  });

  it('snapshots by itself every so many minutes when asked to', async () => {
    setSettings({ autosnapshot: 0.02 });
    await page.close();
    page = await lab.open([]);
    sandbox.write('notes.md', 'By itself.\n');
    await expect.poll(() => subjects()[0]).toBe('Automatic snapshot');
    expect(sandbox.git('show', 'HEAD:notes.md')).toBe('By itself.\n');
    expect(sandbox.git('status', '--porcelain')).toBe('');
  });
});

describe('the compare view', () => {
  it('is there again after the page was loaded again', async () => {
    await showPanel();
    await execute(page, 'branchbook:compare', { revisions: ['main', 'experiment'] });
    const files = page.locator('.bb-Compare').getByRole('region', { name: 'Files' });
    const file = files.getByRole('row', { name: /people\.csv/ });
    await file.waitFor();
    await reload(page);
    await file.waitFor();
    expect(await page.locator('.bb-Compare').getByLabel('Baseline').inputValue()).toBe('main');
  });
});

describe('waiting and failing', () => {
  it('says that it is loading, then shows the project and what was asked for', async () => {
    let answer = (): void => undefined;
    const wanted = new Promise<void>(done => (answer = done));
    await page.route('**/branchbook/api/operation/status*', async route => {
      await wanted;
      await route.continue();
    });
    await reload(page);
    await execute(page, 'branchbook:show-panel', { file: 'data/people.csv' });
    await panel().getByText('Loading…').waitFor();
    answer();
    await row('data/people.csv').waitFor();
    await versions().nth(1).waitFor();
  });

  it('asks who the user is when git does not know, and remembers the answer in the project', async () => {
    await inOtherLab(
      other => {
        for (const name of ['GIT_AUTHOR_NAME', 'GIT_AUTHOR_EMAIL', 'GIT_COMMITTER_NAME', 'GIT_COMMITTER_EMAIL']) {
          delete other.env[name];
        }
        rmSync(other.path('gitconfig'));
        other.git('init', '-q', '-b', 'main');
        other.branchbook('init');
        other.write('table.csv', 'a\n1\n');
      },
      async other => {
        await showPanel();
        await panel().getByRole('button', { name: 'Snapshot', exact: true }).click();
        await dialog().getByText('Who are you?').waitFor();
        await dialog().getByLabel('Name').fill('Grace Hopper');
        await dialog().getByLabel('Email').fill('grace@example.org');
        await picture(page, 'identity-light-1400');
        await press('Save');
        await panel().getByText('Everything is in a snapshot.').waitFor();
        expect(other.git('log', '-1', '--format=%an <%ae>').trim()).toBe('Grace Hopper <grace@example.org>');
        expect(other.git('config', '--local', 'user.email').trim()).toBe('grace@example.org');
      }
    );
  });

  it('says in one message what to do when the core cannot start', async () => {
    await inOtherLab(
      other => (other.env['BRANCHBOOK_NODE'] = other.path('no-such-node')),
      async () => {
        await execute(page, 'branchbook:show-panel');
        await panel().getByText('Branchbook could not start').waitFor();
        const told = page.locator('.Toastify__toast').filter({ hasText: 'Branchbook' });
        await told.first().waitFor();
        expect(await panel().getByRole('alert').innerText()).toContain('no-such-node');
        expect(await told.count()).toBe(1);
        await picture(page, 'no-core-light-1400');
      }
    );
  });
});

/** Do `work` in a JupyterLab of its own, in `page`. */
async function inOtherLab(prepare: (other: Sandbox) => void, work: (other: Sandbox) => Promise<void>): Promise<void> {
  const other = new Sandbox();
  prepare(other);
  const started = await Lab.start(other);
  try {
    await page.close();
    page = await started.open([]);
    await work(other);
  } finally {
    await started.stop();
    other.remove();
  }
}
