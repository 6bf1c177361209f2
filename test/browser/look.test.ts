import { DuckDBInstance } from '@duckdb/node-api';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { prepare, themes, violations } from './axe';
import { execute, Lab, notebook, picture, Sandbox, tab } from './harness';

const count = 120_000;
const cities = ['Oslo', '<b onclick="pwned=1">Rome</b>', 'São Paulo', '=1+1'];
/** What the Parquet file holds, told a second time: the numbers on show are checked against these. */
const orders = Array.from({ length: count }, (_, id) => ({
  id,
  amount: id % 5 === 0 ? null : ((id * 7919) % 10_007) / 4,
  city: cities[(id % 7) % cities.length]!
}));
const amounts = orders.flatMap(({ amount }) => (amount === null ? [] : [amount]));

let sandbox: Sandbox;
let lab: Lab;
let page: Page;

const look = () => page.locator('.bb-Look:visible');
const drawer = () => look().getByRole('region', { name: 'Statistics' });
const status = () => look().locator('.bb-TableStatus');
const grid = () => look().getByRole('application');
const figure = (name: string) =>
  drawer()
    .locator('.bb-Figures > div')
    .filter({ has: page.locator('dt').getByText(name, { exact: true }) })
    .locator('dd');
const words = (value: number) => value.toLocaleString('en');

async function writeParquet(file: string): Promise<void> {
  const connection = await (await DuckDBInstance.create()).connect();
  const names = cities.map(city => `'${city}'`).join(', ');
  await connection.run(
    `COPY (SELECT i AS id, CASE WHEN i % 5 <> 0 THEN ((i * 7919) % 10007) / 4 END::DOUBLE AS amount,
       [${names}][(i % 7) % ${cities.length} + 1] AS city FROM range(${count}) t(i))
     TO '${file}' (FORMAT parquet)`
  );
  connection.closeSync();
}

async function open(address: string): Promise<void> {
  await execute(page, 'branchbook:open-version', { address, path: '/' });
  await look().locator('.bb-LookHeader').waitFor();
}

/** Go to a row by its number, and wait until its value is here. */
async function goTo(row: number, expected: string): Promise<void> {
  await look().getByLabel('Go to row').fill(String(row));
  await look().getByLabel('Go to row').press('Enter');
  await status()
    .getByText(`Row ${words(row)}, ${expected}`, { exact: true })
    .waitFor();
}

beforeAll(async () => {
  sandbox = new Sandbox();
  sandbox.git('init', '-q', '-b', 'main');
  sandbox.branchbook('init');
  mkdirSync(join(sandbox.project, 'data'));
  await writeParquet(join(sandbox.project, 'data', 'orders.parquet'));
  const hostile = JSON.parse(notebook('the first version')) as { cells: { outputs?: unknown[]; metadata: object }[] };
  hostile.cells[1]!.metadata = { trusted: true };
  hostile.cells[1]!.outputs = [
    {
      output_type: 'display_data',
      data: { 'text/html': '<p>An output</p><img src=x onerror="window.pwned = true">' },
      metadata: {}
    }
  ];
  sandbox.write('analysis.ipynb', JSON.stringify(hostile));
  sandbox.write('data/empty.csv', 'name,age\n');
  sandbox.write('data/broken.csv', 'a,b\n1,2\n3,4,5,6\n7,8\n');
  sandbox.write(
    'picture.svg',
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><script>pwned=1</script></svg>'
  );
  sandbox.write('blob.bin', Buffer.from('00ff3c68746d6c3e', 'hex'));
  sandbox.branchbook('snapshot', '-m', 'First orders', '--notebook', 'analysis.ipynb', '--cell', 'cell-0');
  sandbox.write('analysis.ipynb', notebook('the second version'));
  sandbox.branchbook('snapshot', '-m', 'Rewrite the notebook');
  lab = await Lab.start(sandbox);
});

/** Tests of a group share a page; each begins with no tab open. */
function onOnePage(): void {
  beforeAll(async () => {
    page = await lab.open([]);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  });
  beforeEach(async () => {
    await execute(page, 'application:close-all');
  });
  afterAll(async () => {
    await page?.close();
  });
}

afterAll(async () => {
  await lab?.stop();
  sandbox?.remove();
});

