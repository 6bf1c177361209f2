import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepare, themes, violations } from './axe';
import { execute, Lab, makeSampleProject, picture, Sandbox, switcher } from './harness';

let sandbox: Sandbox;
let lab: Lab;

beforeAll(async () => {
  sandbox = new Sandbox();
  makeSampleProject(sandbox);
  sandbox.write('metrics/report.json', '{"accuracy": 0.75}');
  sandbox.branchbook('snapshot', '-m', 'Measure', '--notebook', 'analysis.ipynb', '--cell', 'cell-3');
  sandbox.write('data/people.csv', 'name,age\nEdith,29\n');
  sandbox.branchbook('snapshot', '-m', 'Other people');
  sandbox.write('data/people.csv', 'name,age\nEdith,30\n');
  sandbox.write('data/more.csv', 'name\n');
  lab = await Lab.start(sandbox);
});

afterAll(async () => {
  await lab?.stop();
  sandbox?.remove();
});

describe.each(themes)('in the %s theme, nothing serious is wrong with', (name, theme) => {
  let page: Page;
  const dialog = () => page.locator('.jp-Dialog');
  const dismiss = async (): Promise<void> => {
    await dialog().locator('.jp-Dialog-footer button').last().press('Escape');
    await dialog().waitFor({ state: 'detached' });
  };

  beforeAll(async () => {
    page = await lab.open(['analysis.ipynb']);
    await switcher(page).getByText('main').waitFor();
    await prepare(page, [name, theme]);
  });

  afterAll(async () => {
    await page?.close();
  });

  it('the switcher', async () => {
    expect(await violations(page, '.bb-BranchButton')).toEqual([]);
    await switcher(page).click();
    await page.locator('.bb-FilterMenu').waitFor();
    await picture(page, `menu-${name}`);
    expect(await violations(page, '.bb-FilterMenu')).toEqual([]);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.locator('.bb-FilterMenu').getByText('Merge into main').waitFor();
    expect(await violations(page, '.bb-FilterMenu')).toEqual([]);
    await page.keyboard.press('Escape');
  });

  it('the panel', async () => {
    await execute(page, 'branchbook:show-panel', { file: 'data/people.csv' });
    await page.locator('.bb-Tree-row.bb-mod-version').nth(1).waitFor();
    await picture(page, `panel-${name}`);
    expect(await violations(page, '#branchbook-panel')).toEqual([]);
  });

  it('the snapshot dialog', async () => {
    const asked = execute(page, 'branchbook:snapshot');
    await dialog()
      .getByText(/of \d files/)
      .waitFor();
    await picture(page, `snapshot-${name}`);
    expect(await violations(page, '.jp-Dialog-body')).toEqual([]);
    await dismiss();
    await asked;
  });

  it('a version’s details, and the question before it is restored', async () => {
    await page.locator('.bb-Tree-row.bb-mod-version').nth(1).click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Version Details' }).click();
    await dialog().getByText('SHA-256').waitFor();
    await picture(page, `details-${name}`);
    expect(await violations(page, '.jp-Dialog-body')).toEqual([]);
    await dismiss();
    await page.getByRole('button', { name: 'Restore this version' }).nth(1).click();
    await dialog().getByText('It has changes').waitFor();
    await picture(page, `restore-${name}`);
    expect(await violations(page, '.jp-Dialog-body')).toEqual([]);
    await dismiss();
  });

  it('the dialogs before a switch and a merge', async () => {
    const switching = execute(page, 'branchbook:switch', { branch: 'experiment' });
    await dialog().waitFor();
    await picture(page, `unsnapshotted-${name}`);
    expect(await violations(page, '.jp-Dialog-body')).toEqual([]);
    await dismiss();
    await switching;
  });

  it('the compare view', async () => {
    await execute(page, 'branchbook:compare', { revisions: ['main', 'experiment'] });
    await page
      .locator('.bb-Compare')
      .getByRole('row', { name: /accuracy/ })
      .waitFor();
    await picture(page, `compare-${name}`);
    expect(await violations(page, '.bb-Compare')).toEqual([]);
  });
});
