/** Which machines the hub may be sent to: its own network is not everybody's. */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP } from 'node:net';
import { BranchbookError } from '../../core/error';

const never = new BlockList();
never.addSubnet('0.0.0.0', 8, 'ipv4');
// Link-local: among them where clouds tell machines their own credentials.
never.addSubnet('169.254.0.0', 16, 'ipv4');
never.addSubnet('224.0.0.0', 3, 'ipv4');
never.addAddress('100.100.100.200', 'ipv4');
never.addAddress('192.0.0.192', 'ipv4');
never.addAddress('168.63.129.16', 'ipv4');
// Old ways to write or to carry an IPv4 address, which nobody needs to reach a server.
never.addSubnet('64:ff9b:1::', 48, 'ipv6');
never.addSubnet('2002::', 16, 'ipv6');
never.addSubnet('2001::', 32, 'ipv6');
never.addSubnet('::', 96, 'ipv6');
never.addSubnet('fe80::', 10, 'ipv6');
never.addSubnet('ff00::', 8, 'ipv6');
never.addAddress('fd00:ec2::254', 'ipv6');
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export type Pinned = { readonly address: string; readonly family: 4 | 6 };

/** All addresses of a name. */
export type LookUp = (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;

export type Reach = { readonly allowLoopback: boolean; readonly lookUp?: LookUp };

/**
 * The one address to connect to: looked up once, so that a name cannot mean something else when it is used.
 * COMPUTE_UNAVAILABLE when it may not be, or has none.
 */
export async function pinEndpoint(url: URL, { allowLoopback, lookUp = system }: Reach): Promise<Pinned> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const found = isIP(host) ? [{ address: host, family: isIP(host) }] : await known(host, lookUp);
  const [pinned] = found as readonly Pinned[];
  if (!pinned || found.some(({ address }) => !mayReach(address, allowLoopback))) {
    throw unavailable(`the hub does not connect to ${host}`);
  }
  return pinned;
}

/** False for link-local and metadata addresses, however they are written, and for this machine unless that is allowed. */
export function mayReach(address: string, allowLoopback: boolean): boolean {
  const mapped = /^(?:::ffff:|64:ff9b::)(.+)$/i.exec(address)?.[1];
  if (mapped !== undefined) {
    // Only the dotted form can be compared; whoever writes it otherwise has something to hide.
    return isIP(mapped) === 4 && mayReach(mapped, allowLoopback);
  }
  // With “%” it is of one network interface of ours.
  if (isIP(address) === 0 || address.includes('%')) {
    return false;
  }
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return loopback.check(address, family) ? allowLoopback : !never.check(address, family);
}

export function unavailable(reason: string): BranchbookError {
  return new BranchbookError(
    'COMPUTE_UNAVAILABLE',
    `The compute endpoint cannot be used: ${reason}.`,
    { reason },
    'Tell an owner of the namespace.'
  );
}

const system: LookUp = host => lookup(host, { all: true });

async function known(host: string, lookUp: LookUp): ReturnType<LookUp> {
  try {
    return await lookUp(host);
  } catch {
    throw unavailable(`nothing is known of ${host}`);
  }
}