describe('a version of a table', () => {
  onOnePage();

  it('opens from the panel, and tells what it is', async () => {
    await execute(page, 'branchbook:show-panel', { file: 'data/orders.parquet' });
    await page.locator('.bb-Tree-row.bb-mod-version').first().dblclick();
    await look()
      .getByText(`${words(count)} rows × 3 columns`)
      .waitFor();
    await look().getByText('First orders').waitFor();
    await tab(page, 'orders.parquet@').waitFor();
    await status()
      .getByText(`${words(count)} rows`, { exact: true })
      .waitFor();
  });

  it('shows the numbers of its columns', async () => {
    await open('data/orders.parquet@HEAD');
    await drawer().getByLabel('Column').selectOption('amount');
    await figure('Values').getByText(words(amounts.length), { exact: true }).waitFor();
    expect(await figure('Nulls').textContent()).toBe(`${words(count - amounts.length)} (20%)`);
    expect(await figure('Minimum').textContent()).toBe(numberIn(Math.min(...amounts)));
    expect(await figure('Maximum').textContent()).toBe(numberIn(Math.max(...amounts)));
    expect(await figure('Mean').textContent()).toBe(numberIn(amounts.reduce((sum, x) => sum + x, 0) / amounts.length));
    await picture(page, 'look-table-light');
  });

  it('takes what looks like HTML or a formula as text, and keeps only rows with a value', async () => {
    await open('data/orders.parquet@HEAD');
    await drawer().getByLabel('Column').selectOption('city');
    const rome = cities[1]!;
    const times = orders.filter(({ city }) => city === rome).length;
    const row = drawer().getByRole('row').filter({ hasText: rome });
    await row.getByText(words(times), { exact: true }).waitFor();
    await drawer().getByRole('row').filter({ hasText: cities[3]! }).waitFor();
    await row.getByRole('button').click();
    await status()
      .getByText(`${words(times)} of ${words(count)} rows`)
      .waitFor();
    await look().locator('.bb-Chip').getByText(`city = “${rome}”`).waitFor();
    expect(await look().locator('b').count()).toBe(0);
    await look().getByRole('button', { name: 'Remove the filter' }).click();
    await status()
      .getByText(`${words(count)} rows`, { exact: true })
      .waitFor();
  });

  it('filters by what is typed', async () => {
    await open('data/orders.parquet@HEAD');
    await look().getByRole('button', { name: 'Filter', exact: true }).click();
    await look().locator('.bb-FilterForm').getByLabel('Column').selectOption('amount');
    await look().getByLabel('Comparison').selectOption('>=');
    await look().getByLabel('Value').fill('2000.25');
    await page.keyboard.press('Enter');
    const expected = amounts.filter(amount => amount >= 2000.25).length;
    await status()
      .getByText(`${words(expected)} of ${words(count)} rows`)
      .waitFor();
    await look().getByRole('button', { name: 'Filter', exact: true }).click();
    await look().locator('.bb-FilterForm').getByLabel('Column').selectOption('amount');
    await look().getByLabel('Comparison').selectOption('is-null');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await look().getByText('No row matches the filters.').waitFor();
    await look().getByRole('button', { name: 'Clear the filters' }).click();
    await status()
      .getByText(`${words(count)} rows`, { exact: true })
      .waitFor();
  });

  it('goes to any row, and sorts with the keyboard alone', async () => {
    await open('data/orders.parquet@HEAD');
    // At once, while the rows and numbers are on their way.
    await goTo(100_001, 'id: 100000');
    await page.keyboard.press('ArrowDown');
    await status().getByText('Row 100,002, id: 100001').waitFor();
    await page.keyboard.press('Enter');
    await drawer().getByRole('button', { name: 'Ascending', pressed: true }).waitFor();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await drawer().getByRole('button', { name: 'Descending', pressed: true }).waitFor();
    await goTo(1, `id: ${count - 1}`);
    await goTo(count, 'id: 0');
  });

  it('sorts by a click on a header, and leaves out columns', async () => {
    await open('data/orders.parquet@HEAD');
    await figure('Values').waitFor();
    const { x, y } = (await grid().boundingBox())!;
    await page.mouse.click(x + 100, y + 20);
    await page.mouse.click(x + 100, y + 20);
    await drawer().getByRole('button', { name: 'Descending', pressed: true }).waitFor();
    await goTo(3, `id: ${count - 3}`);
    await look().getByRole('button', { name: 'Columns' }).click();
    await look().getByRole('checkbox', { name: 'id' }).uncheck();
    await page.keyboard.press('Escape');
    await look().getByRole('button', { name: 'Columns 2 of 3' }).waitFor();
    const { amount } = orders[count - 3]!;
    await goTo(3, `amount: ${amount === null ? 'null' : amount}`);
  });

  it('gives the cells that are selected to the clipboard', async () => {
    await open('data/orders.parquet@HEAD');
    await goTo(60_001, 'id: 60000');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('Control+c');
    await page.getByText('Copied 2 rows').waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    expect(copied).toBe(`id\tamount\n60000\t\n60001\t${orders[60_001]!.amount}`);
  });

  it('says which lines of a file are no rows, and that a table has none', async () => {
    await open('data/broken.csv@HEAD');
    await look().getByText('1 line of the file could not be read as a row').click();
    await look().getByRole('row').filter({ hasText: '3,4,5,6' }).getByText('3', { exact: true }).waitFor();
    await open('data/empty.csv@HEAD');
    await look().getByText('This table has no rows.').waitFor();
  });
});

