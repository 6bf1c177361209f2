import { describe, expect, it } from 'vitest';
import { writeDurable } from '../../../src/core/durable';
import { BranchbookError } from '../../../src/core/error';
import { createFaultyFileSystem, dieAt, failAt } from '../../../src/node/fault/faulty-file-system';
import { disk } from '../../../src/node/fs/disk';
import { fileError, toFileError } from '../../../src/node/fs/file-error';
import { MemoryFileSystem } from '../../../src/node/memory/memory-file-system';
import { fileSystemContract } from '../../contract/file-system';
import { temporaryDirectory } from '../../support/temporary-directory';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const inMemory = async (): Promise<MemoryFileSystem> => {
  const files = new MemoryFileSystem();
  await files.mkdir('/d');
  await files.syncDirectory('/');
  return files;
};

fileSystemContract('disk', async () => ({ files: disk, root: temporaryDirectory() }));
fileSystemContract('memory', async () => ({ files: await inMemory(), root: '/d' }));
fileSystemContract('faulty without faults', async () => ({
  files: createFaultyFileSystem(await inMemory(), () => undefined),
  root: '/d'
}));

describe('file errors', () => {
  it.each([
    ['ENOSPC', 'DISK_FULL'],
    ['EDQUOT', 'DISK_FULL'],
    ['EACCES', 'PERMISSION_DENIED'],
    ['EPERM', 'PERMISSION_DENIED'],
    ['EROFS', 'PERMISSION_DENIED'],
    ['ENOENT', 'PATH_UNKNOWN'],
    ['EEXIST', 'IO'],
    ['EIO', 'IO']
  ])('%s is %s', (errno, code) => {
    const error = toFileError(Object.assign(new Error('x'), { code: errno }), '/p', 'write');
    expect(error).toMatchObject({ code, data: { errno, path: '/p', call: 'write' } });
  });

  it('come from the real disk', async () => {
    const root = temporaryDirectory();
    await expect(disk.link(root, `${root}/x`)).rejects.toMatchObject({ code: 'PERMISSION_DENIED' });
  });
});

describe('memory file system', () => {
  it('loses what was not flushed', async () => {
    const files = await inMemory();
    const handle = await files.open('/d/a', 'create');
    await handle.write(bytes('kept'), 0);
    await handle.sync();
    await files.syncDirectory('/d');
    await handle.write(bytes('LOST'), 0);
    await files.rename('/d/a', '/d/b');
    files.losePower();
    expect(new TextDecoder().decode((await files.readFile('/d/a'))!)).toBe('kept');
    expect(await files.lstat('/d/b')).toBeNull();
  });

  it('keeps an entry whose bytes were never flushed, but empty', async () => {
    const files = await inMemory();
    const handle = await files.open('/d/a', 'create');
    await handle.write(bytes('LOST'), 0);
    await files.syncDirectory('/d');
    files.losePower();
    expect(await files.readFile('/d/a')).toHaveLength(0);
  });

  it('keeps what writeDurable acknowledged', async () => {
    const files = await inMemory();
    await writeDurable(files, '/d/a', bytes('one'));
    files.losePower();
    await writeDurable(files, '/d/a', bytes('two'));
    files.losePower();
    expect(new TextDecoder().decode((await files.readFile('/d/a'))!)).toBe('two');
  });

  it('is full at its capacity', async () => {
    const files = new MemoryFileSystem({ capacity: 10 });
    const handle = await files.open('/a', 'create');
    await handle.write(bytes('12345'), 0);
    await expect(handle.write(bytes('123456'), 5)).rejects.toMatchObject({ code: 'DISK_FULL' });
    expect(await files.freeBytes()).toBe(5);
  });
});

describe('durable writes under faults', () => {
  const full = fileError('ENOSPC', '/d/a', 'write');

  it('leave the old content and no temporary file, wherever they fail before publication', async () => {
    const names: string[] = [];
    await writeDurable(
      createFaultyFileSystem(await inMemory(), step => void names.push(step.name)),
      '/d/a',
      bytes('x')
    );
    const publication = names.indexOf('rename');
    expect(publication).toBeGreaterThan(2);
    for (let nth = 0; nth <= publication; nth++) {
      const files = await inMemory();
      await writeDurable(files, '/d/a', bytes('old'));
      const faulty = createFaultyFileSystem(
        files,
        failAt(nth, full, () => true)
      );
      await expect(writeDurable(faulty, '/d/a', bytes('new'))).rejects.toBe(full);
      expect((await files.readdir('/d')).map(entry => entry.name)).toEqual(['a']);
      expect(new TextDecoder().decode((await files.readFile('/d/a'))!)).toBe('old');
    }
  });

  it('leave old or new content when the power fails at any step', async () => {
    const killed = new BranchbookError('IO', 'killed');
    for (let nth = 0; nth < 8; nth++) {
      const files = await inMemory();
      await writeDurable(files, '/d/a', bytes('old'));
      await writeDurable(createFaultyFileSystem(files, dieAt(nth, killed)), '/d/a', bytes('new')).catch(
        () => undefined
      );
      files.losePower();
      expect(['old', 'new']).toContain(new TextDecoder().decode((await files.readFile('/d/a'))!));
    }
  });
});
