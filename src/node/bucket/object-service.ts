/** What a bucket needs of a service that stores objects: little, so that each service is a small adapter. */
import type { BucketObject, PutCondition } from '../../core/port';

/** An object, and the mark of the write that made it: by it a writer who got no answer knows its own. */
export type MarkedObject = BucketObject & { readonly mark: string | null };

/** How something is written. */
export type Write = { readonly condition: PutCondition | undefined; readonly mark: string };

/** A large object on its way: parts in their order, each but the last one of `partSize` bytes; it appears with `commit`. */
export interface IUpload {
  part(number: number, bytes: Uint8Array): Promise<void>;
  commit(): Promise<BucketObject>;
  /** Give back what the parts take. */
  abort(): Promise<void>;
}

/**
 * What went wrong. `condition`: it does not hold, nothing was written. `busy`: nothing was written, the same may succeed
 * soon. `doubtful`: it may or may not have been written. `refused`: not with these credentials. `other`: anything else.
 */
export type FailureKind = 'condition' | 'busy' | 'doubtful' | 'refused' | 'other';

export class ServiceFailure extends Error {
  override readonly name = 'ServiceFailure';

  constructor(
    readonly kind: FailureKind,
    reason: string
  ) {
    // Libraries tell of every way they tried; the first line says what it is about.
    super(reason.split('\n')[0]!.replace(/\.+$/, ''));
  }
}

/** Known by name: the services are in a bundle of their own, with a class of their own. */
export function isServiceFailure(error: unknown): error is ServiceFailure {
  return error instanceof Error && error.name === 'ServiceFailure';
}

/** Keys are whole. Every method fails with a ServiceFailure; none tries again by itself. */
export interface IObjectService {
  /** For people: `s3://team-data`. */
  readonly name: string;
  /** Bytes of a part; less is put in one request. At most 10,000 parts. */
  partSize(size: number): number;
  head(key: string): Promise<MarkedObject | null>;
  /** null when there is no such object. `range` is within it, and not empty. */
  read(key: string, range: { readonly start: number; readonly end: number } | null): Promise<OpenObject | null>;
  put(key: string, bytes: Uint8Array, write: Write): Promise<BucketObject>;
  upload(key: string, size: number, write: Write): Promise<IUpload>;
  delete(key: string, condition: PutCondition | undefined): Promise<void>;
  /** Objects whose keys begin with `prefix`. With `folders`: only the beginnings of keys up to the next slash. */
  page(prefix: string, folders: boolean, after: string | null): Promise<Page>;
  /** Sort a failure of the library or network that came while bytes arrived. */
  failureOf(error: unknown): ServiceFailure;
  close(): Promise<void>;
}

export type OpenObject = { readonly object: BucketObject; readonly pieces: AsyncIterable<Uint8Array> };

/** `next` continues; null when there is no more. */
export type Page = {
  readonly objects: readonly BucketObject[];
  readonly folders: readonly string[];
  readonly next: string | null;
};

/** By the status of an answer; 409 and 412 are told apart by each service. */
export function kindOfStatus(status: number): FailureKind {
  if (status === 401 || status === 403) {
    return 'refused';
  }
  if (status === 429) {
    return 'busy';
  }
  return (status >= 500 && status !== 501) || status === 408 ? 'doubtful' : 'other';
}

/** Connections that were never made did nothing; of others it is not known. */
export function kindOfNetworkError(code: unknown): FailureKind {
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'].includes(String(code))
    ? 'busy'
    : 'doubtful';
}
