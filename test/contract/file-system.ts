import { describe, expect, it } from 'vitest';
import { ensureDirectory, listNames, readJson, removeTree, writeDurable } from '../../src/core/durable';
import type { IFileSystem } from '../../src/core/port';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array | null): string | null => (content ? new TextDecoder().decode(content) : null);

async function write(files: IFileSystem, path: string, content: string): Promise<void> {
  const handle = await files.open(path, 'create');
  await handle.write(bytes(content), 0);
  await handle.close();
}

/** What every file system does. `open` gives one with an empty, existing directory. */
export function fileSystemContract(name: string, open: () => Promise<{ files: IFileSystem; root: string }>): void {
  describe(`${name}: file system`, () => {
    it('reads what was written, at any position', async () => {
      const { files, root } = await open();
      const handle = await files.open(`${root}/a`, 'create', 0o600);
      await handle.write(bytes('world'), 6);
      await handle.write(bytes('hello '), 0);
      await handle.sync();
      const buffer = new Uint8Array(20);
      expect(await handle.read(buffer, 3)).toBe(8);
      expect(text(buffer.subarray(0, 8))).toBe('lo world');
      expect(await handle.read(buffer, 11)).toBe(0);
      expect((await handle.stat()).size).toBe(11);
      await handle.close();
      expect(text(await files.readFile(`${root}/a`))).toBe('hello world');
      expect((await files.lstat(`${root}/a`))!.mode & 0o777).toBe(0o600);
    });

    it('moves large blocks', async () => {
      const { files, root } = await open();
      const block = new Uint8Array(700_000).map((_, i) => i * 7);
      const handle = await files.open(`${root}/a`, 'create');
      await handle.write(block, 0);
      const back = new Uint8Array(block.length);
      expect(await handle.read(back, 0)).toBe(block.length);
      await handle.close();
      expect(Buffer.from(back).equals(block)).toBe(true);
    });

    it('answers null for what does not exist, and PATH_UNKNOWN elsewhere', async () => {
      const { files, root } = await open();
      await write(files, `${root}/file`, '');
      for (const path of [`${root}/none`, `${root}/none/below`, `${root}/file/below`]) {
        expect(await files.lstat(path)).toBeNull();
        expect(await files.readFile(path)).toBeNull();
        await expect(files.open(path, 'read')).rejects.toMatchObject({ code: 'PATH_UNKNOWN', data: { path } });
        await expect(files.readdir(path)).rejects.toMatchObject({ code: 'PATH_UNKNOWN' });
        await expect(files.unlink(path)).rejects.toMatchObject({ code: 'PATH_UNKNOWN' });
        await expect(files.rename(path, `${root}/x`)).rejects.toMatchObject({ code: 'PATH_UNKNOWN' });
      }
    });

    it('looks at many files at once as at each', async () => {
      const { files, root } = await open();
      await write(files, `${root}/a`, 'content');
      await files.symlink('a', `${root}/link`);
      const paths = [`${root}/link`, `${root}/none`, root, `${root}/a`, `${root}/a/below`];
      const seen: unknown[] = [];
      await files.glanceAll(paths, (position, glance) => {
        seen[position] = glance && [glance.mode, glance.size, BigInt(glance.ino), Math.trunc(glance.mtimeMs)];
      });
      const stats = await Promise.all(paths.map(path => files.lstat(path)));
      const expected = stats.map(stat => stat && [stat.mode, stat.size, stat.ino, Number(stat.mtimeNs / 1_000_000n)]);
      expect(seen).toEqual(expected);
    });

    it('reads small files together, as they were looked at', async () => {
      const { files, root } = await open();
      const seen = await Promise.all(
        ['first', '', 'changed', 'gone', 'last'].map(async text => {
          const path = `${root}/file-${text}`;
          await write(files, path, text);
          return { path, stat: (await files.lstat(path))! };
        })
      );
      await files.touch(`${root}/file-changed`, 1_000_000_000_000);
      await files.unlink(`${root}/file-gone`);
      const into = new Uint8Array(100);
      expect(await files.readUnchanged(seen, into)).toEqual([true, true, false, false, true]);
      const text = new TextDecoder().decode(into);
      expect([text.slice(0, 5), text.slice(16, 20)]).toEqual(['first', 'last']);
    });

    it('creates only what does not exist', async () => {
      const { files, root } = await open();
      await write(files, `${root}/a`, 'first');
      const exists = { code: 'IO', data: { errno: 'EEXIST' } };
      await expect(files.open(`${root}/a`, 'create')).rejects.toMatchObject(exists);
      await expect(files.mkdir(`${root}/a`)).rejects.toMatchObject(exists);
      await expect(files.link(`${root}/a`, `${root}/a`)).rejects.toMatchObject(exists);
      await expect(files.symlink('x', `${root}/a`)).rejects.toMatchObject(exists);
      expect(text(await files.readFile(`${root}/a`))).toBe('first');
    });

    it('renames over a file, and keeps its identity', async () => {
      const { files, root } = await open();
      await write(files, `${root}/a`, 'new');
      await write(files, `${root}/b`, 'old');
      const { ino } = (await files.lstat(`${root}/a`))!;
      await files.rename(`${root}/a`, `${root}/b`);
      expect(await files.lstat(`${root}/a`)).toBeNull();
      expect((await files.lstat(`${root}/b`))!.ino).toBe(ino);
      expect(text(await files.readFile(`${root}/b`))).toBe('new');
    });

    it('keeps a linked file until its last name is gone', async () => {
      const { files, root } = await open();
      await write(files, `${root}/a`, 'shared');
      await files.link(`${root}/a`, `${root}/b`);
      await files.unlink(`${root}/a`);
      expect(text(await files.readFile(`${root}/b`))).toBe('shared');
    });

    it('shows symbolic links as such, and reads through them', async () => {
      const { files, root } = await open();
      await files.mkdir(`${root}/real`);
      await write(files, `${root}/real/file`, 'content');
      await files.symlink('real', `${root}/link`);
      expect((await files.lstat(`${root}/link`))!.kind).toBe('symlink');
      expect(await files.readlink(`${root}/link`)).toBe('real');
      expect(text(await files.readFile(`${root}/link/file`))).toBe('content');
      await files.unlink(`${root}/link`);
      expect(text(await files.readFile(`${root}/real/file`))).toBe('content');
    });

    it('lists a directory sorted, hostile names included', async () => {
      const { files, root } = await open();
      const names = ['-rf', 'a b', 'B', 'ä', '$(x)', 'line\nbreak', '..c'];
      for (const entry of names) {
        await write(files, `${root}/${entry}`, entry);
      }
      await files.mkdir(`${root}/dir`);
      const listed = await files.readdir(root);
      expect(listed.map(entry => entry.name)).toEqual([...names, 'dir'].sort());
      expect(listed.find(entry => entry.name === 'dir')!.kind).toBe('directory');
      expect(text(await files.readFile(`${root}/line\nbreak`))).toBe('line\nbreak');
    });

    it('deletes directories only when empty', async () => {
      const { files, root } = await open();
      await files.mkdir(`${root}/dir`);
      await write(files, `${root}/dir/file`, '');
      await expect(files.rmdir(`${root}/dir`)).rejects.toMatchObject({ code: 'IO' });
      await files.unlink(`${root}/dir/file`);
      await files.rmdir(`${root}/dir`);
      expect(await files.lstat(`${root}/dir`)).toBeNull();
    });

    it('changes times with every change', async () => {
      const { files, root } = await open();
      await write(files, `${root}/a`, 'x');
      const before = (await files.lstat(`${root}/a`))!;
      await new Promise(resolve => setTimeout(resolve, 20));
      const handle = await files.open(`${root}/a`, 'write');
      await handle.write(bytes('y'), 0);
      await handle.close();
      const after = (await files.lstat(`${root}/a`))!;
      expect(after.mtimeNs).toBeGreaterThan(before.mtimeNs);
      expect(after.ino).toBe(before.ino);
      await new Promise(resolve => setTimeout(resolve, 20));
      await files.chmod(`${root}/a`, 0o755);
      const changed = (await files.lstat(`${root}/a`))!;
      expect(changed.mode & 0o777).toBe(0o755);
      expect(changed.ctimeNs).toBeGreaterThan(after.ctimeNs);
    });

    it('sets the time of a file', async () => {
      const { files, root } = await open();
      await write(files, `${root}/a`, 'content');
      await files.touch(`${root}/a`, 1_234_567_890_123);
      const { mtimeNs } = (await files.lstat(`${root}/a`))!;
      expect(Math.abs(Number(mtimeNs) / 1_000_000 - 1_234_567_890_123)).toBeLessThanOrEqual(1);
      await expect(files.touch(`${root}/none`, 0)).rejects.toMatchObject({ code: 'PATH_UNKNOWN' });
    });

    it('copies, replacing what was there', async () => {
      const { files, root } = await open();
      await write(files, `${root}/a`, 'new');
      await write(files, `${root}/b`, 'longer old');
      await files.copyFile(`${root}/a`, `${root}/b`);
      await files.copyFile(`${root}/a`, `${root}/c`);
      expect(text(await files.readFile(`${root}/b`))).toBe('new');
      expect(text(await files.readFile(`${root}/c`))).toBe('new');
    });

    it('tells watchers, once for many changes, until disposed', async () => {
      const { files, root } = await open();
      await files.mkdir(`${root}/dir`);
      let calls = 0;
      let notify = (): void => undefined;
      const called = new Promise<void>(resolve => (notify = resolve));
      const watcher = files.watch([`${root}/dir`], () => ((calls += 1), notify()));
      await Promise.all([1, 2, 3, 4].map(i => write(files, `${root}/dir/${i}`, 'x')));
      await called;
      const seen = calls;
      expect(seen).toBeLessThan(4);
      watcher.dispose();
      await write(files, `${root}/dir/late`, 'x');
      await new Promise(resolve => setTimeout(resolve, 120));
      expect(calls).toBe(seen);
    });

    it('says how much is free', async () => {
      const { files, root } = await open();
      expect(await files.freeBytes(root)).toBeGreaterThan(0);
      await files.syncDirectory(root);
    });

    it('carries the durable writes of core', async () => {
      const { files, root } = await open();
      await ensureDirectory(files, `${root}/x/y/z`);
      await ensureDirectory(files, `${root}/x/y/z`);
      await writeDurable(files, `${root}/x/y/z/file.json`, bytes('{"a":1}'), 0o600);
      await writeDurable(files, `${root}/x/y/z/file.json`, bytes('{"a":2}'));
      expect(await readJson(files, `${root}/x/y/z/file.json`)).toEqual({ a: 2 });
      expect(await listNames(files, `${root}/x/y/z`)).toEqual(['file.json']);
      expect(await readJson(files, `${root}/none`)).toBeNull();
      await files.symlink(`${root}/x/y`, `${root}/x/link`);
      await writeDurable(files, `${root}/x/bad.json`, bytes('{'));
      await expect(readJson(files, `${root}/x/bad.json`)).rejects.toMatchObject({ code: 'FORMAT_INVALID' });
      await removeTree(files, `${root}/x/link`);
      expect(await listNames(files, `${root}/x/y`)).toEqual(['z']);
      await removeTree(files, `${root}/x`);
      await removeTree(files, `${root}/x`);
      expect(await listNames(files, root)).toEqual([]);
      expect(await listNames(files, `${root}/x`)).toEqual([]);
    });
  });
}
