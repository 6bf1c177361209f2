/** A shared folder that fails while it is used: nobody loses anything, here or there, and all goes on when it works again. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { BranchbookError } from '../../../src/core/error';
import type { IPlaces } from '../../../src/core/port';
import { createFaultyFileSystem } from '../../../src/node/fault/faulty-file-system';
import type { FileOperation } from '../../../src/node/fault/faulty-file-system';
import { disk } from '../../../src/node/fs/disk';
import { fileError } from '../../../src/node/fs/file-error';
import { documentConnector } from '../../../src/node/place/connect-documents';
import { Places } from '../../../src/node/place/places';
import { openProcesses } from '../../../src/node/process/processes';
import { clock, random } from '../../../src/node/process/time';
import { openVerbs } from '../../operation/verbs';
import type { Verbal } from '../../operation/verbs';
import { photograph } from '../../support/photograph';
import { splitmix64 } from '../../support/random-bytes';
import { cloneVerbs } from '../../support/sharing';
import { temporaryDirectory } from '../../support/temporary-directory';

/** What fails: from the `from`th such operation on, as a disk that stays full. */
type Fault = {
  readonly errno: string;
  readonly hits: (operation: FileOperation) => boolean;
  from: number;
  met: boolean;
};

type Shared = {
  readonly place: string;
  readonly places: IPlaces;
  /** Set to let the folder fail. */
  readonly now: { fault: Fault | null };
};

const never = { connect: () => Promise.reject(new Error('no such place here')), isPlace: async () => false };
const content = (seed: number): string => Buffer.from(splitmix64(seed, 40_000)).toString('hex');

function shareFolder(): Shared {
  const place = join(temporaryDirectory(), 'team');
  mkdirSync(place);
  const now: Shared['now'] = { fault: null };
  const files = createFaultyFileSystem(disk, operation => {
    const { fault } = now;
    if (fault && [operation.path, operation.to ?? ''].some(path => path.startsWith(place)) && fault.hits(operation)) {
      fault.from -= 1;
      if (fault.from < 0) {
        fault.met = true;
        throw fileError(fault.errno, operation.path, operation.name);
      }
    }
  });
  const tools = { clock, random, processes: openProcesses, environment: process.env };
  const folder = documentConnector({ ...tools, files, caches: temporaryDirectory() });
  const places = new Places({
    ...{ ...tools, files: disk, configuration: temporaryDirectory() },
    connectors: { folder, bucket: never, hub: never }
  });
  onTestFinished(() => places.close());
  return { place, places, now };
}

async function publish({ place, places }: Shared): Promise<Verbal> {
  const { namespaces } = await places.connect(place);
  await namespaces.create({ name: 'ml', kind: 'team', title: 'ML', label: 'unclassified', git: null });
  const ada = await openVerbs(undefined, places);
  await ada.run('init', {});
  await ada.snapshot({ 'a.txt': 'one\n', 'data/a.bin': content(1) }, 'first');
  await ada.run('push', { to: `${place}/ml/iris` });
  return ada;
}

function refsAt({ place }: Shared): string {
  const [folder = ''] = readdirSync(join(place, 'ml/projects'));
  const repository = join(place, 'ml/projects', folder, 'history.git');
  return execFileSync('git', ['-c', 'safe.directory=*', '--git-dir', repository, 'for-each-ref'], { encoding: 'utf8' });
}

/**
 * Let `work` meet the fault at its first operation, then later and later, until it is done. Gives what it failed with. The
 * folder has some of what was brought from one time to the next.
 */
async function everywhere(
  { now }: Shared,
  fault: Pick<Fault, 'errno' | 'hits'>,
  work: () => Promise<unknown>,
  failed: () => void
): Promise<readonly BranchbookError[]> {
  const errors: BranchbookError[] = [];
  for (let from = 0; ; from = 2 * from + 2) {
    const armed = { ...fault, from, met: false };
    now.fault = armed;
    const error = await work().then(
      () => null,
      (cause: unknown) => cause as BranchbookError
    );
    now.fault = null;
    if (error) {
      errors.push(error);
      failed();
    } else {
      return errors;
    }
  }
}

const changes = ({ mutates }: FileOperation): boolean => mutates;
const grows = ({ name, mutates }: FileOperation): boolean =>
  ['write', 'mkdir', 'link', 'copyFile'].includes(name) || (name === 'open' && mutates);
const renames = ({ name }: FileOperation): boolean => name === 'rename' || name === 'link';
const looks = ({ name }: FileOperation): boolean => ['open', 'read', 'readFile', 'readdir', 'lstat'].includes(name);

const pushing = [
  ['is full', { errno: 'ENOSPC', hits: grows }, 'DISK_FULL'],
  ['may not be written any more', { errno: 'EACCES', hits: changes }, 'PERMISSION_DENIED'],
  ['lets nothing be renamed', { errno: 'EIO', hits: renames }, 'IO']
] as const;

