import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeLine,
  encodePackets,
  FLUSH_PACKET,
  PACKET_MAX,
  packedLength,
  PacketReader
} from '../../../src/core/format/pkt-line';

async function* pieces(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length]!;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const readerOf = (text: string): PacketReader => new PacketReader(pieces(new TextEncoder().encode(text), [3]));

describe('packets', () => {
  it('survive however the stream is cut', async () => {
    const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 10 });
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(payloads, sizes, async (sent, cuts) => {
        const bytes = Buffer.concat([...sent.map(payload => encodePackets(payload)), FLUSH_PACKET]);
        const reader = new PacketReader(pieces(bytes, cuts));
        const received: Uint8Array[] = [];
        for await (const payload of reader.readContent()) {
          received.push(payload);
        }
        expect(received.map(payload => [...payload])).toEqual(sent.map(payload => [...payload]));
        expect(await reader.read()).toBeUndefined();
      })
    );
  });

  it('hold what is too long for one, in the buffer given', async () => {
    const payload = Uint8Array.from({ length: 3 * PACKET_MAX + 5 }, (_, i) => i % 251);
    const buffer = new Uint8Array(packedLength(payload.length));
    const bytes = encodePackets(payload, buffer);
    expect(bytes).toEqual(buffer);
    const received: Uint8Array[] = [];
    for await (const packet of new PacketReader(pieces(Buffer.concat([bytes, FLUSH_PACKET]), [70_000])).readContent()) {
      received.push(packet);
    }
    expect(received.map(packet => packet.length)).toEqual([PACKET_MAX, PACKET_MAX, PACKET_MAX, 5]);
    expect(Buffer.concat(received).equals(payload)).toBe(true);
    expect(encodePackets(new Uint8Array()).length).toBe(0);
  });

  it('are spelt as git spells them', () => {
    expect(new TextDecoder().decode(encodeLine('version=2'))).toBe('000eversion=2\n');
  });

  it('leave the reader behind the flush when reading stops early', async () => {
    const reader = readerOf('0005a0005b00000005c0000');
    for await (const payload of reader.readContent()) {
      expect(payload.length).toBe(1);
      break;
    }
    expect(await reader.readLines()).toEqual(['c']);
  });

  it.each(['00', '0005', 'zzzz', '0003', '000aab'])('%j is refused', async text => {
    await expect(readerOf(text).readLines()).rejects.toMatchObject({ code: 'FORMAT_INVALID' });
  });
});
