import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  chooseBranch,
  execute,
  kernelReady,
  Lab,
  makeSampleProject,
  picture,
  sample,
  Sandbox,
  switcher,
  switchTo,
  tab
} from './harness';

let sandbox: Sandbox;
let lab: Lab;
let page: Page;

const heading = (text: string) => page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) h1').getByText(`This is ${text}`);
const dialog = () => page.locator('.jp-Dialog');
const press = (name: string) => dialog().getByRole('button', { name }).click();
const scroller = () => page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-WindowedPanel-outer');
const onDisk = (path: string) => readFileSync(join(sandbox.project, path));
const branchOnDisk = () => sandbox.git('symbolic-ref', '--short', 'HEAD').trim();

/** An edit that is not saved: a first line in the notebook's first code cell. */
async function edit(text: string): Promise<void> {
  const cell = page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell').first();
  await cell.locator('.cm-content').click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type(`# ${text}\n`);
  await page.keyboard.press('Escape');
}

beforeAll(async () => {
  sandbox = new Sandbox();
  makeSampleProject(sandbox);
  lab = await Lab.start(sandbox);
});

afterAll(async () => {
  await lab?.stop();
  sandbox?.remove();
});

beforeEach(async () => {
  sandbox.branchbook('switch', 'main', '--discard');
  page = await lab.open(['analysis.ipynb']);
  await heading('main').waitFor();
  await kernelReady(page);
});

afterEach(async () => {
  await page.close();
});

