// How smooth the side panel is with 10,000 assets.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { open, withJupyter, withPage } from '../jupyter.mjs';
import { branchbook } from '../measure.mjs';
import { atMost } from '../row.mjs';

const SCROLLS = 60;

export async function labPanel({ folder, project, scale }) {
  const count = Math.round(10_000 * scale);
  writeAssets(join(project, 'data', 'many'), count);
  branchbook(project, 'snapshot', '-m', 'many');
  const tasks = await withJupyter({ project, folder: join(folder, 'panel') }, base =>
    withPage(async page => {
      await open(page, base);
      await watchLongTasks(page);
      const opened = await afterwards(page, () => openPanel(page));
      const searched = await afterwards(page, () => expandAndFilter(page));
      const scrolled = await afterwards(page, () => scroll(page));
      return { opened, searched, scrolled };
    })
  );
  return [
    {
      what: 'longest main-thread task while opening and scrolling the panel, 10,000 assets',
      value: Math.max(...Object.values(tasks)),
      unit: 'ms',
      must: atMost(100),
      note: Object.entries(tasks)
        .map(([when, longest]) => `${when} ${longest.toFixed(0)} ms`)
        .concat('tasks under 50 ms count as 0')
        .join(' · ')
    }
  ];
}

function writeAssets(folder, count) {
  for (let index = 0; index < count; index++) {
    const parent = join(folder, `set-${String(Math.floor(index / 500)).padStart(2, '0')}`);
    mkdirSync(parent, { recursive: true });
    writeFileSync(join(parent, `part-${index}.csv`), `a,b\n${index},1\n`);
  }
}

const watchLongTasks = page =>
  page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver(list => window.longTasks.push(...list.getEntries().map(entry => entry.duration))).observe({
      type: 'longtask'
    });
  });

/** The longest task, in milliseconds, that some work and its aftermath took; 0 when none took over 50 ms. */
async function afterwards(page, work) {
  await page.evaluate(() => (window.longTasks.length = 0));
  await work();
  await page.waitForTimeout(1500);
  return page.evaluate(() => Math.max(0, ...window.longTasks));
}

const rows = page => page.locator('.bb-Panel-assets [role=treeitem]');

async function openPanel(page) {
  await page.evaluate(() => window.jupyterapp.commands.execute('branchbook:show-panel', {}));
  await rows(page).first().waitFor();
}

/** The versions of an asset, and all assets that match what is typed. */
async function expandAndFilter(page) {
  await rows(page).first().click();
  await page.locator('.bb-Tree-row.bb-mod-version').first().waitFor();
  await page.locator('.bb-Assets-filter input').pressSequentially('part-1', { delay: 50 });
  await page.locator('.bb-Assets-filter input').fill('');
}

/** A page at a time, then in long jumps to the end. */
async function scroll(page) {
  await rows(page).first().hover();
  for (let index = 0; index < SCROLLS; index++) {
    await page.mouse.wheel(0, index < SCROLLS - 10 ? 900 : 40_000);
    await page.waitForTimeout(16);
  }
}
