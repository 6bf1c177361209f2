import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { execute, Lab, makeSampleProject, picture, sample, Sandbox } from './harness';

let sandbox: Sandbox;
let lab: Lab;
let page: Page;
let start: string;

const panel = () => page.locator('#branchbook-panel');
const dialog = () => page.locator('.jp-Dialog');
const press = (name: string) => dialog().getByRole('button', { name, exact: true }).click();
const row = (name: string) => panel().getByRole('treeitem', { name });
const versions = () => panel().locator('.bb-Tree-row.bb-mod-version');
const changes = () => panel().getByRole('list', { name: 'Changed files' });
const message = () => panel().getByRole('textbox', { name: 'Snapshot message' });
const onDisk = (path: string) => readFileSync(join(sandbox.project, path));
const subjects = () => sandbox.git('log', '--format=%s').trim().split('\n');
const focused = (locator: Locator) => locator.and(page.locator(':focus'));

/** The last snapshot of the sample, with a second version of the data below it, whatever a test did before. */
function reset(): void {
  sandbox.branchbook('switch', 'main', '--discard');
  sandbox.git('reset', '-q', '--hard', start);
  sandbox.git('clean', '-q', '-f', '-d');
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
  reset();
  page = await lab.open([]);
  // It takes the focus when it is there.
  await page.locator('.jp-Launcher').waitFor();
});

afterEach(async () => {
  await page.close();
});

describe('the panel', () => {
  it('shows project, branch, data and models, and what happened', async () => {
    await showPanel();
    await panel().locator('.bb-Header-project').getByText('project').waitFor();
    await panel().locator('.bb-Header-branchName').getByText('main').waitFor();
    await row('data/people.csv, Dataset').waitFor();
    await row('models/model.pkl, Model').waitFor();
    await panel().getByText('Everything is in a snapshot.').waitFor();
    await panel()
      .getByRole('list', { name: /Operations/ })
      .getByText('snapshot "Add Mary" on main')
      .waitFor();
    await picture(page, 'panel-light-1400');
  });

  it('snapshots everything with the message typed, by keyboard, and tells what it cost', async () => {
    await showPanel();
    sandbox.write('data/people.csv', 'name,age\nAda,36\nMary,51\nAlan,41\n');
    sandbox.write('notes.md', 'Changed.\n');
    await panel().getByRole('button', { name: 'Refresh' }).click();
    await changes().getByText('people.csv').waitFor();
    await changes().getByText('notes.md').waitFor();
    await picture(page, 'changes-light-1400');
    await message().fill('Add Alan');
    await message().press('Control+Enter');
    await panel().locator('.bb-Result').getByText('2 files').waitFor();
    await panel().locator('.bb-Result').getByText('after deduplication').waitFor();
    await panel().getByText('Everything is in a snapshot.').waitFor();
    expect(await message().count()).toBe(0);
    expect(subjects()[0]).toBe('Add Alan');
    expect(sandbox.git('status', '--porcelain')).toBe('');
  });

  it('snapshots edits that were not saved yet', async () => {
    await execute(page, 'docmanager:open', { path: 'analysis.ipynb' });
    await showPanel();
    const cell = page.locator('.jp-NotebookPanel .jp-CodeCell').first();
    await cell.locator('.cm-content').click();
    await page.keyboard.type('# unsaved words\n');
    await execute(page, 'branchbook:snapshot', { message: 'With the edit' });
    await expect.poll(() => subjects()[0]).toBe('With the edit');
    expect(sandbox.git('show', 'HEAD:analysis.ipynb')).toContain('# unsaved words');
  });

  it('snapshots only the files chosen in the dialog', async () => {
    await showPanel();
    sandbox.write('data/people.csv', 'name,age\n');
    sandbox.write('notes.md', 'Changed.\n');
    await panel().getByRole('button', { name: 'Snapshot…' }).click();
    await dialog().getByText('2 of 2 files').waitFor();
    await dialog().getByText('notes.md').click();
    await dialog().getByText('1 of 2 files').waitFor();
    await picture(page, 'snapshot-dialog-light-1400');
    await dialog().getByRole('textbox').fill('Only the data');
    await press('Snapshot');
    await expect.poll(() => subjects()[0]).toBe('Only the data');
    await changes().getByText('notes.md').waitFor();
    expect(sandbox.git('show', '--format=', '--name-only', 'HEAD').trim()).toBe('data/people.csv');
  });

  it('undoes the snapshot, and does it again', async () => {
    sandbox.write('data/people.csv', 'name,age\nAda,36\nMary,51\nAlan,41\n');
    sandbox.branchbook('snapshot', '-m', 'Add Alan');
    await showPanel();
    const history = panel().getByRole('list', { name: /Operations/ });
    await history.getByRole('button', { name: 'Undo: snapshot "Add Alan" on main' }).click();
    await changes().getByText('people.csv').waitFor();
    expect(subjects()[0]).toBe('Add Mary');
    expect(onDisk('data/people.csv').toString()).toContain('Alan');
    await history.getByRole('button', { name: 'Undo: switch main → main' }).waitFor();
    await history.getByRole('button', { name: 'Redo: snapshot "Add Alan" on main' }).click();
    await panel().getByText('Everything is in a snapshot.').waitFor();
    expect(subjects()[0]).toBe('Add Alan');
  });
});

