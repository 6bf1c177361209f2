import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileError } from '../../../src/node/fs/file-error';
import { FolderBucket } from '../../../src/node/bucket/folder-bucket';
import { openBucket } from '../../../src/node/bucket/open-bucket';
import { createFaultyFileSystem, dieAt, failAt } from '../../../src/node/fault/faulty-file-system';
import { disk } from '../../../src/node/fs/disk';
import { MemoryFileSystem } from '../../../src/node/memory/memory-file-system';
import type { IBucket, IFileSystem } from '../../../src/core/port';
import { bucketContract } from '../../contract/bucket';
import { bucketTools } from '../../support/bucket-tools';
import { temporaryDirectory } from '../../support/temporary-directory';

const over = async (files: IFileSystem, root: string): Promise<IBucket> =>
  FolderBucket.open({ ...(await bucketTools()), files }, root);

bucketContract('folder', async () => over(disk, temporaryDirectory()), 3_000_000);

/** Network volumes have no hard links, and no modes. */
const withoutLinks = createFaultyFileSystem(disk, ({ name, path }) => {
  if (name === 'link' || name === 'chmod') {
    throw fileError('EPERM', path, name);
  }
});

bucketContract('folder without hard links and modes', async () => over(withoutLinks, temporaryDirectory()), 300_000);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const textOf = async (bucket: IBucket, key: string): Promise<string | null> => {
  const found = await bucket.get(key);
  return found && Buffer.from(found.bytes).toString();
};

const full = fileError('ENOSPC', '/place', 'write');

/** Create one object, replace another and delete a third; gives what was acknowledged. */
async function work(bucket: IBucket): Promise<readonly string[]> {
  const done: string[] = [];
  await bucket.put('new/deep/object', bytes('created'), 'absent');
  done.push('created');
  const { object } = (await bucket.get('old/replaced'))!;
  await bucket.put('old/replaced', bytes('second'), { etag: object.etag });
  done.push('replaced');
  await bucket.delete('old/deleted');
  done.push('deleted');
  return done;
}

/** What a healthy process sees: each object as it was or as it should be, never something else. */
async function look(bucket: IBucket): Promise<{ readonly [step: string]: boolean }> {
  const created = await textOf(bucket, 'new/deep/object');
  const replaced = await textOf(bucket, 'old/replaced');
  const deleted = await textOf(bucket, 'old/deleted');
  expect([null, 'created']).toContain(created);
  expect(['first', 'second']).toContain(replaced);
  expect([null, 'there']).toContain(deleted);
  return { created: created !== null, replaced: replaced === 'second', deleted: deleted === null };
}

async function prepared(): Promise<MemoryFileSystem> {
  const files = new MemoryFileSystem();
  await files.mkdir('/place');
  const bucket = await over(files, '/place');
  await bucket.put('old/replaced', bytes('first'));
  await bucket.put('old/deleted', bytes('there'));
  files.settle();
  return files;
}

/** Operations that `work` makes. */
async function countOperations(): Promise<number> {
  let count = 0;
  const files = createFaultyFileSystem(await prepared(), ({ mutates }) => void (count += mutates ? 1 : 0));
  await work(await over(files, '/place'));
  return count;
}

describe('a folder whose disk fails', () => {
  it('leaves each object whole, whichever step fails, and works again', async () => {
    const count = await countOperations();
    expect(count).toBeGreaterThan(20);
    for (let step = 0; step < count; step += 1) {
      const files = await prepared();
      const failing = await over(createFaultyFileSystem(files, failAt(step, full)), '/place');
      const failed = await work(failing).then(
        () => false,
        () => true
      );
      const healthy = await over(files, '/place');
      const seen = await look(healthy);
      expect(failed || Object.values(seen).every(Boolean), `step ${step}`).toBe(true);
      await healthy.put('old/replaced', bytes('third'));
      expect(await textOf(healthy, 'old/replaced'), `step ${step}`).toBe('third');
    }
  });

  it('keeps what was acknowledged when the power goes', async () => {
    const count = await countOperations();
    for (let step = 0; step <= count; step += 1) {
      const files = await prepared();
      const dying = await over(createFaultyFileSystem(files, dieAt(step, full)), '/place');
      const acknowledged: string[] = [];
      await dying
        .put('new/deep/object', bytes('created'), 'absent')
        .then(() => acknowledged.push('created'))
        .catch(() => undefined);
      await dying
        .put('old/replaced', bytes('second'))
        .then(() => acknowledged.push('replaced'))
        .catch(() => undefined);
      await dying
        .delete('old/deleted')
        .then(() => acknowledged.push('deleted'))
        .catch(() => undefined);
      files.losePower();
      const seen = await look(await over(files, '/place'));
      expect(
        acknowledged.filter(one => !seen[one]),
        `step ${step}`
      ).toEqual([]);
    }
  });
});

describe('a folder that others can write to', () => {
  it('makes everything for the group, whatever the umask', async () => {
    const root = temporaryDirectory();
    const before = process.umask(0o077);
    try {
      await (await over(disk, root)).put('team/a/object', bytes('x'), 'absent');
    } finally {
      process.umask(before);
    }
    const mode = (path: string): number => statSync(join(root, path)).mode & 0o7777;
    expect([mode('team'), mode('team/a'), mode('team/a/object')]).toEqual([0o2770, 0o2770, 0o660]);
    expect(readdirSync(join(root, 'team/a'))).toEqual(['object']);
  });

  it('follows no symbolic link that somebody put there', async () => {
    const root = temporaryDirectory();
    const elsewhere = temporaryDirectory();
    writeFileSync(join(elsewhere, 'secret'), 'mine');
    mkdirSync(join(root, 'team'));
    symlinkSync(elsewhere, join(root, 'team/audit'));
    symlinkSync(join(elsewhere, 'secret'), join(root, 'team/object'));
    const bucket = await over(disk, root);
    const unsafe = { code: 'PATH_UNSAFE' };
    for (const key of ['team/audit/secret', 'team/object']) {
      await expect(bucket.get(key)).rejects.toMatchObject(unsafe);
      await expect(bucket.read(key)).rejects.toMatchObject(unsafe);
      await expect(bucket.put(key, bytes('x'))).rejects.toMatchObject(unsafe);
      await expect(bucket.delete(key)).rejects.toMatchObject(unsafe);
    }
    await expect(bucket.put('team/audit/new', bytes('x'), 'absent')).rejects.toMatchObject(unsafe);
    expect((await bucket.list('').next()).done).toBe(true);
    expect(readdirSync(elsewhere)).toEqual(['secret']);
  });

  it('is opened by its address, and made only when asked for', async () => {
    const root = temporaryDirectory();
    const tools = await bucketTools();
    await expect(openBucket(`${root}/none`, tools)).rejects.toMatchObject({ code: 'PLACE_UNKNOWN' });
    expect(existsSync(`${root}/none`)).toBe(false);
    await (await openBucket(`file://${root}/made/deep`, tools, { create: true })).put('a', bytes('x'));
    expect(await textOf(await openBucket(`${root}/made/deep/`, tools), 'a')).toBe('x');
    for (const bad of ['relative/path', 's3://', 's3://-x', 'az://account', 'ftp://host/x', 'file://host/x']) {
      await expect(openBucket(bad, tools), bad).rejects.toMatchObject({ code: 'ADDRESS_INVALID' });
    }
  });
});
