/** Passwords: scrypt with a salt each, as `scrypt$N$r$p$salt$hash`. */
import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** 32 MiB and about 80 ms for each guess. */
const COST = { N: 32_768, r: 8, p: 1 } as const;
const MEMORY = 64 * 1024 * 1024;
const LENGTH = 32;
/** More at once would take the machine's memory and threads from everybody else. */
const AT_ONCE = 2;

export const SHORTEST_PASSWORD = 10;
export const LONGEST_PASSWORD = 1024;

let running = 0;
const waiting: (() => void)[] = [];

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const hash = await derive(password, salt, COST);
  return ['scrypt', COST.N, COST.r, COST.p, salt.toString('base64'), hash.toString('base64')].join('$');
}

/** With null, where there is no such account, the same time is taken: how long it takes tells nothing. */
export async function verifyPassword(password: string, stored: string | null): Promise<boolean> {
  const [, N, r, p, salt = '', hash = ''] = (stored ?? '').split('$');
  if (stored === null || password.length > LONGEST_PASSWORD) {
    await derive('', randomBytes(16), COST);
    return false;
  }
  const expected = Buffer.from(hash, 'base64');
  const cost = { N: Number(N), r: Number(r), p: Number(p) };
  return timingSafeEqual(await derive(password, Buffer.from(salt, 'base64'), cost), expected);
}

type Cost = { readonly N: number; readonly r: number; readonly p: number };

async function derive(password: string, salt: Buffer, cost: Cost): Promise<Buffer> {
  if (running >= AT_ONCE) {
    await new Promise<void>(resolve => waiting.push(resolve));
  } else {
    running += 1;
  }
  try {
    return await new Promise((resolve, reject) =>
      scrypt(password.normalize('NFKC'), salt, LENGTH, { ...cost, maxmem: MEMORY }, (error, key) =>
        error ? reject(error) : resolve(key)
      )
    );
  } finally {
    const next = waiting.shift();
    if (next) {
      next();
    } else {
      running -= 1;
    }
  }
}
