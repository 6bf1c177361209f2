/** A folder that people share: what one of them puts there must not make others write elsewhere, or show it to everybody. */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync
} from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { sendContents } from '../../../src/core/sync/send-contents';
import type { IGit, IPlace } from '../../../src/core/port';
import { disk } from '../../../src/node/fs/disk';
import { openGit } from '../../../src/node/git/repository';
import { createRepository, git } from '../../operation/fixture';
import { person } from '../../support/asset-person';
import { documentPlaceAs } from '../../support/document-places';
import { randomBytes } from '../../support/random-bytes';
import { temporaryDirectory } from '../../support/temporary-directory';

const unsafe = expect.objectContaining({ code: 'PATH_UNSAFE' }) as Error;
const umask = process.umask();
beforeAll(() => void process.umask(0));
afterAll(() => void process.umask(umask));

let [shared, outside, root, project] = ['', '', '', ''];
let ada: IPlace;
let repository: IGit;

beforeEach(async () => {
  [shared, outside, root] = [temporaryDirectory(), temporaryDirectory(), createRepository()];
  mkdirSync(join(outside, 'kept'));
  writeFileSync(join(outside, 'file'), 'private');
  ada = await documentPlaceAs(shared)('ada');
  await ada.namespaces.create({ name: 'vision', kind: 'team', title: '', label: 'unclassified', git: null });
  await ada.namespaces.change('vision', { type: 'add-project', name: 'iris' });
  repository = await openGit(root, disk);
  await push();
  project = join(shared, 'vision/projects', readdirSync(join(shared, 'vision/projects'))[0]!);
});

async function push(): Promise<void> {
  const { history, assets } = await ada.project('vision', 'iris');
  const { store, put } = await person();
  await sendContents(store, assets, await put(randomBytes(1000)));
  git(root, 'commit', '-q', '--allow-empty', '-m', 'work');
  const to = git(root, 'rev-parse', 'HEAD').trim();
  const from = (await repository.transport.list(history, {})).refs.get('refs/heads/main') ?? null;
  await repository.transport.push(history, [{ name: 'refs/heads/main', from, to }], {});
}

/** Everything below a folder. */
function below(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? [path, ...below(path)] : [path];
  });
}

it('is the group’s and nobody else’s, also where everything is open to everybody', async () => {
  expect(statSync(project).mode & 0o7777).toBe(0o2770);
  const open = below(shared).filter(path => (statSync(path).mode & 0o007) !== 0);
  expect(open).toEqual([]);
});

it.each([
  'assets',
  'assets/xorbs',
  'history.git',
  'history.git/objects',
  'history.git/objects/pack',
  'history.git/refs',
  'history.git/refs/heads',
  'history.git/refs/heads/main',
  'history.git/logs/refs/heads/main',
  'history.git/HEAD',
  'history.git/config'
])('takes no symbolic link for %s', async where => {
  const path = join(project, where);
  const isFile = /main$|HEAD$|config$/.test(where);
  mkdirSync(dirname(path), { recursive: true });
  if (existsSync(path)) {
    renameSync(path, join(outside, 'was'));
  }
  symlinkSync(existsSync(join(outside, 'was')) ? join(outside, 'was') : join(outside, isFile ? 'file' : 'kept'), path);
  const before = execFileSync('sh', ['-c', 'find . -type f -exec sha256sum {} + | sort'], { cwd: outside }).toString();
  await expect(push()).rejects.toThrow(unsafe);
  const after = execFileSync('sh', ['-c', 'find . -type f -exec sha256sum {} + | sort'], { cwd: outside }).toString();
  expect(after).toBe(before);
});

it('is no work tree of anybody’s, whatever its settings say', async () => {
  const { history } = await ada.project('vision', 'iris');
  for (const [key, value] of [
    ['core.bare', 'false'],
    ['core.worktree', outside],
    ['receive.denyCurrentBranch', 'updateInstead']
  ] as const) {
    git(history.url, 'config', '--file', join(history.url, 'config'), key, value);
  }
  rmSync(join(outside, 'kept'), { recursive: true });
  writeFileSync(join(root, 'planted'), 'x');
  git(root, 'add', '-A');
  await expect(push()).rejects.toMatchObject({ code: expect.any(String) as string });
  expect(readdirSync(outside)).toEqual(['file']);
  expect(readFileSync(join(outside, 'file'), 'utf8')).toBe('private');
});
