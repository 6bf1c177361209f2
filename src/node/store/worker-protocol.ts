import type { SerializedError } from '../../core/error';
import type { Sha256 } from '../../core/model/asset';
import type { SeenFile } from '../../core/port';
import type { IngestJob } from './ingest';
import type { Ingested } from './recipe';
import type { Gap, WriteJob } from './run-writer';
import type { SessionState } from './xorb-writer';

/** What a worker can do. */
export type WorkerCall =
  | { readonly kind: 'ingest'; readonly job: IngestJob }
  | { readonly kind: 'release'; readonly state: SessionState }
  | { readonly kind: 'hash'; readonly path: string }
  | { readonly kind: 'hash-unchanged'; readonly files: readonly SeenFile[] }
  /** The next bytes of a stream; the first ones begin it. They may be overwritten after the answer. */
  | { readonly kind: 'digest'; readonly stream: number; readonly bytes: Uint8Array }
  /** The stream is over: answers with its hash. */
  | { readonly kind: 'digest-end'; readonly stream: number }
  | { readonly kind: 'write'; readonly job: WriteJob };

export type WorkerRequest =
  | { readonly id: number; readonly kind: 'call'; readonly call: WorkerCall }
  | { readonly id: number; readonly kind: 'cancel' };

/** Answers the call with that number. */
export type WorkerAnswer = { readonly id: number } & (
  | { readonly kind: 'ingest'; readonly result: Ingested }
  | { readonly kind: 'release'; readonly state: SessionState }
  | { readonly kind: 'hash'; readonly sha256: Sha256 }
  | { readonly kind: 'hash-unchanged'; readonly hashes: readonly (Sha256 | null)[] }
  | { readonly kind: 'digest' }
  | { readonly kind: 'write'; readonly gaps: readonly Gap[] }
  | { readonly kind: 'error'; readonly error: SerializedError }
);

export type WorkerResponse =
  | WorkerAnswer
  | { readonly id: number; readonly kind: 'bytes'; readonly bytes: number }
  /** Not of a call but of a session: a xorb has become durable. */
  | { readonly kind: 'sealed'; readonly state: SessionState };
