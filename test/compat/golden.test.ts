/** T16: what earlier versions wrote is read, byte for byte, for ever; what later versions write is refused. */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { ProjectVerb, Verbs } from '../../src/core/model/result';
import { operations } from '../../src/core/operation/index';
import { runOperation } from '../../src/core/operation/run';
import { readJournal } from '../../src/core/transition/journal';
import type { Journal } from '../../src/core/transition/journal';
import { openProject } from '../../src/service/open-project';
import { collect, sha256 } from '../contract/asset-store';
import { git } from '../operation/fixture';
import { count } from '../torture/support/budget';
import { temporaryDirectory } from '../support/temporary-directory';
import { contents, goldenJournal } from './golden-content';

const golden = resolve(__dirname, '../fixture');
const versions = readdirSync(golden).filter(name => name.startsWith('golden-v'));

/** A copy with an empty work tree, as after `git clone --no-checkout`. */
function unpack(version: string): string {
  const root = temporaryDirectory();
  cpSync(join(golden, version, 'git'), join(root, '.git'), { recursive: true });
  mkdirSync(join(root, '.git/refs/tags'), { recursive: true });
  writeFileSync(join(root, '.git/config'), '[core]\n\trepositoryformatversion = 0\n\tbare = false\n');
  git(root, 'config', 'user.name', 'Ada Lovelace');
  git(root, 'config', 'user.email', 'ada@example.org');
  git(root, 'reset', '-q');
  return root;
}

async function run<V extends ProjectVerb>(root: string, verb: V, args: Verbs[V]['args']): Promise<Verbs[V]['result']> {
  const project = await openProject(root, { workerFile: null, program: ['/usr/bin/false'] });
  try {
    return await runOperation(project, operations[verb], args);
  } finally {
    await project.close();
  }
}

describe.each(versions)('%s', version => {
  it('has nothing to complain about', async () => {
    const { findings, commits, assets } = await run(unpack(version), 'check', { readData: true });
    expect(findings.filter(finding => finding.severity === 'error')).toEqual([]);
    expect({ commits, assets }).toEqual({ commits: 2, assets: 2 });
  });

  it('gives back every version of every file', async () => {
    const root = unpack(version);
    for (const [number, files] of Object.values(contents).entries()) {
      await run(root, 'restore', { addresses: Object.keys(files), revision: `main~${1 - number}` });
      for (const [path, bytes] of Object.entries(files)) {
        expect(sha256(readFileSync(join(root, path))), path).toBe(sha256(bytes));
      }
    }
  });

  it('gives back ranges', async () => {
    const project = await openProject(unpack(version), { workerFile: null, program: ['/usr/bin/false'] });
    const bytes = contents['second']!['data/sales.parquet']!;
    const read = await collect(project.store.read(sha256(bytes), 19_990, 20_110));
    expect(Buffer.concat(read).equals(bytes.subarray(19_990, 20_110))).toBe(true);
    await project.close();
  });

  it('tells its operations, and undoes them', async () => {
    const root = unpack(version);
    const { operations: log } = await run(root, 'undo', { list: true });
    expect(log.map(({ description }) => description)).toEqual([
      'snapshot "first" on main',
      'snapshot "second" on main',
      'create branch experiment'
    ]);
    expect((await run(root, 'undo', {})).undone?.verb).toBe('branch');
    expect(git(root, 'branch', '--list', 'experiment')).toBe('');
  });

  it('has a journal that is read as it was written', async () => {
    const project = await openProject(unpack(version), { workerFile: null, program: ['/usr/bin/false'] });
    expect(await readJournal(project, goldenJournal.id)).toEqual(goldenJournal);
    await project.close();
  });

  it('goes on being used', async () => {
    const root = unpack(version);
    await run(root, 'switch', { branch: 'experiment', changes: 'discard' });
    writeFileSync(join(root, 'data/new.parquet'), 'new');
    await run(root, 'snapshot', { message: 'third' });
    const { findings } = await run(root, 'check', { readData: true });
    expect(findings.filter(finding => finding.severity === 'error')).toEqual([]);
  });
});

let tried = 0;
afterEach(() => void (tried += 1));
afterAll(() => count('T16', { readings: tried, violations: 0 }));

describe('a newer format', () => {
  const tooNew = { code: 'FORMAT_TOO_NEW', hint: expect.stringContaining('Update Branchbook') };

  it('of the project is refused before anything is read', async () => {
    const root = unpack('golden-v1');
    writeFileSync(join(root, '.git/branchbook/format'), '{"version":2}\n');
    await expect(run(root, 'status', {})).rejects.toMatchObject(tooNew);
    await expect(run(root, 'snapshot', { message: 'no' })).rejects.toMatchObject(tooNew);
  });

  it('of the project that cannot be told is refused too', async () => {
    const root = unpack('golden-v1');
    writeFileSync(join(root, '.git/branchbook/format'), '\0\0');
    await expect(run(root, 'status', {})).rejects.toMatchObject({ code: 'FORMAT_INVALID' });
  });

  it('of a journal is refused by everything that changes something', async () => {
    const root = unpack('golden-v1');
    const path = join(root, '.git/branchbook/journal', `${goldenJournal.id}.json`);
    writeFileSync(path, JSON.stringify({ ...goldenJournal, version: 3 } as unknown as Journal));
    await expect(run(root, 'snapshot', { message: 'no' })).rejects.toMatchObject(tooNew);
    await expect(run(root, 'check', { repair: true })).rejects.toMatchObject(tooNew);
  });

  it('is written down by `init`', async () => {
    const root = temporaryDirectory();
    const project = await openProject(root, { create: true, workerFile: null, program: ['/usr/bin/false'] });
    await runOperation(project, operations.init, {});
    await project.close();
    expect(readFileSync(join(root, '.git/branchbook/format'), 'utf8')).toBe('{"version":1}\n');
  });
});

describe('what version 0.1 wrote', () => {
  it('has neither seals nor the name of the work tree, and is read', async () => {
    const root = unpack('golden-v1');
    for (const name of ['00000001', '00000002', '00000003']) {
      const path = join(root, '.git/branchbook/operations', `${name}.json`);
      const { worktree, ...old } = JSON.parse(readFileSync(path, 'utf8').split('\n')[0]!) as { worktree: string };
      expect(worktree).toBe('');
      writeFileSync(path, `${JSON.stringify({ ...old, root })}\n`);
    }
    expect((await run(root, 'undo', { list: true })).operations).toHaveLength(3);
    expect((await run(root, 'undo', {})).undone?.verb).toBe('branch');
  });
});
