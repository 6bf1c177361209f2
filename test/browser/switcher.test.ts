import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { execute, kernelReady, Lab, makeSampleProject, notebook, option, picture, Sandbox, switcher } from './harness';

let sandbox: Sandbox;
let lab: Lab;
let page: Page;

const branches = () => sandbox.git('for-each-ref', '--format=%(refname:short)', 'refs/heads').trim().split('\n');
const filter = () => page.getByRole('combobox', { name: '' }).and(page.locator('.bb-FilterMenu-input'));
const selected = () => page.locator('.bb-FilterMenu [role=option][aria-selected=true] .bb-FilterMenu-label');
const heading = (text: string) => page.locator('.jp-NotebookPanel:not(.lm-mod-hidden) h1').getByText(`This is ${text}`);

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
  page = await lab.open(['analysis.ipynb']);
  await kernelReady(page);
  await expect.poll(() => switcher(page).innerText()).toBe('main');
});

afterEach(async () => {
  await page.close();
  sandbox.branchbook('switch', 'main', '--discard');
});

describe('the branch switcher', () => {
  it('shows the branch and lists the others, the current one marked', async () => {
    await switcher(page).click();
    expect(await option(page, 'main').count()).toBe(1);
    expect(await option(page, 'experiment').count()).toBe(1);
    expect(await selected().innerText()).toBe('main');
    await picture(page, 'menu-light-1400');
  });

  it('shows a dot while something is not snapshotted', async () => {
    const dot = switcher(page).locator('.bb-BranchButton-dot');
    expect(await dot.isVisible()).toBe(false);
    sandbox.write('notes.md', 'Changed.\n');
    await page.evaluate(() => window.dispatchEvent(new Event('focus')));
    await expect.poll(() => dot.isVisible()).toBe(true);
    expect(await switcher(page).getAttribute('title')).toContain('1 modified file');
  });

  it('works by keyboard alone, and gives the focus back', async () => {
    await page.locator('.jp-CodeCell').nth(2).locator('.jp-InputPrompt').click();
    await page.keyboard.press('Control+Alt+b');
    await filter().waitFor();
    await page.keyboard.press('End');
    expect(await selected().innerText()).toContain('Create a branch from main');
    await page.keyboard.press('Home');
    expect(await selected().innerText()).toBe('main');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    await page.locator('.bb-FilterMenu').getByText('Merge into main').waitFor();
    await picture(page, 'actions-light-1400');
    await page.keyboard.press('ArrowLeft');
    // Letters that are shortcuts in command mode (x cuts a cell) only filter.
    await page.keyboard.type('x');
    expect(await selected().innerText()).toBe('experiment');
    expect(await page.locator('.jp-CodeCell.jp-mod-active').innerText()).toContain('value_2 = 2');
    await page.keyboard.press('Escape');
    await expect.poll(() => page.locator('.bb-FilterMenu').count()).toBe(0);
    expect(await page.evaluate(() => document.activeElement?.closest('.jp-Notebook') !== null)).toBe(true);
    await page.keyboard.press('Control+Alt+b');
    await page.keyboard.type('exp');
    await page.keyboard.press('Enter');
    await heading('experiment').waitFor();
  });

  it('creates a branch, renames it and deletes it, asking when it is not merged', async () => {
    await switcher(page).click();
    await page.keyboard.type('idea/ünïcode');
    await page.keyboard.press('Enter');
    await expect.poll(() => switcher(page).innerText()).toBe('idea/ünïcode');
    expect(branches()).toContain('idea/ünïcode');
    sandbox.write('notes.md', 'Only on the idea.\n');
    sandbox.branchbook('snapshot', '-m', 'Note the idea');
    await execute(page, 'branchbook:rename-branch', { branch: 'idea/ünïcode', to: 'thought' });
    await expect.poll(() => switcher(page).innerText()).toBe('thought');
    await execute(page, 'branchbook:switch', { branch: 'main' });
    await expect.poll(() => switcher(page).innerText()).toBe('main');
    const deleting = execute(page, 'branchbook:delete-branch', { branch: 'thought' });
    await page.getByRole('button', { name: 'Keep it' }).click();
    await deleting;
    expect(branches()).toContain('thought');
    const again = execute(page, 'branchbook:delete-branch', { branch: 'thought' });
    await page.getByRole('button', { name: 'Delete anyway' }).click();
    await again;
    expect(branches()).not.toContain('thought');
  });

  it('says in words why a name is refused', async () => {
    await switcher(page).click();
    await page.keyboard.type('two words');
    await page.keyboard.press('Enter');
    await page.locator('.jp-Dialog').getByText('two words').waitFor();
    await page.keyboard.press('Escape');
    expect(branches()).not.toContain('two words');
  });

  it('merges a branch, taking the side the user chooses where both changed', async () => {
    sandbox.write('data/people.csv', 'name,age\nEdith,29\n');
    sandbox.branchbook('snapshot', '-m', 'Change people on main too');
    const merging = execute(page, 'branchbook:merge-branch', { branch: 'experiment' });
    const row = page.locator('.bb-Conflicts-row').filter({ hasText: 'data/people.csv' });
    await row.locator('select').selectOption('theirs');
    await picture(page, 'conflicts');
    await page.locator('.jp-Dialog').getByRole('button', { name: 'Merge' }).click();
    await merging;
    await heading('experiment').waitFor();
    expect(sandbox.git('log', '-1', '--format=%P', 'main').trim().split(' ')).toHaveLength(2);
    const undoing = execute(page, 'branchbook:undo');
    await undoing;
    await heading('main').waitFor();
  });

  it('offers to start versioning a folder that is no project', async () => {
    const folder = new Sandbox();
    const other = await (async () => {
      folder.write('plain.ipynb', notebook('plain', 2));
      return Lab.start(folder);
    })();
    try {
      const plain = await other.open(['plain.ipynb']);
      await switcher(plain).getByText('Not versioned').waitFor();
      await switcher(plain).click();
      await plain.getByRole('option', { name: 'Start versioning this folder' }).click();
      await expect.poll(() => switcher(plain).innerText()).toBe('main');
    } finally {
      await other.stop();
      folder.remove();
    }
  });
});

