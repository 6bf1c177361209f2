import lz4 from 'lz4js';

/** One chunk as other writers store it: raw, LZ4, or bytes grouped by four and LZ4. */
export function serializeChunk(bytes: Uint8Array, scheme: 0 | 1 | 2): Uint8Array {
  const grouped = Buffer.concat([0, 1, 2, 3].map(group => Buffer.from(bytes.filter((_, i) => i % 4 === group))));
  const stored = scheme === 0 ? bytes : lz4.compress(scheme === 1 ? bytes : grouped);
  const header = Buffer.alloc(8);
  header.writeUIntLE(stored.length, 1, 3);
  header[4] = scheme;
  header.writeUIntLE(bytes.length, 5, 3);
  return Buffer.concat([header, stored]);
}
