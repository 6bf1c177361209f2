/** Taking contents of another system into the store: any number of files, kept in part when the work is interrupted. */
import { throwIfCancelled } from '../cancel';
import { ensureDirectory, unlinkQuietly, writeSynced } from '../durable';
import type { PutResult } from '../model/asset';
import type { Activity, IProject, IStoreSession } from '../port';

/** Bytes after which what was taken over is made durable, so that an interrupted migration need not repeat it. */
const COMMIT_BYTES = 2 * 1024 * 1024 * 1024;

export class ContentImport {
  /** Bytes that the store did not have. */
  newBytes = 0;
  private _session: IStoreSession | null = null;
  private _uncommitted = 0;
  private _done = 0;

  /** @param _total bytes that will be taken over, for the progress; null when not known */
  constructor(
    private readonly _project: IProject,
    private readonly _activity: Activity,
    private readonly _total: number | null
  ) {}

  /** Store a file, given by its absolute path. */
  async addFile(path: string, shownAs: string): Promise<PutResult> {
    throwIfCancelled(this._activity);
    this._session ??= await this._project.store.begin();
    const stored = await this._session.add(path, this._toActivity(shownAs));
    this.newBytes += stored.newBytes;
    this._done += stored.size;
    this._uncommitted += stored.size;
    if (this._uncommitted >= COMMIT_BYTES) {
      await this.commit();
    }
    return stored;
  }

  async addBytes(bytes: Uint8Array, shownAs: string): Promise<PutResult> {
    const { files, home, random } = this._project;
    const folder = `${home}/tmp`;
    await ensureDirectory(files, folder);
    const temporary = `${folder}/migrate-${random.hex(8)}`;
    try {
      await writeSynced(files, temporary, bytes, 0o600);
      return await this.addFile(temporary, shownAs);
    } finally {
      await unlinkQuietly(files, temporary);
    }
  }

  /** Everything added is durable on return. More may be added afterwards. */
  async commit(): Promise<void> {
    const session = this._session;
    this._session = null;
    this._uncommitted = 0;
    await session?.commit();
  }

  async abort(): Promise<void> {
    await this._session?.abort();
    this._session = null;
  }

  private _toActivity(path: string): Activity {
    const { signal, onProgress } = this._activity;
    const before = this._done;
    const total = this._total;
    return {
      signal,
      ...(onProgress && {
        onProgress: step => onProgress({ phase: 'Storing', done: before + step.done, total, unit: 'bytes', path })
      })
    };
  }
}