describe('in every size and theme', () => {
  const sizes = [
    { width: 1400, height: 900 },
    { width: 900, height: 700 }
  ];
  for (const [theme, name] of [
    ['JupyterLab Light', 'light'],
    ['JupyterLab Dark', 'dark']
  ] as const) {
    for (const size of sizes) {
      it(`stays inside the window: ${name}, ${size.width} pixels`, async () => {
        await page.setViewportSize(size);
        await execute(page, 'apputils:change-theme', { theme });
        await switcher(page).click();
        const box = (await page.locator('.bb-FilterMenu').boundingBox())!;
        expect(box.x).toBeGreaterThanOrEqual(0);
        expect(box.x + box.width).toBeLessThanOrEqual(size.width);
        expect(box.y + box.height).toBeLessThanOrEqual(size.height);
        await picture(page, `menu-${name}-${size.width}`);
      });
    }
  }

  it('works from the overflow popup of a narrow toolbar', async () => {
    await page.setViewportSize({ width: 900, height: 700 });
    // Two notebooks side by side leave so little room that the button moves into the popup.
    await execute(page, 'docmanager:open', { path: 'notes.md', options: { mode: 'split-right' } });
    await page.locator('.jp-NotebookPanel .jp-Toolbar-responsive-opener').click();
    const button = page.locator('.jp-Toolbar-responsive-popup .bb-BranchButton button');
    await button.click();
    await picture(page, 'overflow-900');
    await page.keyboard.type('experiment');
    await page.keyboard.press('Enter');
    await heading('experiment').waitFor();
    expect(sandbox.git('symbolic-ref', '--short', 'HEAD').trim()).toBe('experiment');
  });

  it('has a command beside it that says what could be freed, and frees it', async () => {
    sandbox.write('data/log.csv', 'measured,0.25,1000\n'.repeat(20_000));
    sandbox.branchbook('snapshot', '--allow-empty', '-m', 'Compresses well');
    void execute(page, 'branchbook:clean-up');
    const dialog = page.locator('.jp-Dialog');
    await dialog.getByText('Everything that a branch, a tag, or undo refers to stays.').waitFor();
    await dialog.getByRole('button', { name: 'Clean up' }).click();
    await page
      .getByText(/^Freed .* All versions take/)
      .first()
      .waitFor();
    expect(sandbox.branchbook('check', '--read-data')).toContain('All is well');
  });
});
