/** Forgetting old operations: they, and the contents only they refer to, cannot be had back afterwards. */
import { listNames, readSealed } from '../durable';
import type { IProject } from '../port';
import type { LoggedOperation } from './operation-log';

/** So many operations of each work tree are kept, however old. */
const KEPT = 100;

/** Of all work trees, oldest first. They are written atomically: one that cannot be read is damaged (FORMAT_INVALID). */
export async function readAllOperations(project: IProject): Promise<readonly LoggedOperation[]> {
  const folder = `${project.home}/operations`;
  const names = (await listNames(project.files, folder)).filter(name => /^[0-9]{8,}\.json$/.test(name));
  const ids = names.map(name => Number(name.slice(0, -'.json'.length))).sort((a, b) => a - b);
  const operations: LoggedOperation[] = [];
  for (const id of ids) {
    const path = `${folder}/${String(id).padStart(8, '0')}.json`;
    const operation = await readSealed(project.files, path, text => project.git.hashBlob(text));
    if (operation) {
      operations.push(operation as LoggedOperation);
    }
  }
  return operations;
}

/** Ids of the operations that are older than `age` milliseconds. */
export async function findExpired(project: IProject, age: number): Promise<readonly string[]> {
  const before = project.clock.now() - age;
  const seen = new Map<string, number>();
  const expired: string[] = [];
  for (const operation of [...(await readAllOperations(project))].reverse()) {
    const younger = seen.get(operation.root) ?? 0;
    seen.set(operation.root, younger + 1);
    if (younger >= KEPT && operation.time < before) {
      expired.push(operation.id);
    }
  }
  return expired;
}

export async function removeOperations(project: IProject, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await project.files.unlink(`${project.home}/operations/${id}.json`);
  }
  await project.files.syncDirectory(`${project.home}/operations`);
}
