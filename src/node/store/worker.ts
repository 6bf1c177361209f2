/** Entry of the store's worker threads. */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { parentPort } from 'node:worker_threads';
import { BranchbookError } from '../../core/error';
import { blockingDisk, disk } from '../fs/disk';
import { InlineEngine } from './engine';
import { hashUnchanged } from './hash-file';
import { createHasher } from './hasher';
import type { ReadHooks } from './read-ahead';
import { RunWriter } from './run-writer';
import type { WorkerAnswer, WorkerCall, WorkerRequest, WorkerResponse } from './worker-protocol';
import type { SessionState } from './xorb-writer';

/** Progress is reported after this many bytes. */
const REPORT_BYTES = 8 * 1024 * 1024;

const port = parentPort!;
const engine = new InlineEngine(disk);
let writer: Promise<RunWriter> | null = null;
const running = new Map<number, AbortController>();
const digests = new Map<number, Hash>();

function send(response: WorkerResponse): void {
  port.postMessage(response);
}

function hooksOf(id: number, signal: AbortSignal): ReadHooks {
  let bytes = 0;
  const onBytes = (piece: Uint8Array): void => {
    bytes += piece.length;
    if (bytes >= REPORT_BYTES) {
      send({ id, kind: 'bytes', bytes });
      bytes = 0;
    }
  };
  return { signal, onBytes };
}

function digestOf(stream: number): Hash {
  const digest = digests.get(stream) ?? createHash('sha256');
  digests.set(stream, digest);
  return digest;
}

async function answer(id: number, call: WorkerCall, hooks: ReadHooks): Promise<WorkerAnswer> {
  switch (call.kind) {
    case 'hash':
      return { id, kind: 'hash', sha256: await engine.hashFile(call.path, { signal: hooks.signal }) };
    case 'hash-unchanged':
      return { id, kind: 'hash-unchanged', hashes: await hashUnchanged(blockingDisk, call.files) };
    case 'digest':
      digestOf(call.stream).update(call.bytes);
      return { id, kind: 'digest' };
    case 'digest-end': {
      const digest = digestOf(call.stream);
      digests.delete(call.stream);
      return { id, kind: 'hash', sha256: digest.digest('hex') };
    }
    case 'write':
      writer ??= createHasher().then(hasher => new RunWriter(blockingDisk, hasher));
      return { id, kind: 'write', gaps: await (await writer).write(call.job, hooks.signal) };
    case 'release':
      return { id, kind: 'release', state: await engine.release(call.state) };
    case 'ingest': {
      const onSealed = (state: SessionState): void => send({ kind: 'sealed', state });
      return { id, kind: 'ingest', result: await engine.ingest(call.job, hooks, onSealed) };
    }
  }
}

async function run(id: number, call: WorkerCall): Promise<void> {
  const controller = new AbortController();
  running.set(id, controller);
  try {
    send(await answer(id, call, hooksOf(id, controller.signal)));
  } catch (error) {
    send({ id, kind: 'error', error: BranchbookError.from(error).toJSON() });
  } finally {
    running.delete(id);
  }
}

port.on('message', (request: WorkerRequest) => {
  if (request.kind === 'cancel') {
    running.get(request.id)?.abort();
  } else {
    void run(request.id, request.call);
  }
});
