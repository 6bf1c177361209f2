import { ServerConnection } from '@jupyterlab/services';
import { describe, expect, it } from 'vitest';
import { Client } from '../../src/lab/client';
import { advice } from '../../src/lab/model/advice';

const labels = new Map([
  ['branchbook:pull', 'Pull'],
  ['branchbook:sync', 'Pull, Merge and Push'],
  ['branchbook:publish', 'Publish This Project…'],
  ['branchbook:sign-in', 'Sign In…']
]);
/** As JupyterLab's registry, which needs a browser. Elsewhere than in the palette, labels may say more. */
const commands = {
  hasCommand: (id: string): boolean => labels.has(id),
  label: (id: string, args?: { readonly [name: string]: unknown }): string =>
    `${labels.get(id)}${args?.['isPalette'] ? '' : ' (⇣3)'}`
};

describe('a hint in JupyterLab', () => {
  it.each([
    ['Bring what is new: `branchbook pull`.', 'Bring what is new: “Pull”.'],
    ['In one step: `branchbook push --pull`.', 'In one step: “Pull, Merge and Push”.'],
    ['Publish it with `branchbook push --to https://hub/team`.', 'Publish it with “Publish This Project…”.'],
    ['Run `branchbook login https://hub` or set a token.', 'Run “Sign In…” or set a token.']
  ])('%j names what is in the palette', (said, shown) => expect(advice(said, commands)).toBe(shown));

  it.each([
    'Name the branch: `branchbook pull --branch NAME`.',
    '`branchbook check --repair` stores it.',
    'Pipe it in (`branchbook login … --token < token.txt`).',
    // Known, and not registered.
    'Take it back: `branchbook undo`.',
    'Ask git: `git fetch`.'
  ])('%j keeps what only a terminal can do', said => expect(advice(said, commands)).toBe(said));

  it('is worded so wherever the core’s failure comes from', async () => {
    const error = { code: 'PUSH_REJECTED', message: 'It moved.', data: {}, hint: 'First `branchbook pull`.' };
    const bodies = [
      new Response(JSON.stringify({ error }), { status: 409 }),
      new Response(`${JSON.stringify({ type: 'error', error })}\n`)
    ];
    for (const body of bodies) {
      const settings = ServerConnection.makeSettings({ baseUrl: 'http://localhost/', fetch: async () => body });
      const asked = new Client(settings, hint => advice(hint, commands)).runVerb('', 'push', {});
      await expect(asked).rejects.toMatchObject({ code: 'PUSH_REJECTED', hint: 'First “Pull”.' });
    }
  });
});
