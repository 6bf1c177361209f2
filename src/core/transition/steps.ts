/**
 * The steps of a change to the work tree. A change of a hundred thousand files is more than memory should hold: its steps
 * are made ready, and taken, some thousands at a time. All but the last portion stand in `staging/<id>/portions`, a line
 * of JSON each; the journal tells them by length and digest, so that none of them counts before the journal is there.
 */
import { parentOf } from '../durable';
import { BranchbookError, hasCode } from '../error';
import type { TreeEntry } from '../model/git';
import type { IFileHandle, IProject } from '../port';
import type { FileIdentity, Target } from './content';

/** A file that leaves or comes: what it is, and where it is while it is not in the work tree (absolute path). */
export type ParkedFile = {
  readonly identity: FileIdentity;
  readonly place: string;
  /** What it holds, to build it again should it be lost. */
  readonly target: Target;
};

/**
 * One path: the file that leaves it and the file that comes to it. Both ends look the same, so that a step is taken
 * back by exchanging them.
 */
export type Step = {
  /** Project path. */
  readonly path: string;
  readonly leaves: ParkedFile | null;
  readonly comes: ParkedFile | null;
};

/** What the index says of a path afterwards. */
export type IndexChange = {
  readonly path: string;
  readonly entry: TreeEntry | null;
  /** The work-tree file known to hold exactly `entry`; null when that is not known. */
  readonly identity: FileIdentity | null;
};

export type Portion = { readonly steps: readonly Step[]; readonly index: readonly IndexChange[] };

/** A portion that stands in a file: the length of its line, and the line's digest. */
export type SetAside = { readonly bytes: number; readonly digest: string };

/** Where the files of a change are made ready, and where leaving files wait until it is complete. */
export function stagingOf(project: IProject, id: string): string {
  return `${project.home}/staging/${id}`;
}

const placeOf = (project: IProject, id: string): string => `${stagingOf(project, id)}/portions`;

/** Sets portions aside. `close` in the end, whatever happens. */
export class PortionWriter {
  private readonly _written: SetAside[] = [];
  private readonly _path: string;
  private _handle: IFileHandle | null = null;
  private _length = 0;

  /** @param id of the change; its staging exists before the first `add` */
  constructor(
    private readonly _project: IProject,
    id: string
  ) {
    this._path = placeOf(_project, id);
  }

  async add(portion: Portion): Promise<void> {
    const { files, git } = this._project;
    const line = new TextEncoder().encode(`${JSON.stringify(portion)}\n`);
    this._handle ??= await files.open(this._path, 'create');
    await this._handle.write(line, this._length);
    this._length += line.length;
    this._written.push({ bytes: line.length, digest: await git.hashBlob(line) });
  }

  /** Durable on return. */
  async finish(): Promise<readonly SetAside[]> {
    if (this._handle) {
      await this._handle.sync();
      await this._project.files.syncDirectory(parentOf(this._path));
    }
    return this._written;
  }

  async close(): Promise<void> {
    await this._handle?.close();
  }
}

/** FORMAT_INVALID when one of them is not what was set aside. */
export async function* readPortions(
  project: IProject,
  id: string,
  aside: readonly SetAside[]
): AsyncGenerator<Portion> {
  if (aside.length === 0) {
    return;
  }
  const path = placeOf(project, id);
  const handle = await openPortions(project, path);
  try {
    let start = 0;
    for (const { bytes, digest } of aside) {
      const line = await readLine(handle, start, bytes);
      if (!line || (await project.git.hashBlob(line)) !== digest) {
        throw damaged(path);
      }
      yield JSON.parse(new TextDecoder().decode(line)) as Portion;
      start += bytes;
    }
  } finally {
    await handle.close();
  }
}

async function openPortions(project: IProject, path: string): Promise<IFileHandle> {
  try {
    return await project.files.open(path, 'read');
  } catch (error) {
    throw hasCode(error, 'PATH_UNKNOWN') ? damaged(path) : error;
  }
}

/** null where the file ends too early. */
async function readLine(handle: IFileHandle, start: number, length: number): Promise<Uint8Array | null> {
  if ((await handle.stat()).size < start + length) {
    return null;
  }
  const line = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const count = await handle.read(line.subarray(done), start + done);
    if (count === 0) {
      return null;
    }
    done += count;
  }
  return line;
}

function damaged(path: string): BranchbookError {
  const reason = 'its digest does not match';
  return new BranchbookError('FORMAT_INVALID', `${path} is damaged: ${reason}.`, { format: 'json', path, reason });
}
