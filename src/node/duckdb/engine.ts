/**
 * Tables through DuckDB. Its library (70 MB of machine code) is loaded when the first table is looked at, so that a core
 * that never sees one stays small and starts as fast as before.
 */
import type * as duckdb from '@duckdb/node-api';
import { availableParallelism, totalmem } from 'node:os';
import { throwIfCancelled } from '../../core/cancel';
import { ensureDirectory, listNames, removeTree } from '../../core/durable';
import { BranchbookError } from '../../core/error';
import type { Activity, IFileSystem, IProcesses, ITableEngine, ITableSession, TableAccess } from '../../core/port';
import { Session } from './session';
import { tableError } from './table-error';

type Library = typeof duckdb;

export type TableEngineOptions = {
  /** Absolute path of the folder that holds what does not fit in memory. */
  readonly spill: string;
  readonly files: IFileSystem;
  readonly processes: IProcesses;
  /** Bytes that one session may use. Default: 1.5 GiB, or 40 % of the memory where that is less. */
  readonly memory?: number;
  /** How long a session waits to be used again, milliseconds. */
  readonly keepMilliseconds?: number;
  readonly load?: () => Promise<Library>;
};

const GIBIBYTE = 1024 ** 3;
const KEEP_MILLISECONDS = 20_000;
/** Sessions that wait to be used again. */
const KEPT = 2;

type Kept = { readonly key: string; readonly session: Session; readonly timer: NodeJS.Timeout };

export function createTableEngine(options: TableEngineOptions): ITableEngine {
  return new TableEngine(options);
}

class TableEngine implements ITableEngine {
  constructor(private readonly _options: TableEngineOptions) {}

  async open(access: TableAccess, activity: Activity): Promise<ITableSession> {
    throwIfCancelled(activity);
    const key = access.keep === undefined ? null : JSON.stringify([access.keep, access.files, access.writes]);
    const kept = key === null ? null : this._take(key);
    const session = kept ?? (await this._create(access));
    const close = (): Promise<void> => this._giveBack(key, session);
    return session.lend(activity, close);
  }

  async close(): Promise<void> {
    this._closed = true;
    this._kept.splice(0).forEach(({ session, timer }) => {
      clearTimeout(timer);
      session.dispose();
    });
  }

  private _take(key: string): Session | null {
    const position = this._kept.findIndex(kept => kept.key === key);
    if (position < 0) {
      return null;
    }
    const [{ session, timer }] = this._kept.splice(position, 1) as [Kept];
    clearTimeout(timer);
    return session;
  }

  private async _giveBack(key: string | null, session: Session): Promise<void> {
    if (key === null || session.broken || this._closed) {
      session.dispose();
      return;
    }
    const drop = (kept: Kept): void => {
      this._take(kept.key);
      kept.session.dispose();
    };
    const timer = setTimeout(() => drop(kept), this._options.keepMilliseconds ?? KEEP_MILLISECONDS).unref();
    const kept: Kept = { key, session, timer };
    this._kept.push(kept);
    if (this._kept.length > KEPT) {
      drop(this._kept[0]!);
    }
  }

  private async _create(access: TableAccess): Promise<Session> {
    this._library ??= this._prepare();
    const library = await this._library;
    try {
      const instance = await library.DuckDBInstance.create(':memory:', {
        threads: String(availableParallelism()),
        memory_limit: `${Math.floor(this._options.memory ?? defaultMemory())}B`,
        temp_directory: `${this._options.spill}/${this._ownName()}/${(this._count += 1)}`,
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
        allow_unsigned_extensions: 'false'
      });
      const connection = await instance.connect();
      await connection.run(lockDown(access));
      return new Session(library, this._options.files, instance, connection);
    } catch (error) {
      throw tableError(error);
    }
  }

  /** Load the library; remove what processes that died have spilled. A failure is tried again the next time. */
  private async _prepare(): Promise<Library> {
    try {
      const library = await load(this._options.load ?? (() => import('@duckdb/node-api')));
      await ensureDirectory(this._options.files, `${this._options.spill}/${this._ownName()}`);
      await this._removeLeftovers();
      return library;
    } catch (error) {
      this._library = null;
      throw error;
    }
  }

  private async _removeLeftovers(): Promise<void> {
    const { files, processes, spill } = this._options;
    for (const name of await listNames(files, spill)) {
      const [host, pid, start] = name.split('~').map(decodeURIComponent);
      const isDead =
        host === processes.host &&
        !(await processes.isAlive({ pid: Number(pid), start: start ?? '' }).catch(() => true));
      if (isDead) {
        await removeTree(files, `${spill}/${name}`).catch(() => undefined);
      }
    }
  }

  private _ownName(): string {
    const { host, self } = this._options.processes;
    return [host, String(self.pid), self.start].map(encodeURIComponent).join('~');
  }

  private readonly _kept: Kept[] = [];
  private _library: Promise<Library> | null = null;
  private _count = 0;
  private _closed = false;
}

async function load(from: () => Promise<Library>): Promise<Library> {
  try {
    const library = await from();
    // Zone of times that have one. The same for everyone, so that the same file always reads the same.
    library.DuckDBTimestampTZValue.timezoneOffsetInMinutes = 0;
    return library;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : String(error);
    throw new BranchbookError(
      'TABLES_UNAVAILABLE',
      `Tables cannot be read on this machine: DuckDB has no program for ${process.platform} ${process.arch} here.`,
      { platform: process.platform, arch: process.arch, reason },
      'Install Branchbook again with `pip install --force-reinstall branchbook`, or use a machine that DuckDB supports.'
    );
  }
}

/** Containers may use less than the machine has. */
function defaultMemory(): number {
  const constrained = process.constrainedMemory() || Infinity;
  return Math.min(1.5 * GIBIBYTE, 0.4 * Math.min(totalmem(), constrained));
}

/** Everything that is not in `access` is out of reach, for good. COPY writes to `tmp_<name>` first. */
function lockDown({ files, writes = [] }: TableAccess): string {
  const temporary = writes.map(path => path.replace(/[^/]*$/, name => `tmp_${name}`));
  const paths = [...files, ...writes, ...temporary];
  return [
    "SET TimeZone = 'UTC'",
    'SET enable_progress_bar = false',
    `SET allowed_paths = ${listOf(paths)}`,
    `SET allowed_directories = ${listOf(files.map(path => `${path}/`))}`,
    'SET enable_external_access = false',
    'SET lock_configuration = true'
  ].join(';');
}

function listOf(texts: readonly string[]): string {
  return `[${texts.map(text => `'${text.replaceAll("'", "''")}'`).join(', ')}]`;
}
