import type { SerializedError } from '../../core/error';
import type { Sha256 } from '../../core/model/asset';
import type { Ingested, IngestJob } from './ingest';
import type { SessionState } from './xorb-writer';

/** What a worker can do. */
export type WorkerCall =
  { readonly kind: 'ingest'; readonly job: IngestJob } | { readonly kind: 'hash'; readonly path: string };

export type WorkerRequest =
  | { readonly id: number; readonly kind: 'call'; readonly call: WorkerCall }
  | { readonly id: number; readonly kind: 'cancel' };

export type WorkerResponse =
  | { readonly id: number; readonly kind: 'bytes'; readonly bytes: number }
  | { readonly id: number; readonly kind: 'hash'; readonly sha256: Sha256 }
  | { readonly id: number; readonly kind: 'ingest'; readonly state: SessionState; readonly result: Ingested }
  | { readonly id: number; readonly kind: 'ingest'; readonly state: SessionState; readonly error: SerializedError }
  | { readonly id: number; readonly kind: 'error'; readonly error: SerializedError };
