import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shellQuote, shellWords } from '../../src/core/format/shell-quote';
import { initOperation } from '../../src/core/operation/init';
import { runOperation } from '../../src/core/operation/run';
import { openProject } from '../../src/service/open-project';

describe('opening a folder to make it a project', () => {
  let outer: string;

  beforeEach(() => {
    outer = realpathSync(mkdtempSync(join(tmpdir(), 'branchbook-open-')));
    execFileSync('git', ['init', '-q', '-b', 'main'], { cwd: outer });
    writeFileSync(join(outer, '.gitignore'), 'scratch/\n');
    mkdirSync(join(outer, 'scratch', 'project'), { recursive: true });
    mkdirSync(join(outer, 'notebooks'));
  });
  afterEach(() => rmSync(outer, { recursive: true, force: true }));

  const rootOf = async (folder: string): Promise<string> => {
    const project = await openProject(folder, { create: true, workerFile: null });
    await project.close();
    return project.root;
  };

  it('takes the repository that the folder belongs to', async () => {
    expect(await rootOf(join(outer, 'notebooks'))).toBe(outer);
  });

  it('makes a repository of its own in a folder that the one around it ignores', async () => {
    const folder = join(outer, 'scratch', 'project');
    expect(await rootOf(folder)).toBe(folder);
    expect(await rootOf(folder)).toBe(folder);
  });

  it('refuses a folder that does not exist', async () => {
    await expect(rootOf(join(outer, 'missing'))).rejects.toMatchObject({ code: 'PATH_UNKNOWN' });
  });
});

describe('opening a project whose settings name a program', () => {
  let root: string;
  let bin: string;

  beforeEach(async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'branchbook-filter-')));
    [root, bin] = [join(folder, 'project'), join(folder, "Ada's tools")];
    mkdirSync(root);
    mkdirSync(bin);
    writeFileSync(join(bin, 'core-1'), '');
    writeFileSync(join(bin, 'node-20'), '');
    symlinkSync('node-20', join(bin, 'node'));
    const project = await openProject(root, { create: true, workerFile: null, program: program('core-1') });
    await runOperation(project, initOperation, {});
    await project.close();
  });
  afterEach(() => rmSync(join(root, '..'), { recursive: true, force: true }));

  const program = (core: string): readonly string[] => [join(bin, 'node'), join(bin, core)];
  const setting = (name: string): string =>
    execFileSync('git', ['config', '--local', `filter.lfs.${name}`], { cwd: root, encoding: 'utf8' }).trim();
  const reopen = async (core: string): Promise<void> => {
    await (await openProject(root, { workerFile: null, program: program(core) })).close();
  };

  it('leaves another program alone as long as it exists', async () => {
    writeFileSync(join(bin, 'core-2'), '');
    await reopen('core-2');
    expect(shellWords(setting('process'))).toEqual([...program('core-1'), 'filter-process']);
  });

  it.each(['core-1', 'node-20'])('takes the place of one whose %s is gone', async gone => {
    writeFileSync(join(bin, 'core-2'), '');
    rmSync(join(bin, gone));
    await reopen('core-2');
    expect(shellWords(setting('process'))).toEqual([...program('core-2'), 'filter-process']);
    expect(shellWords(setting('clean'))).toEqual([...program('core-2'), 'filter-clean', '--', '%f']);
    expect(shellWords(setting('smudge'))).toEqual([...program('core-2'), 'filter-smudge', '--', '%f']);
  });

  it('leaves a program of the user’s that git finds by its name', async () => {
    execFileSync('git', ['config', 'filter.lfs.process', 'git-lfs filter-process'], { cwd: root });
    rmSync(join(bin, 'core-1'));
    await reopen('core-2');
    expect(setting('process')).toBe('git-lfs filter-process');
  });

  it.each([['a'], ["it's"], ["''"], ['two words'], ['$HOME `x` \\ "q"'], ["\\'"]])(
    'quotes %j so that it can be read back',
    word => {
      expect(shellWords(['x', word, 'y'].map(shellQuote).join(' '))).toEqual(['x', word, 'y']);
      expect(execFileSync('sh', ['-c', `printf %s ${shellQuote(word)}`], { encoding: 'utf8' })).toBe(word);
    }
  );
});
