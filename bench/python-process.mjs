// A Python program that stays: asked one call a line on its standard input, it answers on descriptor 3.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { at } from '../scripts/run.mjs';
import { environment } from './tools.mjs';

/** `script` is one of bench/python; `call(name, …)` runs one of its functions. */
export function startPython(python, script) {
  const child = spawn(python, [at('bench', 'python', script)], {
    stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    env: environment()
  });
  let complaint = '';
  child.stderr.on('data', data => (complaint = `${complaint}${data}`.slice(-2000)));
  const lines = createInterface({ input: child.stdio[3] })[Symbol.asyncIterator]();
  return {
    call: async (name, ...args) => {
      child.stdin.write(`${JSON.stringify([name, args])}\n`);
      const { value, done } = await lines.next();
      if (done) {
        throw new Error(`${script}: ${complaint}`);
      }
      const answer = JSON.parse(value);
      if (answer.error) {
        throw new Error(`${script} ${name}: ${answer.error}`);
      }
      return answer.result;
    },
    stop: () => child.stdin.end()
  };
}
