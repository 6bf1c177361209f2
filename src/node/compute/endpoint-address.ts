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
never.addAddress('::', 'ipv6');
never.addSubnet('fe80::', 10, 'ipv6');
never.addSubnet('ff00::', 8, 'ipv6');
never.addAddress('fd00:ec2::254', 'ipv6');
const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

export type Pinned = { readonly address: string; readonly family: 4 | 6 };

/**
 * The one address to connect to: looked up once, so that a name cannot mean something else when it is used.
 * COMPUTE_UNAVAILABLE when it may not be, or has none.
 */
export async function pinEndpoint(url: URL, allowLoopback: boolean): Promise<Pinned> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const found = isIP(host) ? [{ address: host, family: isIP(host) }] : await lookUp(host);
  const pinned = found[0] as Pinned;
  if (!/^https?:$/.test(url.protocol) || found.some(({ address }) => !mayReach(address, allowLoopback))) {
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
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  return isIP(address) !== 0 && !never.check(address, family) && (allowLoopback || !loopback.check(address, family));
}

export function unavailable(reason: string): BranchbookError {
  return new BranchbookError(
    'COMPUTE_UNAVAILABLE',
    `The compute endpoint cannot be used: ${reason}.`,
    { reason },
    'Tell an owner of the namespace.'
  );
}

async function lookUp(host: string): Promise<readonly { readonly address: string; readonly family: number }[]> {
  try {
    return await lookup(host, { all: true });
  } catch {
    throw unavailable(`nothing is known of ${host}`);
  }
}
