import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { openProcesses } from '../../../src/node/process/processes';

describe('processes', () => {
  it('knows itself, a running child and a dead one', async () => {
    const processes = await openProcesses();
    expect(processes.self.pid).toBe(process.pid);
    expect(await processes.isAlive(processes.self)).toBe(true);

    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const identity = { ...processes.self, pid: child.pid! };
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await processes.isAlive(identity)).toBe(false);
  });

  it('is not fooled by a process number that was given away again', async () => {
    const processes = await openProcesses();
    const earlier = { pid: process.pid, start: `${processes.self.start}1` };
    expect(await processes.isAlive(earlier)).toBe(processes.self.start === '');
  });
});
