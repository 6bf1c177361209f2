import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { StatusResult } from '../../src/core/model/result';
import { Autosnapshot } from '../../src/lab/dialogs/autosnapshot';
import type { IBranchbook } from '../../src/lab/tokens';

const minute = 60_000;

/** A project that only counts its snapshots. */
function project(status: Partial<StatusResult>) {
  const run = vi.fn(() => Promise.resolve({}));
  const refresh = vi.fn(() => Promise.resolve());
  return {
    run,
    refresh,
    activity: null,
    sharing: { check: null },
    status: { clean: false, inProgress: null, ...status }
  };
}

function autosnapshot(current: object | null): Autosnapshot {
  const trans = { __: (text: string) => text };
  return new Autosnapshot({ current } as IBranchbook, trans as ConstructorParameters<typeof Autosnapshot>[1]);
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('window', globalThis);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('automatic snapshots', () => {
  it('are taken every so many minutes, and no more once turned off', async () => {
    const changed = project({});
    const automatic = autosnapshot(changed);
    await vi.advanceTimersByTimeAsync(60 * minute);
    expect(changed.run).not.toHaveBeenCalled();
    automatic.minutes = 5;
    await vi.advanceTimersByTimeAsync(10 * minute);
    expect(changed.run.mock.calls).toEqual([
      ['snapshot', { message: 'Automatic snapshot' }],
      ['snapshot', { message: 'Automatic snapshot' }]
    ]);
    automatic.minutes = 0;
    await vi.advanceTimersByTimeAsync(60 * minute);
    expect(changed.run).toHaveBeenCalledTimes(2);
  });

  it('follow a new interval at once instead of adding it', async () => {
    const changed = project({});
    const automatic = autosnapshot(changed);
    automatic.minutes = 1;
    automatic.minutes = 10;
    await vi.advanceTimersByTimeAsync(10 * minute);
    expect(changed.run).toHaveBeenCalledTimes(1);
  });

  it('end with disposal, whatever is set afterwards', async () => {
    const changed = project({});
    const automatic = autosnapshot(changed);
    automatic.minutes = 1;
    automatic.dispose();
    automatic.minutes = 1;
    await vi.advanceTimersByTimeAsync(10 * minute);
    expect(changed.run).not.toHaveBeenCalled();
  });

  it.each([
    ['nothing changed', { clean: true }],
    ['git is in the middle of a merge', { inProgress: 'merge' }]
  ])('are left out while %s', async (_, status) => {
    const idle = project(status);
    await autosnapshot(idle).run();
    expect(idle.refresh).toHaveBeenCalled();
    expect(idle.run).not.toHaveBeenCalled();
  });

  it('fail quietly: nobody waits for them', async () => {
    const broken = project({});
    broken.run.mockRejectedValue(new Error('torn notebook'));
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    await autosnapshot(broken).run();
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });
});
