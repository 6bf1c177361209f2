import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { execute, Lab, notebook, picture, restored, Sandbox } from './harness';
import { makeSharedProject, Person } from './share-project';

let sandbox: Sandbox;
let lab: Lab;
let page: Page;
let people: ReturnType<typeof makeSharedProject>;

const control = () => page.locator('.bb-ShareButton');
const dialog = () => page.locator('.jp-Dialog');
const press = (name: string) => dialog().locator('.jp-Dialog-footer').getByRole('button', { name }).click();
const heading = (text: string) => page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) h1').getByText(`This is ${text}`);
const refresh = () => page.locator('#branchbook-panel').getByRole('button', { name: 'Refresh' }).click();
const tip = (person: Person) => person.branchbook('versions', 'analysis.ipynb', '--json');

beforeAll(async () => {
  sandbox = new Sandbox();
  people = makeSharedProject(sandbox);
  lab = await Lab.start(sandbox);
  page = await lab.open(['iris/analysis.ipynb']);
  await heading('the start').waitFor();
  await execute(page, 'branchbook:show-panel');
});

afterAll(async () => {
  await lab?.stop();
  sandbox?.remove();
});

describe('a shared project', () => {
  it('is named in the top bar, with what can be done about it', async () => {
    await control().getByText('ml-team/iris').waitFor();
    await control().press('Enter');
    await page.locator('.bb-ShareMenu').getByText('Remotes…').waitFor();
    await picture(page, 'share-menu');
    await page.keyboard.press('Escape');
    await page.locator('.bb-ShareMenu').waitFor({ state: 'detached' });
  });

  it('tells what teammates pushed, and pulls it into open documents', async () => {
    const { ben } = people;
    ben.write('analysis.ipynb', notebook('the work of Ben', 2));
    ben.share('Say who');
    await refresh();
    await control().getByText('⇣1').waitFor();
    const shared = page.locator('.bb-Shared');
    await shared.getByRole('button', { name: '1 snapshot by Ben on main' }).click();
    await shared.getByText('Say who').waitFor();
    await picture(page, 'share-incoming');
    await shared.getByRole('button', { name: 'Pull' }).click();
    await heading('the work of Ben').waitFor();
    await expect.poll(() => control().getByText('⇣1').count()).toBe(0);
  });

  it('pushes; when the branch moved meanwhile, it is pulled and merged first', async () => {
    const { ada, ben } = people;
    ben.write('notes.md', 'by Ben\n');
    ben.share('Notes of Ben');
    ada.write('data/people.csv', 'name,age\nAda,37\n');
    ada.branchbook('snapshot', '-m', 'A year later');
    await refresh();
    await control().getByText('⇡1').waitFor();
    const pushed = execute(page, 'branchbook:push');
    await dialog().getByText('main has moved meanwhile').waitFor();
    await picture(page, 'share-moved');
    await press('Pull, merge and push');
    await pushed;
    expect(readFileSync(join(ada.folder, 'notes.md'), 'utf8')).toBe('by Ben\n');
    ben.branchbook('pull');
    expect(readFileSync(join(ben.folder, 'data/people.csv'), 'utf8')).toBe('name,age\nAda,37\n');
    expect(tip(ben)).toBe(tip(ada));
  });

  it('lists who did what, opened by the mouse or by the keyboard, and leads to the page of the namespace', async () => {
    const shared = page.locator('.bb-Shared');
    const toggle = shared.getByRole('button', { name: 'Activity' });
    const list = shared.getByRole('list', { name: 'What teammates did, newest first' });
    await toggle.click();
    await expect.poll(() => list.getByText('pushed to main').count()).toBeGreaterThan(2);
    await toggle.press('Enter');
    await list.waitFor({ state: 'detached' });
    await toggle.press('Space');
    await list.waitFor();
    expect(await toggle.getAttribute('aria-expanded')).toBe('true');
    await picture(page, 'share-activity');
    await shared.getByRole('button', { name: 'Open page' }).press('Enter');
    const opened = page.locator('.bb-Namespace');
    await opened.getByRole('tab', { name: 'Activity', selected: true }).waitFor();
    await opened.getByText('pushed to main in iris').first().waitFor();
    await toggle.click();
    await execute(page, 'docmanager:open', { path: 'iris/analysis.ipynb' });
  });

  it('asks which of two versions to keep, and goes on from there', async () => {
    const { ada, ben } = people;
    ben.write('models/model.pkl', Buffer.alloc(200_000, 'ben'));
    ben.share('Model of Ben');
    ada.write('models/model.pkl', Buffer.alloc(200_000, 'ada'));
    ada.branchbook('snapshot', '-m', 'Model of Ada');
    const pulled = execute(page, 'branchbook:sync');
    await dialog().locator('.bb-Conflicts-row').getByText('models/model.pkl').waitFor();
    await dialog().getByRole('combobox').selectOption('theirs');
    await press('Merge');
    await pulled;
    expect(readFileSync(join(ada.folder, 'models/model.pkl')).subarray(0, 3).toString()).toBe('ben');
    ben.branchbook('pull');
    expect(tip(ben)).toBe(tip(ada));
  });
});

