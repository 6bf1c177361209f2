/** Keeps what clients send until it is all there, and what they are sent until they take it: a slow one keeps nobody waiting. */
import type { IFileSystem } from '../../core/port';
import { Ahead } from './ahead';
import { hubIsFull } from './disk-room';
import type { DiskRoom } from './disk-room';
import { createTemporaryFile } from './temporary-file';
import type { TemporaryFile } from './temporary-file';

/** Bytes of a body that stay in memory; the others lie in a file, and come out of it in blocks of this size. */
const IN_MEMORY = 256 * 1024;
/** Each piece takes some memory besides its bytes. */
const MAX_PIECES = 1_000;
/** Bytes that answers leave on the disk, so that who only looks keeps nobody from pushing. */
const LEFT_BY_ANSWERS = 1024 * 1024 * 1024;

type Pieces = AsyncIterable<Uint8Array>;

export class Holding {
  /** @param _folder absolute; what lies in it when no hub runs is garbage */
  constructor(
    private readonly _files: IFileSystem,
    private readonly _folder: string,
    private readonly _room: DiskRoom
  ) {}

  /**
   * `use` begins when the body is here, or more than `most` bytes of it: the rest of what nobody takes anyway comes as it
   * comes. Nothing is kept afterwards. DISK_FULL, and what the body fails with.
   */
  async whole<T>(body: Pieces, most: number, use: (bytes: Pieces) => Promise<T>): Promise<T> {
    const held = new Held(() => this._create(), this._room);
    const pieces = body[Symbol.asyncIterator]();
    try {
      let next = await pieces.next();
      for (; !next.done && held.size <= most; next = await pieces.next()) {
        await held.add(next.value);
      }
      return await use(inOrder(held.read(), next.done ? [] : [next.value], next.done ? null : pieces));
    } finally {
      await pieces.return?.();
      await held.dispose();
    }
  }

  /** What is made, without keeping whoever makes it waiting for whoever takes it, as long as there is room. */
  ahead(made: Pieces, signal: AbortSignal): Ahead {
    const hasRoom = async (): Promise<boolean> => (await this._room.left('histories')) > LEFT_BY_ANSWERS;
    return new Ahead(made, { create: () => this._create(), hasRoom, signal });
  }

  private _create(): Promise<TemporaryFile> {
    return createTemporaryFile(this._files, this._folder);
  }
}

async function* inOrder(
  held: Pieces,
  last: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array> | null
): AsyncGenerator<Uint8Array> {
  yield* held;
  yield* last;
  if (rest) {
    yield* { [Symbol.asyncIterator]: () => rest };
  }
}

/** One body: its beginning in a file, its end in memory; what is short has no file. */
class Held {
  private _pieces: Uint8Array[] = [];
  /** Bytes of these. */
  private _recent = 0;
  private _file: TemporaryFile | null = null;
  private _written = 0;

  constructor(
    private readonly _create: () => Promise<TemporaryFile>,
    private readonly _room: DiskRoom
  ) {}

  get size(): number {
    return this._written + this._recent;
  }

  async add(piece: Uint8Array): Promise<void> {
    this._pieces.push(piece);
    this._recent += piece.length;
    if (this._recent > IN_MEMORY) {
      await this._write();
    } else if (this._pieces.length > MAX_PIECES) {
      this._pieces = [Buffer.concat(this._pieces)];
    }
  }

  async *read(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < this._written;) {
      const block = new Uint8Array(Math.min(IN_MEMORY, this._written - at));
      at += await this._file!.handle.read(block, at);
      yield block;
    }
    yield* this._pieces;
  }

  async dispose(): Promise<void> {
    await this._file?.dispose();
  }

  private async _write(): Promise<void> {
    if ((await this._room.left('histories')) < this._recent) {
      throw hubIsFull();
    }
    this._file ??= await this._create();
    await this._file.handle.write(Buffer.concat(this._pieces), this._written);
    this._written += this._recent;
    this._recent = 0;
    this._pieces = [];
  }
}
