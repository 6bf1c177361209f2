import { createBLAKE3 } from 'hash-wasm';
import { keyedBlake3 } from '../../core/chunk/blake3';
import { hashKeys } from '../../core/chunk/hash';
import type { HashKind, IHasher } from '../../core/chunk/hash';

/** BLAKE3 in native code, or null where npm installed no binary for this machine: the package is optional. */
export async function nativeHasher(): Promise<IHasher | null> {
  const library = await import('@napi-rs/blake-hash').catch(() => null);
  if (!library) {
    return null;
  }
  const keyed = (key: Uint8Array) => library.Blake3Hasher.newKeyed(Buffer.from(key));
  const { chunk, node, range, file } = hashKeys;
  const hashers = { chunk: keyed(chunk), node: keyed(node), range: keyed(range), file: keyed(file) };
  return {
    // Measured per hash: 1.3 µs so, 4 µs with digestBuffer, 23 µs with a new hasher; 17 µs for 64 KiB themselves.
    hash: (kind: HashKind, bytes: Uint8Array): Uint8Array => {
      const hasher = hashers[kind];
      hasher.reset();
      return Buffer.from(hasher.update(bytes).digest('hex'), 'hex');
    }
  };
}

/** BLAKE3 in WebAssembly, or null where there is none. */
export async function wasmHasher(): Promise<IHasher | null> {
  if ((globalThis as { WebAssembly?: unknown }).WebAssembly === undefined) {
    return null;
  }
  const [chunk, node, range, file] = await Promise.all(
    [hashKeys.chunk, hashKeys.node, hashKeys.range, hashKeys.file].map(key => createBLAKE3(256, key))
  );
  const hashers = { chunk: chunk!, node: node!, range: range!, file: file! };
  return {
    hash: (kind: HashKind, bytes: Uint8Array): Uint8Array => hashers[kind].init().update(bytes).digest('binary')
  };
}

/** BLAKE3 in plain TypeScript: works everywhere. */
export function portableHasher(): IHasher {
  return { hash: (kind: HashKind, bytes: Uint8Array): Uint8Array => keyedBlake3(hashKeys[kind], bytes) };
}

/** The fastest BLAKE3 there is here. Chunks of 64 KiB, one thread: native 5,200 MB/s, WebAssembly 690, plain TypeScript 55. */
export async function createHasher(): Promise<IHasher> {
  return (await nativeHasher()) ?? (await wasmHasher()) ?? portableHasher();
}
