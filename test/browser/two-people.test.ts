import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { execute, kernelReady, Lab, picture, Sandbox, switcher, tab } from './harness';
import { HubProgram, makeAccount, makeInvitation } from './hub';

/** Somebody with a home, a JupyterLab and a browser of their own. */
type Somebody = { readonly sandbox: Sandbox; lab: Lab; page: Page };

let hub: HubProgram;
let ada: Somebody;
let grace: Somebody;
/** What Ada sends to Grace. */
let link: string;

const dialog = ({ page }: Somebody) => page.locator('.jp-Dialog');
const press = (who: Somebody, name: string) =>
  dialog(who).locator('.jp-Dialog-footer').getByRole('button', { name }).click();
const control = ({ page }: Somebody) => page.locator('.bb-ShareButton');
const banner = ({ page }: Somebody) => page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) .bb-Banner');
const refresh = ({ page }: Somebody) =>
  page.locator('#branchbook-panel').getByRole('button', { name: 'Refresh' }).click();
/** A file of Grace's clone. */
const cloned = (...path: string[]) => join(grace.sandbox.project, 'iris', ...path);

const notebookOf = (...cells: readonly string[]): string =>
  JSON.stringify({
    cells: cells.map((source, index) => ({
      ...{ cell_type: 'code', id: `cell-${index}`, execution_count: null, metadata: {}, outputs: [], source }
    })),
    metadata: { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } },
    nbformat: 4,
    nbformat_minor: 5
  });

/** A notebook with what the two do in it; each cell is run when its turn comes. */
const notebook = notebookOf(
  '%load_ext branchbook',
  'from pathlib import Path\nPath("grace.csv").write_text("name\\nGrace\\n")\n%bb snapshot grace.csv -m "Cleaned by Grace"',
  '%bb push',
  '%bb pull'
);

/** Confirm on the hub's page, where `page` is signed in, the code that their JupyterLab shows. */
async function letIn(who: Somebody, page: Page): Promise<void> {
  const link = dialog(who).getByRole('link', { name: 'Open the page to sign in' });
  await link.waitFor();
  const [words] = /\b[A-Z0-9]{4}-[A-Z0-9]{4}\b/.exec(await dialog(who).innerText())!;
  await page.goto((await link.getAttribute('href'))!);
  await page.getByLabel('Code').fill(words);
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'let it in' }).click();
}

/** Run a cell of the notebook in front, and wait until it says `words`. */
async function run({ page }: Somebody, index: number, words?: string): Promise<void> {
  const cell = page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell').nth(index);
  await cell.locator('.cm-content').click();
  await page.keyboard.press('Control+Enter');
  if (words !== undefined) {
    await cell.locator('.jp-OutputArea').filter({ hasText: words }).waitFor();
  }
}

beforeAll(async () => {
  hub = await HubProgram.start();
  ada = { sandbox: new Sandbox('Ada Lovelace') } as Somebody;
  grace = { sandbox: new Sandbox('Grace Hopper') } as Somebody;
  ada.sandbox.git('init', '-q', '-b', 'main');
  ada.sandbox.branchbook('init');
  ada.sandbox.write('analysis.ipynb', notebook);
  ada.sandbox.write('heavy.ipynb', notebookOf('import os\nprint("ran for", os.environ["GIT_AUTHOR_NAME"])'));
  ada.sandbox.write('data/people.csv', 'name,age\nAda,36\n');
  ada.sandbox.write('models/model.pkl', Buffer.alloc(300_000, 'model'));
  ada.sandbox.branchbook('snapshot', '-m', 'Baseline');
  [ada.lab, grace.lab] = await Promise.all([Lab.start(ada.sandbox), Lab.start(grace.sandbox, '/user/grace')]);
});

afterAll(async () => {
  await Promise.all([ada?.lab?.stop(), grace?.lab?.stop()]);
  await hub?.stop();
  ada?.sandbox.remove();
  grace?.sandbox.remove();
});

