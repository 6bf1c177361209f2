/** The embedded database: PGlite in a folder, durable and small, which it is not by itself. */
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import type { PGliteOptions } from '@electric-sql/pglite';
import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { disk } from '../fs/disk';
import { flushNow } from '../fs/flush';
import { ensureDatabase } from './database-image';
import type { Database } from './schema';

/** Where PGlite has its database in the world of files that it sees. */
const { PGDATA } = PGlite.paths;

/**
 * After PGlite's own, which switch flushing off, and without which it does not start. Memory is for one connection; what is
 * read often lies in the system's cache of files anyway.
 */
const settings = [
  'fsync=on',
  // The only way of flushing that Emscripten passes on.
  'wal_sync_method=fsync',
  'shared_buffers=8MB',
  'wal_buffers=256kB',
  'work_mem=2MB',
  'maintenance_work_mem=8MB',
  'max_connections=4',
  'max_locks_per_transaction=64'
].flatMap(setting => ['-c', setting]);

/** New databases come out of it: scripts/build.mjs puts it beside the bundle. */
const image = join(__dirname, 'database.gz');

type FileSystem = NonNullable<PGliteOptions['fs']>;

/** What we touch of Emscripten's file system over Node's. */
type Module = {
  readonly FS: {
    mkdirTree(path: string): void;
    mount(type: unknown, options: object, path: string): void;
    quit(): void;
  };
  readonly NODEFS: {
    readonly stream_ops: { fsync?: (stream: OpenFile) => number };
    realPath(node: unknown): string;
  };
};
/** Directories have no descriptor. */
type OpenFile = { readonly nfd?: number; readonly node: unknown };

/** As WebAssembly numbers them. */
const EINVAL = 28;
const EIO = 29;

/** `folder`: absolute; null = in memory. */
export async function openEmbedded(folder: string | null): Promise<PGlite> {
  const startParams = [...PGlite.defaultStartParams, ...settings];
  if (folder === null) {
    return PGlite.create({ startParams, dataDir: 'memory://' });
  }
  await ensureDatabase(disk, image, folder);
  return PGlite.create({ startParams, fs: flushedFolder(folder) });
}

/**
 * What a server of PostgreSQL does by itself and PGlite does not: write what has changed to the tables, so that the log of
 * changes does not grow without end and is not read through after a crash; and take space back that nothing uses.
 */
export async function tidyEmbedded(db: Kysely<Database>): Promise<void> {
  await sql`vacuum (analyze) namespaces, members, grants, links, projects, endpoints, requests`.execute(db);
  await sql`checkpoint`.execute(db);
}

/** As PGlite's own, but what the database flushes is flushed. */
function flushedFolder(root: string): FileSystem {
  let module: Module;
  const mount = (made: unknown): void => {
    module = made as Module;
    module.NODEFS.stream_ops.fsync = ({ nfd, node }) => {
      try {
        flushNow(nfd ?? module.NODEFS.realPath(node));
        return 0;
      } catch {
        // PostgreSQL goes on without flushed directories, where the system has none, and never without flushed files.
        return nfd === undefined ? EINVAL : EIO;
      }
    };
    module.FS.mkdirTree(PGDATA);
    module.FS.mount(module.NODEFS, { root }, PGDATA);
  };
  const nothing = async (): Promise<void> => undefined;
  return {
    init: async (_database, options) => ({
      emscriptenOpts: { ...options, preRun: [...(options.preRun ?? []), mount] }
    }),
    syncToFs: nothing,
    initialSyncFs: nothing,
    dumpTar: async () => {
      throw new Error('PGlite copies no database out of a folder');
    },
    closeFs: async () => module.FS.quit()
  };
}
