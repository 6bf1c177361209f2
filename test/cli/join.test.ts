/** What somebody shared by link, opened from the command line; the place is a folder. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { JoinResult, ShareResult } from '../../src/core/model/sharing';
import { commandLine, createProject } from '../support/in-process';
import { temporaryDirectory } from '../support/temporary-directory';

const branchbook = commandLine();

async function published(): Promise<{ readonly root: string; readonly address: string }> {
  const root = await createProject(branchbook);
  writeFileSync(join(root, 'analysis.ipynb'), '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n');
  writeFileSync(join(root, 'rows.csv'), 'a,b\n1,2\n'.repeat(1000));
  await branchbook.run(root, 'snapshot', '-m', 'Rows');
  const team = `${temporaryDirectory()}/ml-team`;
  await branchbook.run(root, 'namespace', 'create', team);
  await branchbook.run(root, 'push', '--to', `${team}/iris`);
  return { root, address: `${team}/iris` };
}

async function linkTo(root: string, ...options: readonly string[]): Promise<string> {
  const { link } = await branchbook.json<ShareResult>(root, 'share', 'link', 'project:iris', '-r', 'view', ...options);
  return link!;
}

it('clones lazily what a link leads to, once, and uses the clone when it is there', async () => {
  const { root, address } = await published();
  const link = await linkTo(root, '--many');
  const cwd = temporaryDirectory();
  const first = await branchbook.json<JoinResult>(cwd, 'join', link);
  expect(first).toMatchObject({ place: address.replace('/ml-team/iris', ''), root: join(cwd, 'iris') });
  expect(first.clone!.absent.assets).toBe(1);
  expect(readFileSync(join(cwd, 'iris', 'rows.csv'), 'utf8')).toContain('oid sha256:');
  await branchbook.run(first.root!, 'get', 'rows.csv');
  expect(readFileSync(join(cwd, 'iris', 'rows.csv'), 'utf8')).toContain('1,2');
  const again = await branchbook.json<JoinResult>(
    cwd,
    'join',
    `http://localhost:8888/lab?branchbook-join=${encodeURIComponent(link)}`
  );
  expect(again).toMatchObject({ clone: null, root: join(cwd, 'iris') });
  expect(await branchbook.run(join(cwd, 'iris'), 'join', link)).toContain('Your clone in');
});

it('takes the rights only, when asked, and refuses what is no link or was used', async () => {
  const { root } = await published();
  const link = await linkTo(root);
  const cwd = temporaryDirectory();
  expect(await branchbook.json<JoinResult>(cwd, 'join', '--only', link)).toMatchObject({ clone: null, root: null });
  expect(existsSync(join(cwd, 'iris'))).toBe(false);
  expect(await branchbook.fail(cwd, 'join', link)).toMatchObject({ code: 'LINK_INVALID' });
  for (const wrong of ['hello', 'https://hub.example.org/join/', `${link}x/y`, 'ftp://a/join/0123456789abcdef0123']) {
    expect(await branchbook.fail(cwd, 'join', wrong), wrong).toMatchObject({ code: 'LINK_INVALID' });
  }
});