describe('the versions of an asset', () => {
  it('are listed newest first, with their author and the current one marked', async () => {
    await showPanel();
    await row('data/people.csv').click();
    await versions().nth(1).waitFor();
    expect(await versions().count()).toBe(2);
    await versions().nth(0).getByText('Add Mary').waitFor();
    await versions().nth(0).getByText('Current', { exact: true }).waitFor();
    await versions().nth(1).getByText('Baseline').waitFor();
    await versions().nth(1).getByText('Ada Lovelace').waitFor();
    await versions().nth(1).hover();
    await picture(page, 'versions-light-1400');
    await execute(page, 'apputils:change-theme', { theme: 'JupyterLab Dark' });
    await page.locator('body[data-jp-theme-light="false"]').waitFor({ state: 'attached' });
    await page.setViewportSize({ width: 900, height: 900 });
    await picture(page, 'versions-dark-900');
    await execute(page, 'apputils:change-theme', { theme: 'JupyterLab Light' });
  });

  it('can be restored after a question; undo takes it back', async () => {
    await showPanel({ file: 'data/people.csv' });
    const before = onDisk('data/people.csv');
    await versions().nth(1).getByRole('button', { name: 'Restore this version' }).click();
    await dialog().getByText('Restore this version?').waitFor();
    await press('Restore');
    await row('data/people.csv, Dataset').getByText('Modified').waitFor();
    expect(onDisk('data/people.csv').toString()).toBe(sample.csv.main);
    await panel().getByRole('button', { name: 'Undo: ' }).first().click();
    await panel().getByText('Everything is in a snapshot.').waitFor();
    expect(onDisk('data/people.csv')).toEqual(before);
  });

  it('stay as they are when the user thinks better of it', async () => {
    await showPanel({ file: 'data/people.csv' });
    const before = onDisk('data/people.csv');
    await versions().nth(1).getByRole('button', { name: 'Restore this version' }).click();
    await press('Cancel');
    await dialog().waitFor({ state: 'detached' });
    expect(onDisk('data/people.csv')).toEqual(before);
  });

  it('can be copied to a new file', async () => {
    await showPanel({ file: 'data/people.csv' });
    await versions().nth(1).getByRole('button', { name: 'Get a copy…' }).click();
    const name = await dialog().getByRole('textbox').inputValue();
    expect(name).toMatch(/^data\/people@[0-9a-f]+\.csv$/);
    await press('Copy');
    await page.getByText(`Copied to ${name}`).waitFor();
    expect(onDisk(name).toString()).toBe(sample.csv.main);
  });

  it('show all that is known of them', async () => {
    await showPanel({ file: 'data/people.csv' });
    await versions().nth(0).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Version Details' }).click();
    const sha256 = execFileSync('sha256sum', [join(sandbox.project, 'data/people.csv')], { encoding: 'utf8' });
    await dialog().getByText(sha256.slice(0, 64)).waitFor();
    await dialog().getByText('Ada Lovelace <ada@example.org>').waitFor();
    await picture(page, 'details-light-1400');
    await press('Close');
  });

  it('can be reached and opened with the keyboard alone', async () => {
    await showPanel();
    await row('data/people.csv').focus();
    await page.keyboard.press('End');
    await focused(row('models/model.pkl')).waitFor();
    await page.keyboard.press('Home');
    await focused(row('data/people.csv')).waitFor();
    await page.keyboard.press('Enter');
    await versions().nth(1).waitFor();
    await page.keyboard.press('ArrowRight');
    await focused(versions().nth(0)).waitFor();
    await page.keyboard.press('ArrowDown');
    await focused(versions().nth(1)).waitFor();
    await page.keyboard.press('ArrowLeft');
    await focused(row('data/people.csv')).waitFor();
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => versions().count()).toBe(0);
  });

  it('lead back to the cell that made them', async () => {
    sandbox.write('data/people.csv', 'name,age\nBlaise,39\n');
    sandbox.branchbook('snapshot', '-m', 'From a cell', '--notebook', 'analysis.ipynb', '--cell', 'cell-25');
    await showPanel({ file: 'data/people.csv' });
    await versions().nth(0).getByRole('button', { name: 'analysis.ipynb' }).click();
    const cell = page.locator('.jp-NotebookPanel .jp-Cell.jp-mod-active');
    await cell.getByText('value_25 = 25').waitFor();
    const box = await cell.boundingBox();
    expect(box!.y).toBeGreaterThan(0);
    expect(box!.y + box!.height).toBeLessThan(900);
  });

  it('are offered in the file browser, where the asset is', async () => {
    await execute(page, 'filebrowser:go-to-path', { path: 'data' });
    await page.locator('.jp-DirListing-item').getByText('people.csv').click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Show Versions' }).click();
    await versions().nth(1).waitFor();
  });
});

