import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { execute } from './harness';

/** What axe-core reports of a failed rule, as far as it is read here. */
type Violation = {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
};
type Axe = { run(context: object, options: object): Promise<{ readonly violations: readonly Violation[] }> };

const axe = readFileSync(createRequire(__filename).resolve('axe-core/axe.min.js'), 'utf8');

/** JupyterLab's themes. */
export const themes: readonly (readonly [name: 'light' | 'dark', theme: string])[] = [
  ['light', 'JupyterLab Light'],
  ['dark', 'JupyterLab Dark']
];

/** Show a theme, and get the page ready for `violations`. */
export async function prepare(page: Page, [name, theme]: (typeof themes)[number]): Promise<void> {
  await execute(page, 'apputils:change-theme', { theme });
  await page.locator(`body[data-jp-theme-light="${name === 'light'}"]`).waitFor({ state: 'attached' });
  await page.evaluate(axe);
  // JupyterLab's body has no height, and axe leaves out what hangs over: it would measure no colour at all.
  await page.addStyleTag({ content: 'html, body { height: 100% }' });
}

/** Rules that `selector` breaks in a way that shuts people out, one line each. */
export async function violations(page: Page, selector: string): Promise<readonly string[]> {
  // A fade-in would be measured as too little contrast.
  await page
    .locator(selector)
    .first()
    .evaluate(node => Promise.allSettled(node.getAnimations({ subtree: true }).map(a => a.finished)));
  const { violations: found } = await page.evaluate(
    include =>
      (window as unknown as { axe: Axe }).axe.run(
        { include: [include] },
        {
          resultTypes: ['violations'],
          // The rows of the tree are named by a sentence: it begins with the path and says what the columns only show.
          rules: { 'label-content-name-mismatch': { enabled: false } }
        }
      ),
    selector
  );
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.html} ${node.failureSummary}`));
}
