/** Where tokens may be sent: hubs behind TLS or on this machine, and only the one a token is for. */
import { BranchbookError } from '../../core/error';
import type { Environment } from '../process/environment';

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** A hub's address as we keep it: no slash at the end, no user, no query. ADDRESS_INVALID. */
export function normalHubAddress(address: string): string {
  const url = parse(address);
  if (url === null || url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw invalid(address, 'a hub’s address has no user, “?” or “#” in it');
  }
  if (url.protocol !== 'https:' && !isLoopback(url)) {
    throw invalid(address, 'hubs are reached by https:// (http:// only on this machine)');
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** True for names of this very machine. */
export function isLoopback(url: URL): boolean {
  return LOOPBACK.test(url.hostname);
}

/** The environment of a program. */
/** The hub that the administrator of this server named for those who work in it; null when there is none that will do. */
export function namedHub({ BRANCHBOOK_HUB: named }: Environment): string | null {
  try {
    return named ? normalHubAddress(named) : null;
  } catch {
    // Whoever uses that address is told what is wrong with it; nothing else has to fail.
    return null;
  }
}

/**
 * The token that JupyterHub gave this server, for the hub that it is for; null for all others. It is for the hub that
 * the administrator named (`BRANCHBOOK_HUB`), and for services of the JupyterHub itself: at its origin, below
 * `services/`. Not below `user/`, where other people's servers answer.
 */
export function jupyterHubToken(address: string, environment: Environment): string | null {
  const token = environment['JUPYTERHUB_API_TOKEN'];
  if (!token) {
    return null;
  }
  if (namedHub(environment) === address) {
    return token;
  }
  const hub = parse(environment['JUPYTERHUB_PUBLIC_HUB_URL'] ?? environment['JUPYTERHUB_API_URL'] ?? '');
  const url = new URL(address);
  const services = `${(environment['JUPYTERHUB_BASE_URL'] ?? '/').replace(/\/*$/, '')}/services/`;
  return hub?.origin === url.origin && url.pathname.startsWith(services) ? token : null;
}

function parse(address: string): URL | null {
  try {
    const url = new URL(address);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url : null;
  } catch {
    return null;
  }
}

function invalid(address: string, reason: string): BranchbookError {
  return new BranchbookError('ADDRESS_INVALID', `That is no hub’s address: ${reason}.`, {
    address: address.replace(/\/\/[^/]*@/, '//'),
    reason
  });
}
