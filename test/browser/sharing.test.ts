import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Link, NamespaceView } from '../../src/core/model/namespace';
import { prepare, themes, violations } from './axe';
import { execute, Lab, makeSampleProject, picture, Sandbox, switcher } from './harness';

/** A namespace in a folder, as a team without a server has it. */
let sandbox: Sandbox;
let lab: Lab;
let page: Page;
let address: string;

const ns = () => page.locator('.bb-Namespace');
const tab = (name: string) => ns().getByRole('tab', { name }).click();
const dialog = () => page.locator('.jp-Dialog');
const changed = (words: string) => page.locator('.bb-Namespace-done').getByText(words).waitFor();
const stored = () =>
  (JSON.parse(sandbox.branchbook('namespace', 'show', address, '--json')) as { view: NamespaceView }).view;

beforeAll(async () => {
  sandbox = new Sandbox();
  makeSampleProject(sandbox);
  mkdirSync(sandbox.path('place'));
  address = sandbox.path('place', 'vision');
  sandbox.branchbook('namespace', 'create', address, '--title', 'Vision');
  sandbox.branchbook('push', '--to', `${address}/people`);
  lab = await Lab.start(sandbox);
  page = await lab.open(['analysis.ipynb']);
  await switcher(page).getByText('main').waitFor();
});

afterAll(async () => {
  await lab?.stop();
  sandbox?.remove();
});

describe('the page of a namespace', () => {
  it('sets a cell of its table, and takes it back', async () => {
    await execute(page, 'branchbook:namespace');
    await ns().getByRole('heading', { name: 'Vision' }).waitFor();
    await ns().getByLabel('Everyone: Code').selectOption('view');
    await changed('Everyone × Code: View');
    expect(stored().namespace.policy.everyone.code).toBe('view');
    await ns().getByRole('button', { name: 'Undo' }).click();
    await changed('Everyone × Code: Nothing');
    expect(stored().namespace.policy.everyone.code).toBe('none');
  });

  it('adds a member, changes their role, and removes them when that is confirmed', async () => {
    await tab('Members');
    await ns().getByLabel('Name of who to add').fill('dora');
    await ns().getByRole('button', { name: 'Add', exact: true }).click();
    await changed('dora is a member: Viewer');
    await ns().getByLabel('Role of dora').selectOption('editor');
    await changed('dora is now: Editor');
    expect(stored().members.map(({ role }) => role)).toEqual(['owner', 'editor']);
    await ns().getByRole('button', { name: 'Remove dora' }).click();
    await dialog().getByText('It takes effect at once').waitFor();
    await dialog().getByRole('button', { name: 'Remove' }).click();
    await changed('dora is no longer a member');
    expect(stored().members).toHaveLength(1);
  });

  it('protects a branch of a project', async () => {
    await tab('Projects');
    await ns().getByRole('button', { name: 'Settings of people' }).click();
    await ns().getByLabel('Branches of the new rule').fill('prod');
    await ns().getByRole('button', { name: 'Add a rule' }).click();
    await changed('Who may push to prod of people was changed');
    expect(stored().projects[0]!.branchRules).toEqual([{ pattern: 'prod', push: 'manage' }]);
  });

  it('tells what was done, and by whom', async () => {
    await tab('Audit log');
    await ns().getByLabel('Action').selectOption('member');
    await ns().getByRole('button', { name: 'Filter' }).click();
    await ns().getByRole('cell', { name: 'member.remove' }).waitFor();
    await expect.poll(() => ns().getByRole('row').count()).toBeGreaterThanOrEqual(4);
  });
});

describe('the Share dialog', () => {
  it('gives a person what it says in words, and takes it back', async () => {
    const open = execute(page, 'branchbook:share', { file: 'data/people.csv' });
    await dialog().locator('.bb-Share-name:focus').waitFor();
    await page.keyboard.type('emil');
    await dialog()
      .getByText(/emil can read data\/people\.csv of people/)
      .waitFor();
    await dialog().getByRole('button', { name: 'Share', exact: true }).click();
    await dialog().getByText('Shared with emil').waitFor();
    expect(stored().grants).toMatchObject([
      { principal: { name: 'emil' }, right: 'view', object: { kind: 'asset', path: 'data/people.csv' } }
    ]);
    await dialog().getByRole('button', { name: 'Who can see this' }).click();
    await dialog().getByRole('listitem').filter({ hasText: 'emil' }).waitFor();
    await dialog().getByRole('button', { name: 'Revoke: emil' }).click();
    await dialog().getByText('Revoked what emil was given').waitFor();
    expect(stored().grants).toEqual([]);
    await page.keyboard.press('Escape');
    await open;
  });

  it('makes a link that opens what the sender has open, and shows it once', async () => {
    const open = execute(page, 'branchbook:share');
    await dialog().locator('.bb-Segment').getByText('Link').click();
    await dialog()
      .getByText(/It opens branch main/)
      .waitFor();
    await dialog().getByRole('button', { name: 'Create link' }).click();
    const link = await dialog().getByLabel('Link to send').inputValue();
    const kept = stored().links;
    expect(kept).toMatchObject([
      { uses: 'many', workspace: { project: 'people', branch: 'main', documents: ['analysis.ipynb'] } }
    ] satisfies readonly Partial<Record<keyof Link, unknown>>[]);
    expect(JSON.stringify(kept)).not.toContain(link.slice(link.lastIndexOf('/') + 1));
    await page.keyboard.press('Escape');
    await open;
  });
});

it.each(themes)('in the %s theme, nothing serious is wrong with them', async (name, theme) => {
  await prepare(page, [name, theme]);
  await execute(page, 'branchbook:namespace', { namespace: address });
  for (const part of ['Access', 'Members', 'Projects', 'Shares', 'Compute', 'Activity', 'Audit log']) {
    await tab(part);
    expect(await violations(page, '.bb-Namespace')).toEqual([]);
  }
  await picture(page, `namespace-${name}`);
  const open = execute(page, 'branchbook:share');
  await dialog().getByLabel('Name they sign in with').fill('emil');
  await dialog().getByText('Who has access now').waitFor();
  await picture(page, `share-${name}`);
  expect(await violations(page, '.jp-Dialog-body')).toEqual([]);
  await page.keyboard.press('Escape');
  await open;
});
