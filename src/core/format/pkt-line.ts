/** git's pkt-line framing: four hexadecimal digits of length (themselves included), then the payload; `0000` flushes. */
import { BranchbookError } from '../error';

/** Bytes of payload in one packet: git's LARGE_PACKET_DATA_MAX. */
export const PACKET_MAX = 65516;
export const FLUSH_PACKET: Uint8Array = new TextEncoder().encode('0000');

const HEADER_BYTES = 4;

/** Bytes that a payload takes as packets. */
export function packedLength(payload: number): number {
  return payload + HEADER_BYTES * Math.ceil(payload / PACKET_MAX);
}

/** The payload as packets of at most PACKET_MAX bytes each, at the beginning of `into`, which has room for them. */
export function encodePackets(payload: Uint8Array, into = new Uint8Array(packedLength(payload.length))): Uint8Array {
  let at = 0;
  for (let done = 0; done < payload.length; done += PACKET_MAX) {
    const packet = payload.subarray(done, done + PACKET_MAX);
    const length = (packet.length + HEADER_BYTES).toString(16).padStart(HEADER_BYTES, '0');
    into.set(new TextEncoder().encode(length), at);
    into.set(packet, at + HEADER_BYTES);
    at += packet.length + HEADER_BYTES;
  }
  return into.subarray(0, at);
}

/** A line of text as a packet. */
export function encodeLine(line: string): Uint8Array {
  return encodePackets(new TextEncoder().encode(`${line}\n`));
}

function invalid(reason: string): BranchbookError {
  return new BranchbookError('FORMAT_INVALID', `Not git's packet format: ${reason}.`, { format: 'pkt-line', reason });
}

/** Reads packets from a stream of bytes that is cut anywhere. */
export class PacketReader {
  private _buffer = new Uint8Array();
  private readonly _source: AsyncIterator<Uint8Array>;

  constructor(source: AsyncIterable<Uint8Array>) {
    this._source = source[Symbol.asyncIterator]();
  }

  /** The next packet's payload, null for a flush, undefined at the end of the stream. FORMAT_INVALID. */
  async read(): Promise<Uint8Array | null | undefined> {
    const header = await this._take(4);
    if (header === undefined) {
      return undefined;
    }
    const text = new TextDecoder().decode(header);
    if (!/^[0-9a-fA-F]{4}$/.test(text)) {
      throw invalid(`the length ${JSON.stringify(text)}`);
    }
    const length = Number.parseInt(text, 16);
    if (length === 0) {
      return null;
    }
    if (length < 4) {
      throw invalid(`the length ${length}`);
    }
    const payload = await this._take(length - 4);
    if (payload === undefined) {
      throw invalid('it ends inside a packet');
    }
    return payload;
  }

  /** Lines up to the next flush; undefined at the end of the stream. */
  async readLines(): Promise<readonly string[] | undefined> {
    const lines: string[] = [];
    for (;;) {
      const packet = await this.read();
      if (packet === null) {
        return lines;
      }
      if (packet === undefined) {
        if (lines.length > 0) {
          throw invalid('it ends before a flush');
        }
        return undefined;
      }
      lines.push(new TextDecoder().decode(packet).replace(/\n$/, ''));
    }
  }

  /** Payloads up to the next flush. Whoever stops early still leaves the reader after that flush. */
  async *readContent(): AsyncGenerator<Uint8Array> {
    let packet = await this.read();
    try {
      for (; packet; packet = await this.read()) {
        yield packet;
      }
    } finally {
      while (packet) {
        packet = await this.read();
      }
    }
    if (packet === undefined) {
      throw invalid('it ends inside a file');
    }
  }

  /** Exactly `length` bytes; undefined at the end of the stream. */
  private async _take(length: number): Promise<Uint8Array | undefined> {
    const pieces: Uint8Array[] = [];
    let missing = length - this._buffer.length;
    while (missing > 0) {
      const { value, done } = await this._source.next();
      if (done) {
        if (this._buffer.length > 0 || pieces.length > 0) {
          throw invalid('it ends inside a packet');
        }
        return undefined;
      }
      pieces.push(value);
      missing -= value.length;
    }
    const all = pieces.length === 0 ? this._buffer : join([this._buffer, ...pieces]);
    this._buffer = all.subarray(length);
    return all.subarray(0, length);
  }
}

function join(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
