/** Which processes of this machine still run, told apart from later ones that were given the same number. */
import { hostname } from 'node:os';
import type { IProcesses, ProcessId } from '../../core/port';
import { disk } from '../fs/disk';

/** Field 22 of `/proc/<pid>/stat` is the start time in clock ticks; the boot id makes it unique across restarts. */
async function startOf(pid: number): Promise<string | null> {
  const [boot, stat] = await Promise.all([
    disk.readFile('/proc/sys/kernel/random/boot_id').catch(() => null),
    disk.readFile(`/proc/${pid}/stat`).catch(() => null)
  ]);
  if (!boot || !stat) {
    return null;
  }
  const text = new TextDecoder().decode(stat);
  // The second field is the program's name in parentheses and may itself hold spaces and parentheses.
  const ticks = text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
  return ticks ? `${new TextDecoder().decode(boot).trim()}/${ticks}` : null;
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it runs, as somebody else.
    return (error as { code?: unknown }).code === 'EPERM';
  }
}

/** Where the system does not tell start times (no `/proc`), a process is known by its number alone. */
export async function openProcesses(): Promise<IProcesses> {
  const self: ProcessId = { pid: process.pid, start: (await startOf(process.pid)) ?? '' };
  return {
    self,
    host: hostname(),
    isAlive: async candidate => {
      if (!answersSignals(candidate.pid)) {
        return false;
      }
      const start = await startOf(candidate.pid);
      return start === null || start === candidate.start;
    }
  };
}
