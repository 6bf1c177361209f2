import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepare, themes, violations } from './axe';
import {
  changedRows,
  edits,
  htmlLike,
  kolmogorovSmirnov,
  makeDiffProject,
  picture as image,
  salesOnExperiment,
  salesOnMain
} from './diff-project';
import { execute, Lab, picture, reload, Sandbox } from './harness';

let sandbox: Sandbox;
let lab: Lab;
let page: Page;
const view = (): Locator => page.locator('.bb-Diff:visible');
const compare = (): Locator => page.locator('.bb-Compare:visible');

beforeAll(async () => {
  sandbox = new Sandbox();
  makeDiffProject(sandbox);
  lab = await Lab.start(sandbox);
  page = await lab.open([]);
  page.setDefaultTimeout(15_000);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
});

afterAll(async () => {
  await lab?.stop();
  sandbox?.remove();
});

/** Open the diff of a file between the two branches. */
async function diff(file: string, args: object = { from: 'main', to: 'experiment' }): Promise<void> {
  await execute(page, 'branchbook:diff', { file, path: '/', ...args });
  await view()
    .getByRole('heading', { level: 1, name: file.split('/').pop()!, exact: true })
    .waitFor();
}

/** Nothing that a file holds has become part of the page. */
async function nothingRan(): Promise<void> {
  expect(await page.evaluate(() => 'hacked' in window)).toBe(false);
}

/** What the line below the grid says of the selected cell. */
const told = (): Locator => view().locator('.bb-Rows-cursor');

describe('a table', () => {
  it('tells rows by key, changed cells and columns, exactly', async () => {
    await diff('data/sales.csv');
    const kinds = view().getByRole('group', { name: 'Rows on show' });
    await kinds.getByRole('button', { name: `${edits.added} added` }).waitFor();
    await kinds.getByRole('button', { name: `${edits.removed} removed` }).waitFor();
    await kinds.getByRole('button', { name: `${changedRows} changed` }).waitFor();
    const unchanged = salesOnMain.length - edits.removed - changedRows;
    await kinds.getByText(`${unchanged.toLocaleString('en')} unchanged`).waitFor();
    expect(await view().locator('.bb-ChangedColumns li').allInnerTexts()).toEqual([
      expect.stringMatching(new RegExp(`^price\\s*${edits.prices}`)),
      expect.stringMatching(new RegExp(`^note\\s*${edits.notes}`))
    ]);
    expect(await view().getByLabel('Columns that differ').innerText()).toContain('discount (BIGINT) added');
    expect(await view().locator('.bb-KeyLine').innerText()).toContain('id');
    await nothingRan();
  });

  it('shows changed cells as old → new, and HTML as the text it is', async () => {
    await view()
      .getByRole('button', { name: `${changedRows} changed` })
      .click();
    const grid = view().locator('.lm-DataGrid-viewport');
    const first = salesOnMain[edits.removed]!;
    await expect
      .poll(async () => {
        await grid.focus();
        // Past the two header lines, into the third column of the first row.
        await grid.click({ position: { x: 300, y: 56 } });
        return told().innerText();
      })
      .toBe(`changed · price: ${first.price} → ${first.price * 2}`);
    await grid.press('ArrowRight');
    await expect.poll(() => told().innerText()).toBe(`changed · note: null → ${htmlLike}`);
    await nothingRan();
  });

  it('compares by another key when it is told to', async () => {
    await view().getByRole('button', { name: 'Choose…' }).click();
    const editor = view().getByRole('group', { name: 'Columns that name a row' });
    await editor.getByLabel('region').check();
    await editor.getByRole('button', { name: 'Compare by these' }).click();
    await view().getByText('chosen here').waitFor();
    // With the id the pair is unique too: the same rows differ.
    await view()
      .getByRole('button', { name: `${changedRows} changed` })
      .waitFor();
    expect(await view().locator('.bb-KeyLine-column').allInnerTexts()).toEqual(['id', 'region']);
  });

  it('writes all rows that differ to a file', async () => {
    await view().getByRole('button', { name: 'Export CSV…' }).click();
    await page.locator('.jp-Dialog').getByRole('button', { name: 'Export' }).click();
    const file = join(sandbox.project, 'sales-diff.csv');
    await expect.poll(() => existsSync(file)).toBe(true);
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    // One line a row that differs, below the header.
    expect(lines).toHaveLength(1 + edits.added + edits.removed + changedRows);
  });

  it('compares distributions, with the number of values and a picture', async () => {
    await view().getByRole('tab', { name: 'Drift' }).click();
    const row = view().getByRole('row', { name: /^price/ });
    await row.waitFor();
    const prices = (sales: typeof salesOnMain): readonly number[] => sales.map(sale => sale.price);
    const expected = kolmogorovSmirnov(prices(salesOnMain), prices(salesOnExperiment));
    const cells = await row.getByRole('cell').allInnerTexts();
    expect(Number.parseFloat(cells[3]!)).toBeCloseTo(expected, 3);
    expect(cells.slice(-2)).toEqual(['2,000', '2,010']);
    await view().locator('.bb-Chart svg').waitFor();
    const ks = row.getByRole('note').nth(2);
    await ks.focus();
    await ks.getByText(/F₁/).waitFor();
  });
});

