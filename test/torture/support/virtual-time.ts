import { afterAll, beforeAll, beforeEach, vi } from 'vitest';

const START = Date.UTC(2026, 0, 1);

/**
 * Time stands still except while somebody waits, which costs nothing: so a test does the same at any speed, and a
 * commit made twice is the same commit.
 */
export function useVirtualTime(): void {
  const real = globalThis.setTimeout;
  const wait = (work: () => void, milliseconds = 0): NodeJS.Timeout => {
    const timer = real(() => {
      vi.setSystemTime(Date.now() + milliseconds);
      work();
    }, 0);
    return timer;
  };
  beforeAll(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: START });
    globalThis.setTimeout = Object.assign(wait, real) as typeof setTimeout;
  });
  beforeEach(() => void restartTime());
  afterAll(() => {
    globalThis.setTimeout = real;
    vi.useRealTimers();
  });
}

/** Back to the beginning, where time is virtual. */
export function restartTime(): void {
  if (vi.isFakeTimers()) {
    vi.setSystemTime(START);
  }
}
