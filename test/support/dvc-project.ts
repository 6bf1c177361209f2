/**
 * Projects as DVC makes them, written from its documentation: `.dvc` files, `dvc.lock`, `.gitignore` lines and the cache,
 * of version 3 (`files/md5/ab/cdef…`) or before (`ab/cdef…`, hashes of texts without carriage returns).
 */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { git } from './program';
import { temporaryDirectory } from './temporary-directory';

export type DvcVersion = 2 | 3;

const md5 = (bytes: Buffer | string): string => createHash('md5').update(bytes).digest('hex');

export class DvcProject {
  readonly root = temporaryDirectory();

  constructor(private readonly _version: DvcVersion = 3) {
    git('/', 'init', '-q', '-b', 'main', this.root);
    git(this.root, 'config', 'user.name', 'Grace');
    git(this.root, 'config', 'user.email', 'grace@example.org');
    this.write('.dvc/config', '');
    this.write('.dvc/.gitignore', '/config.local\n/tmp\n/cache\n');
    this.write('.dvcignore', '# Add patterns of files dvc should ignore\n');
    this.commit('dvc init');
  }

  write(path: string, content: string | Buffer): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), content);
  }

  commit(message: string): string {
    git(this.root, 'add', '-A');
    git(this.root, 'commit', '-q', '-m', message);
    return git(this.root, 'rev-parse', 'HEAD').trim();
  }

  /** `dvc add PATH` of a file. */
  add(path: string, content: Buffer, cached = true): void {
    const hash = this._hash(content);
    this._cache(hash, content, cached);
    this.write(path, content);
    this._ignore(path);
    const name = path.slice(path.lastIndexOf('/') + 1);
    this.write(`${path}.dvc`, `outs:\n- md5: ${hash}\n  size: ${content.length}\n${this._kind()}  path: ${name}\n`);
  }

  /** `dvc add FOLDER`. */
  addFolder(path: string, files: { readonly [name: string]: Buffer }): void {
    const list = Object.entries(files).map(([relpath, bytes]) => ({ md5: this._hash(bytes), relpath }));
    const directory = JSON.stringify(list.sort((a, b) => (a.relpath < b.relpath ? -1 : 1)));
    this._cache(`${md5(directory)}.dir`, Buffer.from(directory), true);
    for (const [name, bytes] of Object.entries(files)) {
      this._cache(this._hash(bytes), bytes, true);
      this.write(`${path}/${name}`, bytes);
    }
    this._ignore(path);
    const size = Object.values(files).reduce((sum, bytes) => sum + bytes.length, 0);
    const facts = `  size: ${size}\n  nfiles: ${list.length}\n`;
    const name = path.slice(path.lastIndexOf('/') + 1);
    this.write(`${path}.dvc`, `outs:\n- md5: ${md5(directory)}.dir\n${facts}${this._kind()}  path: ${name}\n`);
  }

  /** A pipeline's output, as `dvc repro` records it. */
  reproduce(path: string, content: Buffer): void {
    this._cache(this._hash(content), content, true);
    this.write(path, content);
    this._ignore(path);
    this.write('dvc.yaml', `stages:\n  train:\n    cmd: python train.py\n    outs:\n    - ${path}\n`);
    // A metric that git keeps itself: `cache: false`.
    this.write('metrics.json', '{"accuracy": 0.8}\n');
    const kind = this._version === 3 ? '      hash: md5\n' : '';
    const out = (name: string, hash: string): string => `    - path: ${name}\n${kind}      md5: ${hash}\n`;
    const outs = `${out('metrics.json', md5('not in the cache'))}${out(path, this._hash(content))}`;
    this.write('dvc.lock', `schema: '2.0'\nstages:\n  train:\n    cmd: python train.py\n    outs:\n${outs}`);
  }

  cacheFile(name: string): string {
    const folder = this._version === 3 ? '.dvc/cache/files/md5' : '.dvc/cache';
    return join(this.root, folder, name.slice(0, 2), name.slice(2));
  }

  cacheFileOf(content: Buffer): string {
    return this.cacheFile(this._hash(content));
  }

  private _kind(): string {
    return this._version === 3 ? '  hash: md5\n' : '';
  }

  private _hash(content: Buffer): string {
    const isText = this._version === 2 && !content.includes(0);
    return md5(isText ? content.toString('latin1').replaceAll('\r\n', '\n') : content);
  }

  private _cache(name: string, content: Buffer, cached: boolean): void {
    const file = this.cacheFile(name);
    mkdirSync(dirname(file), { recursive: true });
    if (cached) {
      writeFileSync(file, content);
    } else {
      rmSync(file, { force: true });
    }
  }

  private _ignore(path: string): void {
    const cut = path.lastIndexOf('/') + 1;
    const ignore = join(this.root, `${path.slice(0, cut)}.gitignore`);
    const line = `/${path.slice(cut)}\n`;
    if (!existsSync(ignore) || !readFileSync(ignore, 'utf8').includes(line)) {
      appendFileSync(ignore, line);
    }
  }
}
