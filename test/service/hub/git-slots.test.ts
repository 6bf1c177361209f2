import { describe, expect, it } from 'vitest';
import { GitSlots } from '../../../src/service/hub/git-slots';

const never = new AbortController().signal;

function gate(): { readonly open: () => void; readonly passed: Promise<void> } {
  let open = (): void => undefined;
  const passed = new Promise<void>(resolve => (open = resolve));
  return { open, passed };
}

describe('slots of git', () => {
  it('runs as many as there are, and the others in the order in which they came', async () => {
    const slots = new GitSlots(2);
    const gates = [gate(), gate(), gate(), gate()];
    const started: number[] = [];
    const all = gates.map(({ passed }, index) =>
      slots.run('begin', never, async () => {
        started.push(index);
        await passed;
      })
    );
    await Promise.resolve();
    expect([slots.running, slots.waiting, started]).toEqual([2, 2, [0, 1]]);
    gates[1]!.open();
    await all[1];
    await new Promise(setImmediate);
    expect(started).toEqual([0, 1, 2]);
    gates.forEach(({ open }) => open());
    await Promise.all(all);
    expect([slots.running, slots.waiting, started]).toEqual([0, 0, [0, 1, 2, 3]]);
  });

  it('lets what has begun end before others begin, but not for ever', async () => {
    const slots = new GitSlots(1);
    const { open, passed } = gate();
    const first = slots.run('begin', never, () => passed);
    const order: string[] = [];
    const wait = (turn: 'begin' | 'finish', name: string): Promise<void> =>
      slots.run(turn, new AbortController().signal, async () => void order.push(name));
    const all = [wait('begin', 'new'), wait('begin', 'newer')];
    for (let number = 0; number < 40; number++) {
      all.push(wait('finish', `push ${number}`));
    }
    expect(slots.waiting).toBe(42);
    open();
    await Promise.all([first, ...all]);
    const pushes = order.filter(name => name.startsWith('push'));
    expect(pushes).toEqual(Array.from({ length: 40 }, (_, number) => `push ${number}`));
    // Sixteen go before the first that waits longer, sixteen more before the second.
    expect([order.indexOf('new'), order.indexOf('newer')]).toEqual([16, 33]);
    expect([slots.running, slots.waiting]).toEqual([0, 0]);
  });

  it('forgets who gives up while waiting, and frees the slot of who fails', async () => {
    const slots = new GitSlots(1);
    const { open, passed } = gate();
    const first = slots.run('begin', never, () => passed);
    const abort = new AbortController();
    const second = slots.run('begin', abort.signal, async () => undefined);
    abort.abort(new Error('gone'));
    await expect(second).rejects.toThrow('gone');
    open();
    await first;
    await expect(slots.run('begin', never, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect([slots.running, slots.waiting]).toEqual([0, 0]);
  });
});
