/** Good copies at remotes, for `check --repair`. Nobody is asked before bytes are wanted that this machine does not have. */
import { ensureDirectory, removeTree } from '../durable';
import { BranchbookError, hasCode } from '../error';
import type { Pointer } from '../model/asset';
import type { Activity, ContentCopy, IProject } from '../port';
import { configuredRemotes } from '../remote/configured';
import type { Remote } from '../remote/configured';
import { lfsFile } from '../remote/lfs-contents';
import { openRemote } from '../remote/open-remote';
import type { OpenedRemote } from '../remote/open-remote';
import { readFile } from './find-copies';

/** Damaged chunks lie side by side: so many bytes are brought at once. */
const WINDOW_BYTES = 4 * 1024 * 1024;

type Read = ContentCopy['read'];

export class RemoteCopies {
  /** Remotes that could not be asked, and why: they are not asked again. */
  readonly problems = new Map<string, BranchbookError>();
  private readonly _opened = new Map<string, Promise<OpenedRemote>>();
  /** What a remote does not have: `<name> <sha256>`. */
  private readonly _absent = new Set<string>();
  private readonly _folder: string;

  constructor(
    private readonly _project: IProject,
    private readonly _activity: Activity
  ) {
    this._folder = `${_project.home}/transport/repair-${_project.random.hex(8)}`;
  }

  async *of(content: Pointer): AsyncGenerator<ContentCopy> {
    for (const remote of await configuredRemotes(this._project.git)) {
      const read = inWindows(content.size, (start, end) => this._read(remote, content, start, end));
      yield { from: `the remote ${remote.name}`, path: null, read };
    }
  }

  /** Delete what came as whole files. */
  async close(): Promise<void> {
    await removeTree(this._project.files, this._folder).catch(() => undefined);
  }

  /** Nothing where the remote does not have it, or cannot be asked. */
  private async *_read(remote: Remote, content: Pointer, start: number, end: number): AsyncGenerator<Uint8Array> {
    const absent = `${remote.name} ${content.sha256}`;
    if (this.problems.has(remote.name) || this._absent.has(absent)) {
      return;
    }
    try {
      const opened = await this._open(remote);
      yield* opened.assets
        ? opened.assets.read(content.sha256, start, end, { signal: this._activity.signal })
        : this._readLfs(opened, content, start, end);
    } catch (error) {
      const failure = BranchbookError.from(error);
      if (hasCode(failure, 'CANCELLED', 'DISK_FULL')) {
        throw failure;
      }
      if (hasCode(failure, 'ASSET_MISSING', 'OBJECT_CORRUPT')) {
        this._absent.add(absent);
      } else {
        this.problems.set(remote.name, failure);
      }
    }
  }

  private _open(remote: Remote): Promise<OpenedRemote> {
    const opening = this._opened.get(remote.name) ?? openRemote(this._project.places, remote);
    this._opened.set(remote.name, opening);
    return opening;
  }

  /** git-lfs carries whole files only. */
  private async *_readLfs(
    { remote, history }: OpenedRemote,
    content: Pointer,
    start: number,
    end: number
  ): AsyncGenerator<Uint8Array> {
    const { files, git } = this._project;
    const folder = `${this._folder}/${remote.name}`;
    const file = lfsFile(folder, content.sha256);
    if (!(await files.lstat(file))) {
      await ensureDirectory(files, folder);
      await git.transport.fetchLfs(history, [content], folder, this._activity);
    }
    if (await files.lstat(file)) {
      yield* readFile(files, file, start, end);
    } else {
      this._absent.add(`${remote.name} ${content.sha256}`);
    }
  }
}

/** Small ranges near each other out of one larger one; what was asked for last is kept. */
function inWindows(size: number, read: Read): Read {
  let from = 0;
  let window = new Uint8Array();
  return async function* (start, end) {
    const to = Math.min(end, size);
    if (to - start > WINDOW_BYTES) {
      yield* read(start, to);
      return;
    }
    if (start < from || to > from + window.length) {
      from = start;
      window = await collect(read(start, Math.min(start + WINDOW_BYTES, size)));
    }
    yield window.subarray(start - from, to - from);
  };
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array<ArrayBuffer>> {
  const all: Uint8Array[] = [];
  let size = 0;
  for await (const piece of pieces) {
    // The next piece may be in the same memory.
    all.push(piece.slice());
    size += piece.length;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of all) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
