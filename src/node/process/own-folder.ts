import { ensureDirectory, listNames, removeTree } from '../../core/durable';
import type { IFileSystem, IProcesses } from '../../core/port';

/**
 * A folder in `parent` that only this process uses. Those of processes of this machine that died are deleted; whether one of
 * another machine lives cannot be asked.
 */
export async function openOwnFolder(files: IFileSystem, processes: IProcesses, parent: string): Promise<string> {
  const { host, self } = processes;
  const own = [host, String(self.pid), self.start].map(encodeURIComponent).join('+');
  for (const name of await listNames(files, parent)) {
    const [madeOn, pid, start = ''] = name.split('+').map(decodeURIComponent);
    if (name !== own && madeOn === host && !(await processes.isAlive({ pid: Number(pid), start }))) {
      await removeTree(files, `${parent}/${name}`);
    }
  }
  await ensureDirectory(files, `${parent}/${own}`);
  return `${parent}/${own}`;
}