describe('other files', () => {
  it('a notebook by its cells, with outputs that cannot run', async () => {
    await diff('training.ipynb');
    await view().getByText('rate = 0.05').waitFor();
    await view().getByRole('region', { name: 'Output in experiment' }).getByText('accuracy').waitFor();
    expect(await view().locator('img[onerror]').count()).toBe(0);
    await nothingRan();
  });

  it('a model by its header', async () => {
    await diff('models/net.safetensors');
    const row = view().getByRole('row', { name: /encoder\.weight/ });
    await row.waitFor();
    expect(await row.getByRole('cell').allInnerTexts()).toEqual(['~', 'F32 16 × 8', 'F32 32 × 8', '']);
  });

  it('metrics by their values', async () => {
    await diff('metrics/report.json');
    const row = view().getByRole('row', { name: /accuracy/ });
    await row.waitFor();
    expect((await row.getByRole('cell').allInnerTexts()).slice(1)).toEqual(['0.81', '0.87', '+0.06']);
  });

  it('text by its lines; the files on disk are a side too', async () => {
    await diff('notes.md');
    await view().locator('.bb-Line.bb-mod-added').getByText(htmlLike).waitFor();
    await view().getByLabel('To').selectOption({ label: 'Files on disk' });
    await view().locator('.bb-Line.bb-mod-added').getByText('Not in a snapshot yet.').waitFor();
    expect(await view().getByRole('button', { name: 'Swap the sides' }).isDisabled()).toBe(true);
    await nothingRan();
  });

  it('pictures by their pixels', async () => {
    await diff('figures/plot.png');
    await view().getByRole('tab', { name: 'Pixels' }).click();
    await view().getByText(`${image.different} pixels differ`).waitFor();
    await view().getByRole('tab', { name: 'Swipe' }).click();
    const slider = view().getByRole('slider');
    await slider.press('ArrowRight');
    expect(await slider.inputValue()).toBe('51');
  });
});