it('Ada makes the hub’s first account, and publishes her project into a namespace she makes on the way', async () => {
  ada.page = await ada.lab.open(['analysis.ipynb']);
  await switcher(ada.page).getByText('main').waitFor();
  const account = await ada.page.context().newPage();
  await makeAccount(account, hub.invitation, 'ada', 'Ada Lovelace');
  const invitation = await makeInvitation(account, 'Grace');
  await picture(account, 'two-0-account');
  const published = execute(ada.page, 'branchbook:publish');
  await dialog(ada).getByLabel('Address of a place').fill(hub.url);
  await dialog(ada).getByRole('button', { name: 'Add place' }).click();
  await picture(ada.page, 'two-0-sign-in');
  await letIn(ada, account);
  await dialog(ada).getByRole('button', { name: 'New namespace…' }).click();
  await dialog(ada).getByLabel('Name of the namespace').fill('vision');
  await dialog(ada).getByLabel('Name of the namespace').press('Enter');
  await dialog(ada)
    .getByRole('button', { name: /^vision/, pressed: true })
    .waitFor();
  await dialog(ada).getByLabel('Name there').fill('iris');
  await picture(ada.page, 'two-0-publish');
  await press(ada, 'Publish');
  await control(ada).getByText('vision/iris').waitFor();
  await published;
  await account.close();
  grace.page = await grace.lab.browser.newPage();
  await makeAccount(grace.page, invitation, 'grace', 'Grace Hopper');
});

it('Ada makes a link for viewers', async () => {
  const open = execute(ada.page, 'branchbook:share');
  await dialog(ada).locator('.bb-Segment').getByText('Link').click();
  await dialog(ada).getByRole('button', { name: 'Create link' }).click();
  link = await dialog(ada).getByLabel('Link to send').inputValue();
  expect(link.startsWith(`${hub.url}/join/`)).toBe(true);
  await picture(ada.page, 'two-1-link');
  await ada.page.keyboard.press('Escape');
  await open;
});

it('Grace opens it in her JupyterLab, signs in, and has the project with its document', async () => {
  const signedIn = grace.page;
  grace.page = await grace.lab.open([], undefined, { 'branchbook-join': link });
  await dialog(grace).getByText(new URL(hub.url).host).waitFor();
  await picture(grace.page, 'two-2-link');
  await press(grace, 'Show it');
  await dialog(grace).getByText('ada invites you').waitFor();
  await dialog(grace).getByText('read the code, data and models of iris, and cannot change anything').waitFor();
  await picture(grace.page, 'two-3-invitation');
  await press(grace, 'Join and open');
  await letIn(grace, signedIn);
  await kernelReady(grace.page);
  expect(readFileSync(cloned('data', 'people.csv'), 'utf8')).toContain('git-lfs');
});

it('Grace may look, and not push', async () => {
  await banner(grace).getByText('You can view iris. What you change here is not saved.').waitFor();
  await control(grace).getByText('View only').waitFor();
  const before = readFileSync(cloned('analysis.ipynb'), 'utf8');
  await run(grace, 0);
  await run(grace, 1, 'Cleaned by Grace');
  await run(grace, 2, 'You may not push to “main” of iris');
  await picture(grace.page, 'two-5-refused');
  // What ran is in the notebook in front of her; neither she nor autosave brings it into the file of a shared branch.
  await grace.page.keyboard.press('Control+s');
  await grace.page.getByText('read-only').first().waitFor();
  await picture(grace.page, 'two-5-not-saved');
  expect(readFileSync(cloned('analysis.ipynb'), 'utf8')).toBe(before);
});

it('Ada sees who is there, and where', async () => {
  await execute(ada.page, 'branchbook:show-panel');
  const grace = ada.page.getByRole('img', { name: 'Grace Hopper is on main, in analysis.ipynb' });
  await expect.poll(() => refresh(ada).then(() => grace.count())).toBe(1);
  await picture(ada.page, 'two-5-presence');
});

it('Grace forks to a branch of her own with one click, and her edits are saved there', async () => {
  await banner(grace).getByRole('button', { name: 'Fork to a private branch' }).click();
  await expect.poll(() => readFileSync(cloned('analysis.ipynb'), 'utf8')).toContain('Cleaned by Grace');
  await expect.poll(() => banner(grace).count()).toBe(0);
  expect(readFileSync(cloned('.git', 'HEAD'), 'utf8')).toBe('ref: refs/heads/main-grace\n');
  await picture(grace.page, 'two-5-forked');
  await execute(grace.page, 'branchbook:switch', { branch: 'main' });
  expect(readFileSync(cloned('.git', 'HEAD'), 'utf8')).toBe('ref: refs/heads/main\n');
});

