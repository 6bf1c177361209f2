// From a click in the notebook's toolbar until the open notebook is that of the other branch.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { notebook, overwrite, writeRandomFile } from '../data.mjs';
import { open, withJupyter, withPage } from '../jupyter.mjs';
import { branchbook, GiB, MiB, repeat, settle, timed } from '../measure.mjs';
import { atMost } from '../row.mjs';

/** Milliseconds between two switches, in which Lab refreshes what it shows beside the notebook. */
const REST = 1000;

export async function labSwitch({ folder, project, runs, scale }) {
  twoBranches(project, GiB * scale);
  const milliseconds = await withJupyter({ project, folder: join(folder, 'switch') }, base =>
    withPage(async page => {
      await open(page, base, 'analysis.ipynb');
      await button(page).getByText('main', { exact: true }).waitFor();
      await page.locator(`${inFront} .jp-Notebook-ExecutionIndicator[data-status=idle]`).waitFor({ state: 'attached' });
      await switchTo(page, 'experiment');
      await switchTo(page, 'main');
      return repeat(runs + (runs % 2), run => {
        settle();
        return switchTo(page, run % 2 === 0 ? 'experiment' : 'main');
      });
    })
  );
  return [
    {
      what: 'switch until the open notebook shows the other branch, one 1 GiB file differs',
      value: milliseconds,
      unit: 'ms',
      must: atMost(1000),
      note: 'from the click on the toolbar button, through the menu, in Chromium'
    }
  ];
}

/** Ends on main. */
function twoBranches(project, bytes) {
  const big = join(project, 'data', 'big.bin');
  writeRandomFile(big, bytes, 'lab');
  writeFileSync(join(project, 'analysis.ipynb'), notebook('# This is main.', 'print(1)'));
  branchbook(project, 'snapshot', '-m', 'main');
  branchbook(project, 'switch', '-c', 'experiment');
  overwrite(big, Math.floor(bytes / 2), MiB, 'lab experiment');
  writeFileSync(join(project, 'analysis.ipynb'), notebook('# This is experiment.', 'print(2)'));
  branchbook(project, 'snapshot', '-m', 'experiment');
  branchbook(project, 'switch', 'main');
}

const inFront = '.jp-NotebookPanel:not(.lm-mod-hidden)';
const button = page => page.locator(`${inFront} .jp-NotebookPanel-toolbar .bb-BranchButton button`);
const shown = (page, branch) => page.locator(`${inFront} h1`).getByText(`This is ${branch}`).waitFor();

/** Milliseconds from the click until the notebook is the branch's; it ends when the toolbar has come to rest too. */
async function switchTo(page, branch) {
  const milliseconds = await timed(async () => {
    await button(page).click();
    await page
      .getByRole('option')
      .filter({ has: page.getByText(branch, { exact: true }) })
      .click();
    await shown(page, branch);
  });
  await button(page).getByText(branch, { exact: true }).waitFor();
  await page.waitForTimeout(REST);
  return milliseconds;
}