describe('branches', () => {
  it('stand beside each other, better and worse than the baseline', async () => {
    await execute(page, 'branchbook:compare', { revisions: ['main', 'experiment', 'deeper'], path: '/' });
    const accuracy = compare().getByRole('row', { name: /^accuracy/ });
    await accuracy.getByText('better').waitFor();
    expect((await accuracy.innerText()).replaceAll(/\s+/g, ' ')).toMatch(
      /0\.81 .*0\.87 ▲ \+0\.06 better .*0\.79 ▼ -0\.02 worse/
    );
    const data = compare().getByRole('region', { name: 'Datasets' });
    await data.getByLabel(`${edits.added} rows added, ${edits.removed} removed, ${changedRows} changed`).waitFor();
    const params = compare().getByRole('region', { name: 'Parameters' });
    expect((await params.getByRole('row', { name: /^rate/ }).innerText()).split(/\s+/)).toEqual([
      'rate',
      '0.1',
      '0.05',
      '0.1'
    ]);
    await compare().locator('.bb-Chart svg').waitFor();
  });

  it('remember which values of a metric are good', async () => {
    const direction = (): Locator =>
      compare()
        .getByRole('row', { name: /^accuracy/ })
        .getByRole('button');
    await direction().click();
    await compare()
      .getByRole('row', { name: /^accuracy/ })
      .getByText('worse')
      .first()
      .waitFor();
    await reload(page);
    await direction().getByText('lower').waitFor();
  });

  it('are copied as Markdown', async () => {
    await compare().getByRole('button', { name: 'Copy as Markdown' }).click();
    await expect.poll(() => page.evaluate(() => navigator.clipboard.readText())).toContain('accuracy');
    expect(await page.evaluate(() => navigator.clipboard.readText())).toMatch(/\|.*0\.87.*\|/);
  });

  it('lead to the diff of a file', async () => {
    const row = compare()
      .getByRole('region', { name: 'Files' })
      .getByRole('row', { name: /report\.json/ });
    await row.getByRole('button', { name: /between main and deeper/ }).click();
    await view()
      .getByRole('row', { name: /accuracy/ })
      .getByText('0.79')
      .waitFor();
  });

  it('are promoted to the one that others rely on', async () => {
    const done = execute(page, 'branchbook:promote', { path: '/', branch: 'experiment', into: 'prod' });
    await page.locator('.jp-Dialog').getByRole('button', { name: 'Promote' }).click();
    await done;
    expect(sandbox.git('rev-parse', 'prod')).toBe(sandbox.git('rev-parse', 'experiment'));
    const again = execute(page, 'branchbook:promote', { path: '/', branch: 'deeper', into: 'prod' });
    await page.locator('.jp-Dialog').getByRole('button', { name: 'Cancel' }).click();
    await again;
    expect(sandbox.git('rev-parse', 'prod')).toBe(sandbox.git('rev-parse', 'experiment'));
  });
});

describe.each(themes)('in the %s theme, nothing serious is wrong with', (name, theme) => {
  beforeAll(() => prepare(page, [name, theme]));

  it.each([
    ['data/sales.csv', '.lm-DataGrid-viewport'],
    ['training.ipynb', '.bb-CellDiff-output'],
    ['models/net.safetensors', '.bb-PairTable'],
    ['figures/plot.png', '.bb-Pair img']
  ])('the diff of %s', async (file, part) => {
    await diff(file);
    // It shows what it showed last.
    for (const rows of await view().getByRole('tab', { name: /^Rows/ }).all()) {
      await rows.click();
    }
    await view().locator(part).first().waitFor();
    await picture(page, `diff-${file.replace(/\W/g, '-')}-${name}`);
    expect(await violations(page, '.bb-Diff:not(.lm-mod-hidden *)')).toEqual([]);
  });

  it('the drift of a table', async () => {
    await diff('data/sales.csv');
    await view().getByRole('tab', { name: 'Drift' }).click();
    await view().locator('.bb-Chart svg').waitFor();
    await picture(page, `drift-${name}`);
    expect(await violations(page, '.bb-Diff:not(.lm-mod-hidden *)')).toEqual([]);
  });

  it('the compare page', async () => {
    await execute(page, 'branchbook:compare', { revisions: ['main', 'experiment', 'deeper'], path: '/' });
    await compare()
      .getByRole('region', { name: 'Datasets' })
      .getByLabel(/rows added/)
      .waitFor();
    await picture(page, `compare-${name}`);
    expect(await violations(page, '.bb-Compare')).toEqual([]);
  });
});
