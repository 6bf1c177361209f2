/**
 * Addresses of places and of what is in them. A place is a folder (`/srv/team`), a bucket (`s3://name/prefix`,
 * `az://account/container/prefix`, `gs://name/prefix`) or a hub (`https://hub.example.org`); `<place>/<namespace>` is a
 * namespace there, `<place>/<namespace>/<project>` a project.
 */
import { BranchbookError } from '../error';

export type PlaceKind = 'folder' | 'bucket' | 'hub';

const NAMESPACE = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const PROJECT = /^[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?$/;
/** Names that a route or a file of ours has. */
const RESERVED = new Set(['api', 'join', 'login', 'logout', 'health', 'metrics', 'git', 'lfs', 'static', 'branchbook']);

export type ProjectAddress = { readonly place: string; readonly namespace: string; readonly project: string };

/** Folder, bucket or hub, by how the address begins; null when it is none of them. */
export function kindOfPlace(address: string): PlaceKind | null {
  if (/^https?:\/\//.test(address)) {
    return 'hub';
  }
  if (/^(s3|az|gs):\/\//.test(address)) {
    return 'bucket';
  }
  return /^(\/|file:\/\/\/|[A-Za-z]:[\\/])/.test(address) ? 'folder' : null;
}

/** Why a namespace cannot be called so; null when it can. */
export function checkNamespaceName(name: string): string | null {
  if (RESERVED.has(name)) {
    return 'that word has a meaning of its own';
  }
  return NAMESPACE.test(name) ? null : 'use 1 to 63 of a–z, 0–9 and “-”, with a letter or digit at both ends';
}

/** Why a project cannot be called so in a namespace; null when it can. */
export function checkProjectName(name: string): string | null {
  if (name.endsWith('.git') || name.includes('..')) {
    return 'it ends with “.git” or has “..”';
  }
  return PROJECT.test(name) ? null : 'use 1 to 100 of a–z, 0–9, “.”, “_” and “-”, with a letter or digit at both ends';
}

/** `<place>/<namespace>`. ADDRESS_INVALID. */
export function parseNamespaceAddress(address: string): { readonly place: string; readonly namespace: string } {
  const { place, name } = splitLast(address);
  require(address, checkNamespaceName(name));
  return { place, namespace: name };
}

/** `<place>/<namespace>/<project>`. ADDRESS_INVALID. */
export function parseProjectAddress(address: string): ProjectAddress {
  const { place, name } = splitLast(address);
  require(address, checkProjectName(name));
  return { ...parseNamespaceAddress(place), project: name };
}

export function formatProjectAddress({ place, namespace, project }: ProjectAddress): string {
  return `${place}/${namespace}/${project}`;
}

function splitLast(address: string): { readonly place: string; readonly name: string } {
  const trimmed = address.replace(/\/+$/, '');
  const slash = trimmed.lastIndexOf('/');
  const place = trimmed.slice(0, Math.max(slash, 0)).replace(/\/+$/, '');
  if (kindOfPlace(address) === null || kindOfPlace(place === '' ? '/' : place) === null) {
    require(address, 'it does not begin with a place');
  }
  return { place, name: trimmed.slice(slash + 1) };
}

function require(address: string, reason: string | null): void {
  if (reason !== null) {
    throw new BranchbookError(
      'ADDRESS_INVALID',
      `${JSON.stringify(address)} is no address in a shared place: ${reason}.`,
      { address, reason },
      'Write it as PLACE/NAMESPACE/PROJECT, for example https://hub.example.org/ml-team/iris or /srv/shared/ml-team/iris.'
    );
  }
}

/** A text without the names and passwords that its addresses carry. */
export function withoutSecrets(text: string): string {
  return text.replace(/:\/\/[^/@\s]+@/g, '://');
}