describe('switching with documents open', () => {
  it('makes notebook, data and model those of the other branch and keeps the place', async () => {
    await page.locator('.jp-Notebook .jp-CodeCell').nth(11).locator('.jp-InputPrompt').click();
    await scroller().evaluate(node => (node.scrollTop = 500));
    await switchTo(page, 'experiment');
    await page.locator('.jp-CodeCell.jp-mod-active').getByText('value_11 = 11').waitFor();
    await expect.poll(() => scroller().evaluate(node => node.scrollTop)).toBe(500);
    await scroller().evaluate(node => (node.scrollTop = 0));
    await heading('experiment').waitFor();
    expect(onDisk('data/people.csv').toString()).toBe(sample.csv.experiment);
    expect(onDisk('models/model.pkl').equals(sample.model.experiment)).toBe(true);
    await switchTo(page, 'main');
    await heading('main').waitFor();
    expect(onDisk('data/people.csv').toString()).toBe(sample.csv.main);
    expect(onDisk('models/model.pkl').equals(sample.model.main)).toBe(true);
  });

  it('asks nothing about a notebook that only its kernel has touched', async () => {
    await switchTo(page, 'experiment');
    await heading('experiment').waitFor();
    expect(await dialog().count()).toBe(0);
    // The file does not say its language; the colours and the clean tab must not be lost with it.
    await page.locator('.jp-CodeCell .cm-builtin').first().waitFor();
    expect(await page.locator('.jp-mod-current.jp-mod-dirty').count()).toBe(0);
  });

  it('follows when the kernel starts while the files change', async () => {
    await page.route('**/operation/switch*', async route => {
      // What Lab does when a kernel tells its language.
      await page.evaluate(() => {
        type Model = { setMetadata(key: string, value: object): void; dirty: boolean };
        type Shell = { currentWidget: { context: { model: Model } } };
        const { model } = (window as unknown as { jupyterapp: { shell: Shell } }).jupyterapp.shell.currentWidget
          .context;
        model.setMetadata('language_info', { name: 'python', version: '0' });
        model.dirty = true;
      });
      await route.continue();
    });
    await switchTo(page, 'experiment');
    await heading('experiment').waitFor();
    expect(await page.locator('.jp-toastContainer').getByText('Edited while files changed').count()).toBe(0);
  });

  it('follows in every other view of a file too', async () => {
    await execute(page, 'docmanager:open', { path: 'data/people.csv', factory: 'Editor' });
    await page.locator('.jp-FileEditor .cm-content').getByText('Ada,36').waitFor();
    await execute(page, 'docmanager:open', { path: 'analysis.ipynb' });
    await switchTo(page, 'experiment');
    await tab(page, 'people.csv').click();
    await page.locator('.jp-FileEditor .cm-content').getByText('Grace,45').waitFor();
  });

  it('closes a tab whose file is not on the target and opens it again on return', async () => {
    await switchTo(page, 'experiment');
    await execute(page, 'docmanager:open', { path: 'extra.ipynb' });
    await heading('extra').waitFor();
    await switchTo(page, 'main');
    await expect.poll(() => tab(page, 'extra.ipynb').count()).toBe(0);
    expect(existsSync(join(sandbox.project, 'extra.ipynb'))).toBe(false);
    await switchTo(page, 'experiment');
    await tab(page, 'extra.ipynb').waitFor();
    await heading('extra').waitFor();
  });

  it('saves unsaved documents when told to, and carries on', async () => {
    await edit('saved first');
    await chooseBranch(page, 'experiment');
    await dialog().getByText('analysis.ipynb').waitFor();
    await picture(page, 'unsaved-dialog');
    await press('Save all');
    // What was saved differs from the other branch, so the second question follows.
    await dialog().getByText('analysis.ipynb').waitFor();
    await picture(page, 'changes-dialog');
    expect(onDisk('analysis.ipynb').toString()).toContain('saved first');
    await press('Cancel');
    expect(branchOnDisk()).toBe('main');
    await heading('main').waitFor();
  });

  it('parks unsaved documents on the branch they belong to', async () => {
    const before = sandbox.git('rev-parse', 'main');
    await edit('parked');
    await chooseBranch(page, 'experiment');
    await press('Park on this branch');
    await heading('experiment').waitFor();
    expect(onDisk('analysis.ipynb').toString()).not.toContain('parked');
    expect(sandbox.git('rev-parse', 'main~1')).toBe(before);
    expect(sandbox.git('show', 'main:analysis.ipynb')).toContain('parked');
  });

  it('leaves everything as it was when the user cancels', async () => {
    const before = sandbox.git('rev-parse', 'main');
    await edit('kept');
    await chooseBranch(page, 'experiment');
    await press('Cancel');
    expect(branchOnDisk()).toBe('main');
    expect(sandbox.git('rev-parse', 'main')).toBe(before);
    await page.locator('.jp-CodeCell').getByText('# kept').waitFor();
    expect(onDisk('analysis.ipynb').toString()).not.toContain('kept');
    expect(await switcher(page).innerText()).toBe('main');
  });

  it('discards changes on disk when told to, and undo brings them back', async () => {
    sandbox.write('data/people.csv', 'name,age\nEdith,29\n');
    await chooseBranch(page, 'experiment');
    await dialog().getByText('data/people.csv').waitFor();
    await press('Discard');
    await heading('experiment').waitFor();
    expect(onDisk('data/people.csv').toString()).toBe(sample.csv.experiment);
    await execute(page, 'branchbook:undo');
    await heading('main').waitFor();
    expect(onDisk('data/people.csv').toString()).toBe('name,age\nEdith,29\n');
  });

  it('marks the kernel that computed on the other branch until it is restarted', async () => {
    const marker = page.locator('.bb-KernelMarker button');
    await execute(page, 'notebook:run-all-cells');
    await page.locator('.jp-CodeCell').first().locator('.jp-OutputArea-output').waitFor();
    await kernelReady(page);
    expect(await marker.isVisible()).toBe(false);
    await chooseBranch(page, 'experiment');
    await press('Park on this branch');
    await marker.getByText('Kernel holds state from main').waitFor();
    // The last cell was in sight and stays there, though the other branch has no outputs above it.
    await page.getByRole('paragraph').getByText('The end of experiment').waitFor();
    await picture(page, 'kernel-marker');
    await marker.click();
    await press('Confirm Kernel Restart');
    await expect.poll(() => marker.isVisible()).toBe(false);
  });

  it('follows a switch made with plain git in a terminal', async () => {
    sandbox.git('switch', '-q', 'experiment');
    await heading('experiment').waitFor();
    await expect.poll(() => switcher(page).innerText()).toBe('experiment');
  });
});
