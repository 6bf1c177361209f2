/** Time and chance of this machine. */
import { randomBytes } from 'node:crypto';
import type { IClock, IRandom } from '../../core/port';

export const clock: IClock = {
  now: () => Date.now(),
  offset: () => -new Date().getTimezoneOffset(),
  sleep: milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds))
};

export const random: IRandom = { hex: bytes => randomBytes(bytes).toString('hex') };