it('Ada makes her an editor; then she pushes from her notebook', async () => {
  await execute(ada.page, 'branchbook:namespace', { namespace: `${hub.url}/vision` });
  const page = ada.page.locator('.bb-Namespace');
  await page.getByRole('tab', { name: 'Members' }).click();
  await page.getByLabel('Name of who to add').fill('grace');
  await page.getByLabel('Role of who is added').selectOption('editor');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await page.getByLabel('Role of grace').waitFor();
  await picture(ada.page, 'two-6-members');
  await run(grace, 2, `Pushed to ${hub.url}/vision/iris`);
  await picture(grace.page, 'two-7-pushed');
  await execute(grace.page, 'branchbook:show-panel');
  await refresh(grace);
  await expect.poll(() => banner(grace).count()).toBe(0);
});

it('Ada is told, and pulls', async () => {
  await execute(ada.page, 'branchbook:show-panel');
  await refresh(ada);
  const shared = ada.page.locator('.bb-Shared');
  await shared.getByRole('button', { name: '1 snapshot by Grace Hopper on main' }).waitFor();
  await picture(ada.page, 'two-8-incoming');
  await shared.getByRole('button', { name: 'Pull' }).click();
  await expect.poll(() => existsSync(join(ada.sandbox.project, 'grace.csv'))).toBe(true);
  expect(readFileSync(join(ada.sandbox.project, 'grace.csv'), 'utf8')).toBe('name\nGrace\n');
});

it('Grace is removed, and out at once', async () => {
  const page = ada.page.locator('.bb-Namespace');
  await page.getByRole('button', { name: 'Remove grace' }).click();
  await press(ada, 'Remove');
  await expect.poll(() => page.getByLabel('Role of grace').count()).toBe(0);
  // She is no longer shown as being there.
  await expect.poll(() => ada.page.getByRole('img', { name: /^Grace Hopper/ }).count()).toBe(0);
  await run(grace, 3, 'NAMESPACE_UNKNOWN');
  await refresh(grace);
  await control(grace).getByText('No access').waitFor();
  await picture(grace.page, 'two-9-removed');
});

const runThere = (notebook: string) => execute(grace.page, 'branchbook:run-there', { notebook });

it('Ada adds a machine to the namespace, and lets Grace run on it, and nothing else', async () => {
  const page = ada.page.locator('.bb-Namespace');
  await page.getByRole('tab', { name: 'Compute' }).click();
  await page.getByRole('button', { name: 'Add an endpoint…' }).click();
  await dialog(ada).getByLabel('Name', { exact: true }).fill('gpu-1');
  expect(await dialog(ada).getByRole('button', { name: 'Add' }).isDisabled()).toBe(true);
  await dialog(ada).getByLabel('Address').fill(ada.lab.address);
  await dialog(ada).getByLabel('Token').fill(ada.lab.token);
  await picture(ada.page, 'two-10-endpoint');
  await press(ada, 'Add');
  await page.getByText(ada.lab.address).waitFor();
  const open = execute(ada.page, 'branchbook:share', { namespace: `${hub.url}/vision`, endpoint: 'gpu-1' });
  await dialog(ada).getByLabel('Name they sign in with').fill('grace');
  await dialog(ada).getByLabel('Role', { exact: true }).selectOption('runner');
  await dialog(ada).getByText('grace can run notebooks on compute endpoint gpu-1').waitFor();
  await dialog(ada).getByRole('button', { name: 'Share', exact: true }).click();
  await dialog(ada).getByText('Shared with grace').waitFor();
  await picture(ada.page, 'two-11-compute');
  await press(ada, 'Close');
  await open;
});

it('Grace runs a notebook there, in whose environment it is', async () => {
  await runThere('heavy.ipynb');
  await tab(grace.page, 'heavy-on-gpu-1.ipynb').waitFor();
  await picture(grace.page, 'two-12-ran');
  expect(readFileSync(cloned('heavy-on-gpu-1.ipynb'), 'utf8')).toContain('ran for Ada Lovelace');
});

it('Ada takes the machine back, and Grace is refused', async () => {
  const open = execute(ada.page, 'branchbook:share', { namespace: `${hub.url}/vision` });
  await dialog(ada)
    .getByRole('button', { name: /^Revoke: grace/ })
    .click();
  await dialog(ada).getByText('Revoked what grace was given').waitFor();
  await press(ada, 'Close');
  await open;
  const run = runThere('analysis.ipynb');
  await dialog(grace).getByText('Branchbook could not do that').waitFor();
  await picture(grace.page, 'two-13-no-compute');
  await press(grace, 'Close');
  await run;
  expect(existsSync(cloned('analysis-on-gpu-1.ipynb'))).toBe(false);
});
