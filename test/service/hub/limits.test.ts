import { describe, expect, it } from 'vitest';
import { RateLimits } from '../../../src/service/hub/limits';

function limitsAt(start: number) {
  const clock = { time: start, now: () => clock.time };
  return { clock, limits: new RateLimits(clock) };
}

function takeAll(take: () => void): number {
  for (let count = 0; count < 100_000; count += 1) {
    try {
      take();
    } catch {
      return count;
    }
  }
  return Infinity;
}

describe('limits of requests', () => {
  it('lets twenty sign-ins a minute through, and one more each three seconds', () => {
    const { clock, limits } = limitsAt(1_000_000);
    const take = () => limits.take('sign-in', '10.0.0.1');
    expect(takeAll(take)).toBe(20);
    expect(take).toThrow(expect.objectContaining({ code: 'RATE_LIMITED', data: { seconds: 3 } }));
    clock.time += 3_000;
    expect(takeAll(take)).toBe(1);
  });

  it('counts each caller alone', () => {
    const { limits } = limitsAt(0);
    takeAll(() => limits.take('sign-in', 'user anna'));
    expect(() => limits.take('sign-in', 'user ben')).not.toThrow();
  });

  it('ends guessing of tokens from one address, also the right ones', () => {
    const { limits } = limitsAt(0);
    expect(takeAll(() => limits.failed('10.0.0.9'))).toBe(30);
    expect(() => limits.checkFailures('10.0.0.9')).toThrow(expect.objectContaining({ code: 'RATE_LIMITED' }));
    expect(() => limits.checkFailures('10.0.0.8')).not.toThrow();
  });

  it('neither fills nor blocks when the clock is set back', () => {
    const { clock, limits } = limitsAt(1_000_000);
    const take = () => limits.take('sign-in', 'a');
    takeAll(take);
    clock.time -= 3_600_000;
    expect(takeAll(take)).toBe(0);
    clock.time += 60_000;
    expect(takeAll(take)).toBe(20);
  });
});
