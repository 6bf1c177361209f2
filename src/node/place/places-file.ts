/**
 * `places.json` in the user's configuration: the places that were used, and the tokens of hubs. Private to the user
 * (0600 in a folder of 0700); replaced in one step under a lock, since several processes change it.
 */
import { ensureDirectory, readJson } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { IFileSystem, IProcesses, KnownPlace } from '../../core/port';
import { Locks } from '../git/lock-file';

const VERSION = 1;
/** Milliseconds to wait for another process that writes it. */
const PATIENCE = 10_000;

export type PlaceEntry = KnownPlace & { readonly token?: string };
type Content = { readonly version: number; readonly places: readonly PlaceEntry[] };

export class PlacesFile {
  private readonly _path: string;

  /** `configuration`: the folder of all programs' settings, `~/.config`. */
  constructor(
    private readonly _files: IFileSystem,
    private readonly _configuration: string,
    private readonly _processes: () => Promise<IProcesses>
  ) {
    this._path = `${_configuration}/branchbook/places.json`;
  }

  /** Last used first. FORMAT_TOO_NEW, FORMAT_INVALID. */
  async read(): Promise<readonly PlaceEntry[]> {
    const content = (await readJson(this._files, this._path)) as Content | null;
    if (content === null) {
      return [];
    }
    if (content.version > VERSION) {
      throw new BranchbookError(
        'FORMAT_TOO_NEW',
        `${this._path} was written by a newer Branchbook.`,
        { found: content.version, supported: VERSION },
        'Update Branchbook.'
      );
    }
    if (!Array.isArray(content.places)) {
      const reason = 'it lists no places';
      throw new BranchbookError('FORMAT_INVALID', `${this._path} is damaged: ${reason}.`, { format: 'json', reason });
    }
    return content.places;
  }

  async find(address: string): Promise<PlaceEntry | null> {
    return (await this.read()).find(entry => entry.address === address) ?? null;
  }

  /** Put `entry` first in place of the one with its address; null forgets it. */
  async set(address: string, change: (entry: PlaceEntry | null) => PlaceEntry | null): Promise<void> {
    await this._makeFolder();
    const locks = new Locks(this._files, this._configuration, await this._processes());
    const lock = await locks.acquire(this._path, PATIENCE);
    try {
      const before = await this.read();
      const entry = change(before.find(one => one.address === address) ?? null);
      const others = before.filter(one => one.address !== address);
      const content: Content = { version: VERSION, places: entry ? [entry, ...others] : others };
      await this._files.chmod(`${this._path}.lock`, 0o600);
      await lock.write(new TextEncoder().encode(`${JSON.stringify(content, null, 2)}\n`));
      await lock.publish();
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  private async _makeFolder(): Promise<void> {
    const folder = `${this._configuration}/branchbook`;
    await ensureDirectory(this._files, folder);
    await this._files.chmod(folder, 0o700);
  }
}
