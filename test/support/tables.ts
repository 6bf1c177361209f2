/** A table engine on this machine's disk, for tests. */
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ITableEngine, ITableSession } from '../../src/core/port';
import { createTableEngine } from '../../src/node/duckdb/engine';
import type { TableEngineOptions } from '../../src/node/duckdb/engine';
import { disk } from '../../src/node/fs/disk';
import { openProcesses } from '../../src/node/process/processes';
import { temporaryDirectory } from './temporary-directory';

export async function openTables(options: Partial<TableEngineOptions> = {}): Promise<ITableEngine> {
  const spill = join(temporaryDirectory(), 'spill');
  const engine = createTableEngine({ spill, files: disk, processes: await openProcesses(), ...options });
  onTestFinished(() => engine.close());
  return engine;
}

/** A session that sees these files, until the test ends. */
export async function openSession(...files: readonly string[]): Promise<ITableSession> {
  const session = await (await openTables()).open({ files }, {});
  onTestFinished(() => session.close());
  return session;
}