describe('any other version', () => {
  onOnePage();

  const pwned = () => page.evaluate(() => 'pwned' in window);

  it('of a notebook is shown as it was; nothing in it runs', async () => {
    await open('analysis.ipynb@HEAD~1');
    await look().getByRole('heading', { name: 'This is the first version' }).waitFor();
    await look().getByText('An output').waitFor();
    expect(await look().locator('img[onerror]').count()).toBe(0);
    expect(await pwned()).toBe(false);
  });

  it('of a notebook opens at the cell that made something, when it is another now', async () => {
    await execute(page, 'branchbook:show-panel', { file: 'data/orders.parquet' });
    const version = page.locator('.bb-Tree-row.bb-mod-version').first();
    await version.getByRole('button', { name: 'analysis.ipynb' }).click();
    await look().locator('.bb-mod-origin').getByText('value_0 = 0').waitFor();
    await look().getByRole('button', { name: 'Open current' }).click();
    await page.locator('.jp-NotebookPanel').getByRole('heading', { name: 'This is the second version' }).waitFor();
  });

  it('of a picture is a picture, whose scripts do not run', async () => {
    await open('picture.svg@HEAD');
    const image = look().getByRole('img', { name: 'picture.svg' });
    await image.waitFor();
    expect(await image.evaluate(node => (node as HTMLImageElement).naturalWidth)).toBe(40);
    expect(await pwned()).toBe(false);
  });

  it('of unknown bytes is a hex table', async () => {
    await open('blob.bin@HEAD');
    await look().getByRole('row').filter({ hasText: '00 ff 3c 68 74 6d 6c 3e' }).getByText('··<html>').waitFor();
  });

  it('that does not exist says so', async () => {
    await execute(page, 'branchbook:open-version', { address: 'nowhere.csv@HEAD', path: '/' });
    await look().getByRole('alert').getByText('There is no nowhere.csv').waitFor();
  });
});

describe('the layout', () => {
  onOnePage();

  it('brings the view back', async () => {
    await open('data/orders.parquet@HEAD');
    // Saving waits for a moment of quiet.
    await page.waitForTimeout(1500);
    await page.reload();
    await look()
      .getByText(`${words(count)} rows × 3 columns`)
      .waitFor();
  });
});

describe.each(themes)('in the %s theme, nothing serious is wrong with', (name, theme) => {
  onOnePage();

  it('a table, a notebook and bytes', async () => {
    await prepare(page, [name, theme]);
    await open('data/orders.parquet@HEAD');
    await drawer().getByLabel('Column').selectOption('city');
    await drawer().getByText('Most frequent').waitFor();
    await picture(page, `look-table-${name}`);
    expect(await violations(page, '.bb-Look')).toEqual([]);
    await look().getByRole('button', { name: 'Filter', exact: true }).click();
    expect(await violations(page, '.bb-Look')).toEqual([]);
    for (const address of ['data/broken.csv@HEAD', 'blob.bin@HEAD']) {
      await open(address);
      expect(await violations(page, '.bb-Look:not(.lm-mod-hidden *)')).toEqual([]);
    }
  });
});

/** As the drawer writes it: six significant digits. */
function numberIn(value: number): string {
  return new Intl.NumberFormat('en', { maximumSignificantDigits: 6 }).format(value);
}