describe('a push to a folder', () => {
  it.each(pushing)('that %s leaves everything as it was', async (_what, fault, code) => {
    const shared = shareFolder();
    const ada = await publish(shared);
    await ada.snapshot({ 'a.txt': 'two\n', 'data/a.bin': content(2) }, 'second');
    const [here, there] = [photograph(ada.root), refsAt(shared)];
    const errors = await everywhere(
      shared,
      fault,
      () => ada.run('push', {}),
      () => expect([photograph(ada.root), refsAt(shared)]).toEqual([here, there])
    );
    expect(errors.length).toBeGreaterThan(1);
    for (const error of errors) {
      // What was written, and perhaps not to the device, may be there or not.
      expect([code, 'OUTCOME_UNKNOWN'], error.message).toContain(error.code);
      expect(error.hint).not.toBe('');
    }
    const ben = await cloneVerbs(`${shared.place}/ml/iris`, {}, shared.places);
    expect(ben.read()).toEqual(ada.read());
  });
});

it('a push is done when its branch has moved, and tells that the log does not say so', async () => {
  const shared = shareFolder();
  const ada = await publish(shared);
  const tip = await ada.snapshot({ 'a.txt': 'two\n' }, 'second');
  const hits = (operation: FileOperation): boolean => changes(operation) && operation.path.includes('/audit/');
  shared.now.fault = { errno: 'ENOSPC', hits, from: 0, met: false };
  const { pushed, notices } = await ada.run('push', {});
  shared.now.fault = null;
  expect(pushed).toMatchObject([{ name: 'main', to: tip }]);
  expect(notices).toEqual([
    expect.stringMatching(/^It is there, but the log of .* does not say so: .*the disk is full/)
  ]);
  expect([refsAt(shared), ada.git('rev-parse', 'origin/main').trim()]).toEqual([expect.stringContaining(tip), tip]);
});

describe('a pull from a folder', () => {
  it('that may not be read any more leaves everything as it was', async () => {
    const shared = shareFolder();
    const ada = await publish(shared);
    const ben = await cloneVerbs(`${shared.place}/ml/iris`, {}, shared.places);
    await ada.snapshot({ 'a.txt': 'two\n', 'data/a.bin': content(2) }, 'second');
    await ada.run('push', {});
    const files = ben.read();
    const errors = await everywhere(
      shared,
      { errno: 'EACCES', hits: looks },
      () => ben.run('pull', {}),
      () => expect([ben.read(), ben.git('log', '-1', '--format=%s')]).toEqual([files, 'first\n'])
    );
    expect(errors.length).toBeGreaterThan(0);
    for (const error of errors) {
      expect(['PERMISSION_DENIED', 'PLACE_UNREACHABLE'], error.message).toContain(error.code);
      expect(error.hint).not.toBe('');
    }
  });

  it('brings the snapshots when what they name cannot be read, and tells how to get that', async () => {
    const shared = shareFolder();
    const ada = await publish(shared);
    const ben = await cloneVerbs(`${shared.place}/ml/iris`, {}, shared.places);
    await ada.snapshot({ 'data/a.bin': content(2) }, 'second');
    await ada.run('push', {});
    const hits = (operation: FileOperation): boolean => looks(operation) && operation.path.includes('/assets/');
    shared.now.fault = { errno: 'EIO', hits, from: 0, met: false };
    const { notices } = await ben.run('pull', {});
    shared.now.fault = null;
    expect(notices).toContainEqual(expect.stringContaining('`branchbook get data/a.bin`'));
    await ben.run('get', { address: 'data/a.bin' });
    expect(ben.read()).toEqual(ada.read());
  });
});

it('makes nothing new where a folder was, when what was mounted there is gone', async () => {
  const shared = shareFolder();
  const ada = await publish(shared);
  await ada.snapshot({ 'data/a.bin': content(2) }, 'second');
  const here = photograph(ada.root);
  // The mount point stays, empty; whoever was connected still is.
  renameSync(shared.place, `${shared.place}-away`);
  mkdirSync(shared.place);
  for (const verb of ['push', 'pull'] as const) {
    const error = await ada.fail(verb, {});
    expect(['NAMESPACE_UNKNOWN', 'PLACE_UNREACHABLE', 'PLACE_UNKNOWN']).toContain(error.code);
    expect(error.hint).not.toBe('');
  }
  expect(readdirSync(shared.place)).toEqual([]);
  expect(photograph(ada.root)).toEqual(here);
  renameSync(shared.place, `${shared.place}-empty`);
  renameSync(`${shared.place}-away`, shared.place);
  expect(await ada.run('push', {})).toMatchObject({ pushed: [{ name: 'main', snapshots: 1 }] });
});
