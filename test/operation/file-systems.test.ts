/** Work trees on file systems that are not as git and we like them. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { snapshotOperation } from '../../src/core/operation/snapshot';
import { switchOperation } from '../../src/core/operation/switch-branch';
import type { IFileSystem } from '../../src/core/port';
import { createFaultyFileSystem } from '../../src/node/fault/faulty-file-system';
import { disk } from '../../src/node/fs/disk';
import { fileError } from '../../src/node/fs/file-error';
import { asset, createSandbox, expectHealthy, openSandbox } from './fixture';
import type { Files, Sandbox } from './fixture';

/** `main` has `first` and is checked out, `other` has `second`. */
async function branches(first: Files, second: Files): Promise<Sandbox> {
  const sandbox = await createSandbox();
  sandbox.write(first);
  await sandbox.run(snapshotOperation, { message: 'first' });
  sandbox.git('branch', 'other');
  await sandbox.run(switchOperation, { branch: 'other' });
  sandbox.write(second);
  await sandbox.run(snapshotOperation, { message: 'second' });
  await sandbox.run(switchOperation, { branch: 'main' });
  return sandbox;
}

/** Every path is looked up as file systems do that ignore case; a new one keeps the name it is given. */
function ignoringCase(root: string): IFileSystem {
  const find = (path: string): string => {
    let found = root;
    for (const name of path.slice(root.length + 1).split('/')) {
      const names = found.includes('\0') ? [] : listed(found);
      const same = names.find(other => other.toLowerCase() === name.toLowerCase());
      found = `${found}/${same ?? name}`;
    }
    return found;
  };
  const translate = (value: unknown): unknown =>
    typeof value === 'string' && value.startsWith(`${root}/`) ? find(value) : value;
  return new Proxy(disk, {
    get: (target, name: keyof IFileSystem) => {
      const method = target[name] as (...args: unknown[]) => unknown;
      return (...args: unknown[]) =>
        name === 'glanceAll'
          ? target.glanceAll((args[0] as string[]).map(translate) as string[], args[1] as () => void)
          : method.apply(target, args.map(translate));
    }
  });
}

function listed(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

describe('a file system that ignores case', () => {
  it.each([
    ['two files', { 'data/Table.csv': 'T' }, ['data/Table.csv', 'data/table.csv']],
    ['a file and a folder', { 'DATA/x': null, DATA: 'file' }, ['DATA', 'data/table.csv']],
    ['other composition of an accent', { 'data/é.csv': 'e', 'data/e\u0301.csv': 'E' }, []]
  ])('refuses %s of the same name before anything moves', async (_, second, named) => {
    const files = Object.fromEntries(Object.entries(second).filter(([, content]) => content !== null));
    const sandbox = await branches({ 'data/table.csv': 't', 'b.bin': asset('b') }, { ...files, 'b.bin': asset('c') });
    const before = sandbox.read();
    sandbox.git('config', 'core.ignorecase', 'true');
    const refusal = await sandbox.run(switchOperation, { branch: 'other' }).catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'CASE_COLLISION' });
    expect((refusal as { data: { paths: string[] } }).data.paths).toEqual(expect.arrayContaining(named));
    expect(sandbox.read()).toEqual(before);
    expect(sandbox.git('symbolic-ref', '--short', 'HEAD')).toBe('main\n');
    sandbox.git('config', 'core.ignorecase', 'false');
    await sandbox.run(switchOperation, { branch: 'other' });
    await expectHealthy(sandbox);
  });

  it('lets a file change only the case of its name', async () => {
    const plain = await branches(
      { 'data/table.csv': 't', 'model.bin': asset('m') },
      { 'data/table.csv': null, 'data/Table.csv': 't', 'model.bin': null, 'Model.bin': asset('m') }
    );
    plain.git('config', 'core.ignorecase', 'true');
    const sandbox = await openSandbox(plain.root, ignoringCase(plain.root));
    await sandbox.run(switchOperation, { branch: 'other' });
    expect(Object.keys(sandbox.read())).toEqual(['.gitattributes', 'Model.bin', 'data/Table.csv']);
    await sandbox.run(switchOperation, { branch: 'main' });
    expect(Object.keys(sandbox.read())).toEqual(['.gitattributes', 'data/table.csv', 'model.bin']);
    expect(sandbox.read()['model.bin']).toBe(asset('m'));
  });
});

/** `data` as another file system: by its device number, or, as with a bind mount, by failing renames only. */
function withForeignData(root: string, told: boolean): IFileSystem {
  const isForeign = (path: string): boolean => path === `${root}/data` || path.startsWith(`${root}/data/`);
  return {
    ...createFaultyFileSystem(disk, () => undefined),
    lstat: async path => {
      const stat = await disk.lstat(path);
      return stat?.kind === 'directory' && told && isForeign(path) ? { ...stat, dev: stat.dev + 1n } : stat;
    },
    rename: async (from, to) => {
      if (isForeign(from) !== isForeign(to)) {
        throw fileError('EXDEV', from, 'rename');
      }
      await disk.rename(from, to);
    }
  };
}

async function expectRefused(sandbox: Sandbox): Promise<void> {
  const before = sandbox.read();
  await expect(sandbox.run(switchOperation, { branch: 'other' })).rejects.toMatchObject({ code: 'CROSS_DEVICE' });
  expect(sandbox.read()).toEqual(before);
  expect(sandbox.git('symbolic-ref', '--short', 'HEAD')).toBe('main\n');
  await expectHealthy(sandbox);
}

const first: Files = { 'a.txt': '1', 'data/x.bin': asset('x') };
const second: Files = { 'a.txt': '2', 'data/x.bin': asset('y'), 'data/deep/z': 'z' };

describe('a folder on another file system', () => {
  it.each([true, false])('is named before anything moves, or all is taken back (device known: %s)', async told => {
    const { root } = await branches(first, second);
    await expectRefused(await openSandbox(root, withForeignData(root, told)));
  });

  it('may be part of the project while it does not change', async () => {
    const { root } = await branches(first, { 'a.txt': '2' });
    const sandbox = await openSandbox(root, withForeignData(root, true));
    await sandbox.run(switchOperation, { branch: 'other' });
    sandbox.write({ 'data/x.bin': asset('new') });
    await sandbox.run(snapshotOperation, { message: 'there too' });
    await expectHealthy(sandbox);
  });

  it('is found out where it is really mounted, given the right to mount', async () => {
    const { root } = await branches(first, second);
    const mounted = mount(`${root}/data`);
    const sandbox = await openSandbox(root, mounted ? disk : withForeignData(root, true));
    sandbox.write({ 'data/x.bin': asset('x') });
    await expectRefused(sandbox);
  });
});

function mount(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return false;
  }
  onTestFinished(() => void execFileSync('umount', [folder]));
  return true;
}