describe('comparing', () => {
  it('shows branches side by side with the metrics of both', async () => {
    sandbox.write('metrics/report.json', '{"accuracy": 0.75}');
    sandbox.branchbook('snapshot', '-m', 'Metrics');
    await showPanel();
    await execute(page, 'branchbook:compare', { revisions: ['main', 'experiment'] });
    const view = page.locator('.bb-Compare');
    await view.getByRole('row', { name: /accuracy .*0\.75/ }).waitFor();
    const files = view.getByRole('region', { name: 'Files' });
    await files.getByRole('row', { name: /people\.csv/ }).waitFor();
    await files
      .getByRole('row', { name: /extra\.ipynb/ })
      .getByText('N', { exact: true })
      .waitFor();
    await view.getByText('1 snapshot ahead').waitFor();
    await picture(page, 'compare-light-1400');
  });

  it('compares one version with the current one', async () => {
    await showPanel({ file: 'data/people.csv' });
    await versions().nth(1).getByRole('button', { name: 'Compare with current' }).click();
    const diff = page.locator('.bb-Diff');
    await diff.getByText(/^(16 B → 24 B|24 B → 16 B)$/).waitFor();
    await diff.getByRole('button', { name: /differ/ }).waitFor();
  });
});

describe('without a project', () => {
  it('offers to start one', async () => {
    const other = new Sandbox();
    other.write('table.csv', 'a\n1\n');
    const bare = await Lab.start(other);
    try {
      await page.close();
      page = await bare.open([]);
      await execute(page, 'branchbook:show-panel');
      await picture(page, 'empty-light-1400');
      await panel().getByRole('button', { name: 'Start versioning this folder' }).click();
      await changes().getByText('table.csv').waitFor();
      expect(other.git('rev-parse', '--show-toplevel').trim()).toBe(other.project);
    } finally {
      await bare.stop();
      other.remove();
    }
  });
});
