import { expect, it } from 'vitest';
import { mapConcurrently } from '../../src/core/concurrency';

const turn = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 1));

it('keeps the order, and works on at most 32 at a time', async () => {
  let running = 0;
  let most = 0;
  const work = async (item: number): Promise<number> => {
    running += 1;
    most = Math.max(most, running);
    await turn();
    running -= 1;
    return item * 2;
  };
  const items = Array.from({ length: 100 }, (_, index) => index);
  expect(await mapConcurrently(items, work)).toEqual(items.map(item => item * 2));
  expect(most).toBe(32);
  expect(await mapConcurrently([], work)).toEqual([]);
});

it('tells a failure when everything begun has ended, and begins nothing more', async () => {
  let begun = 0;
  let ended = 0;
  const items = Array.from({ length: 100 }, (_, index) => index);
  const work = async (item: number): Promise<void> => {
    begun += 1;
    if (item === 0) {
      ended += 1;
      throw new Error('first');
    }
    await turn();
    ended += 1;
  };
  await expect(mapConcurrently(items, work)).rejects.toThrow('first');
  expect(ended).toBe(begun);
  expect(begun).toBe(32);
});
