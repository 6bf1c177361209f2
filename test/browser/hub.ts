import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Page } from 'playwright-core';

const core = join(resolve(__dirname, '..', '..'), 'branchbook', '_core', 'branchbook.cjs');
const password = 'correct horse battery';

/** `branchbook hub` as it is installed: a program of its own, with an embedded database in an empty folder. */
export class HubProgram {
  private constructor(
    private readonly _data: string,
    private readonly _program: ChildProcess,
    readonly url: string,
    /** Address at which the first account is made. */
    readonly invitation: string
  ) {}

  static async start(): Promise<HubProgram> {
    const data = mkdtempSync(join(tmpdir(), 'branchbook-hub-'));
    const argv = [core, 'hub', '--data', data, '--listen', '127.0.0.1:0'];
    const log = process.env['BRANCHBOOK_TEST_LOG'] ? 'inherit' : 'ignore';
    const program = spawn(process.execPath, argv, {
      // Endpoints of tests are on this very machine.
      env: { ...process.env, BRANCHBOOK_HUB_LOOPBACK_ENDPOINTS: '1' },
      stdio: ['ignore', 'pipe', log]
    });
    for await (const line of createInterface(program.stdout!)) {
      const [invitation, url] = /(http\S+)\/account\/invitation\/\S+/.exec(line) ?? [];
      if (invitation !== undefined && url !== undefined) {
        return new HubProgram(data, program, url, invitation);
      }
    }
    throw new Error('The hub did not start; set BRANCHBOOK_TEST_LOG=1 to see why.');
  }

  async stop(): Promise<void> {
    if (this._program.exitCode === null) {
      const gone = once(this._program, 'exit');
      this._program.kill('SIGTERM');
      await gone;
    }
    rmSync(this._data, { recursive: true, force: true });
  }
}

/** Make an account on the hub's page; the browser is signed in afterwards. */
export async function makeAccount(page: Page, invitation: string, user: string, name: string): Promise<void> {
  await page.goto(invitation);
  await page.getByLabel('Name, as others find you').fill(user);
  await page.getByLabel('Full name').fill(name);
  await page.getByLabel(/^Password/).fill(password);
  await page.getByRole('button', { name: 'Make the account' }).click();
  await page.getByText(`Signed in as ${user}`).waitFor();
}

/** The address of an invitation; by the administrator who is signed in. */
export async function makeInvitation(page: Page, whom: string): Promise<string> {
  await page.getByLabel('Who it is for').fill(whom);
  await page.getByRole('button', { name: 'Make an invitation' }).click();
  return page.locator('pre').innerText();
}