describe('the picker', () => {
  it('clones lazily; what is not here yet comes when it is opened or asked for', async () => {
    const cloned = execute(page, 'branchbook:clone');
    await dialog().getByRole('button', { name: /^iris/ }).click();
    await dialog().getByRole('checkbox').check();
    await picture(page, 'share-picker');
    await press('Clone');
    await cloned;
    const folder = join(sandbox.project, 'iris-2');
    expect(readFileSync(join(folder, 'data/people.csv'), 'utf8')).toContain('git-lfs');
    await execute(page, 'docmanager:open', { path: 'iris-2/data/people.csv', factory: 'Editor' });
    await page.locator('.jp-FileEditor .cm-content').getByText('Ada,37').waitFor();
    expect(readFileSync(join(folder, 'data/people.csv'), 'utf8')).toBe('name,age\nAda,37\n');
    await execute(page, 'filebrowser:go-to-path', { path: 'iris-2/models' });
    const absent = page.locator('.jp-DirListing-item.bb-mod-standIn').filter({ hasText: 'second.pkl' });
    await absent.click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Get the Content' }).click();
    await absent.waitFor({ state: 'detached' });
    expect(readFileSync(join(folder, 'models/second.pkl')).equals(Buffer.alloc(50_000, 'second'))).toBe(true);
    const present = page.locator('.jp-DirListing-item').filter({ hasText: 'second.pkl' });
    await present.click({ button: 'right' });
    await page.getByRole('menuitem', { name: 'Rename' }).waitFor();
    expect(await page.getByRole('menuitem', { name: 'Get the Content' }).count()).toBe(0);
    await page.keyboard.press('Escape');
    await execute(page, 'branchbook:show-panel');
    const model = page.locator('.bb-Tree-row').filter({ hasText: 'model.pkl' });
    await picture(page, 'share-lazy');
    await model.getByText('Not here yet').waitFor();
    await model.getByRole('button', { name: /^Get model\.pkl/ }).click();
    await expect.poll(() => model.getByText('Not here yet').count()).toBe(0);
    expect(readFileSync(join(folder, 'models/model.pkl')).subarray(0, 3).toString()).toBe('ben');
  });

  it('publishes a project into a namespace made on the way', async () => {
    const wine = new Person(sandbox, 'Ada', join(sandbox.project, 'wine'));
    mkdirSync(wine.folder);
    wine.branchbook('init');
    wine.write('notes.md', 'Red\n');
    wine.branchbook('snapshot', '-m', 'First');
    const published = execute(page, 'branchbook:publish', { path: 'wine/' });
    await dialog().getByRole('button', { name: 'New namespace…' }).click();
    await dialog().getByLabel('Name of the namespace').fill('cellar');
    await dialog().getByLabel('Name of the namespace').press('Enter');
    await dialog()
      .getByRole('button', { name: /^cellar/, pressed: true })
      .waitFor();
    await picture(page, 'share-publish');
    await press('Publish');
    await published;
    wine.branchbook('clone', `${people.place}/cellar/wine`, sandbox.path('copy'));
    expect(readFileSync(sandbox.path('copy', 'notes.md'), 'utf8')).toBe('Red\n');
  });
});

it('a link in the page’s address is asked about, and taken out of it', async () => {
  // What the next test finds when the page is there.
  execFileSync('git', ['config', 'remote.origin.right', 'view'], { cwd: people.ada.folder });
  renameSync(people.place, `${people.place}-away`);
  const address = new URL(page.url());
  address.searchParams.set('branchbook-join', 'https://hub.invalid/join/secret');
  await page.goto(address.href);
  await dialog().getByText('hub.invalid').waitFor();
  expect(page.url()).not.toContain('secret');
  await press('Cancel');
  await dialog().waitFor({ state: 'detached' });
  expect(existsSync(join(sandbox.project, 'secret'))).toBe(false);
});

it('a viewer stays one while the place is out of reach', async () => {
  await restored(page);
  await execute(page, 'docmanager:open', { path: 'iris/analysis.ipynb' });
  const banner = page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) .bb-Banner');
  await banner.getByText('You can view iris. What you change here is not saved.').waitFor();
  await picture(page, 'share-offline');
});
