import { expect, it } from 'vitest';
import { GitSlots } from '../../../src/service/hub/git-slots';
import { RepositoryCare } from '../../../src/service/hub/repository-care';

function createCare(tidy: (id: string, signal: AbortSignal) => Promise<void>) {
  const log: string[] = [];
  return { care: new RepositoryCare({ tidy }, new GitSlots(1), line => void log.push(line)), log };
}

const times = (count: number, work: () => void): void => Array.from({ length: count }).forEach(work);
const settled = (): Promise<void> => new Promise(resolve => setImmediate(resolve));

it('packs a history after fifty pushes to it, and again after fifty more', async () => {
  const packed: string[] = [];
  const { care } = createCare(async id => void packed.push(id));
  times(49, () => care.pushed('a'));
  times(10, () => care.pushed('b'));
  await settled();
  expect(packed).toEqual([]);
  times(51, () => care.pushed('a'));
  await settled();
  expect(packed).toEqual(['a', 'a']);
});

it('tells that packing failed, unless the hub was stopped', async () => {
  const failing = createCare(() => Promise.reject(new Error('no room')));
  times(50, () => failing.care.pushed('a'));
  await settled();
  expect(failing.log).toEqual(['cannot pack the history of project a: Error: no room']);
  const stopped = createCare(
    (_id, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
  );
  times(50, () => stopped.care.pushed('a'));
  stopped.care.dispose();
  await settled();
  expect(stopped.log).toEqual([]);
});
