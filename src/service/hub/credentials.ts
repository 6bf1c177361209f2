/** What a request says about who sends it. */
import type { IncomingHttpHeaders } from 'node:http';
import { createHash, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';

/** No token is longer than this many characters. */
const MAX_TOKEN = 4096;

/** `Bearer <token>`, or for git and git-lfs `Basic` with the token as the password; null without one. */
export function tokenOf({ authorization }: IncomingHttpHeaders): string | null {
  const [, scheme, value] = /^(bearer|basic|token) +([^\s]+) *$/i.exec(authorization ?? '') ?? [];
  if (!scheme || !value || value.length > MAX_TOKEN * 2) {
    return null;
  }
  const token = scheme.toLowerCase() === 'basic' ? passwordOf(value) : value;
  return token === '' || token.length > MAX_TOKEN ? null : token;
}

function passwordOf(value: string): string {
  const pair = Buffer.from(value, 'base64').toString('utf8');
  return pair.slice(pair.indexOf(':') + 1);
}

/** Stands for a token where it must not be kept. */
export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** Takes the same time wherever they differ. */
export function sameSecret(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127(\.\d{1,3}){3}$/.test(address);
}

/** Who counts as one when requests are counted: whoever has an IPv6 address has the other 2^64 of its network too. */
export function callerOf(address: string): string {
  const mapped = /^::ffff:([\d.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined || isIP(address) !== 6) {
    return mapped ?? address;
  }
  const [head = '', tail] = address.replace(/%.*$/, '').split('::');
  const [before, after] = [head, tail ?? ''].map(half => half.split(':').filter(group => group !== ''));
  const zeros = tail === undefined ? 0 : Math.max(0, 8 - before!.length - after!.length);
  const groups = [...before!, ...Array<string>(zeros).fill('0'), ...after!].slice(0, 4);
  return `${groups.map(group => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
