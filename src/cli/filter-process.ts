/**
 * git's side door: with `filter.lfs.process` set to this program, plain `git add` and `git checkout` store and fetch
 * assets through our store. Protocol: git's Documentation/gitattributes.adoc, "Long Running Filter Process".
 */
import { ensureDirectory, unlinkQuietly } from '../core/durable';
import { BranchbookError } from '../core/error';
import { encodeLine, encodePackets, FLUSH_PACKET, packedLength, PacketReader } from '../core/format/pkt-line';
import { decodePointer, encodePointer, POINTER_MAX_BYTES } from '../core/format/pointer';
import type { Release } from '../core/owner-file';
import type { IProject } from '../core/port';

/** What of a project the filters need. */
export type FilterProject = Pick<IProject, 'files' | 'store' | 'random' | 'home'>;

/** Standard input and output as bytes. */
export type FilterStreams = {
  readonly input: AsyncIterable<Uint8Array>;
  /** Resolves when more may be written; the bytes are no longer needed then. */
  write(bytes: Uint8Array): Promise<void>;
  /** A line for people. */
  warn(line: string): void;
};

type Content = AsyncIterable<Uint8Array>;

/** The pointer's bytes for a file's content. Content that already is a pointer passes through. */
export async function clean(project: FilterProject, content: Content): Promise<Uint8Array> {
  const temporary = `${project.home}/tmp/clean-${project.random.hex(8)}`;
  await ensureDirectory(project.files, `${project.home}/tmp`);
  const handle = await project.files.open(temporary, 'create', 0o600);
  let size = 0;
  try {
    try {
      for await (const piece of content) {
        await handle.write(piece, size);
        size += piece.length;
      }
    } finally {
      await handle.close();
    }
    const small = size <= POINTER_MAX_BYTES ? await project.files.readFile(temporary) : null;
    return small && (small.length === 0 || decodePointer(small)) ? small : await store(project, temporary);
  } finally {
    await unlinkQuietly(project.files, temporary);
  }
}

/** Durable before git writes the pointer. */
async function store(project: FilterProject, path: string): Promise<Uint8Array> {
  const session = await project.store.begin();
  try {
    const stored = await session.add(path);
    await session.commit();
    return encodePointer(stored);
  } catch (error) {
    await session.abort();
    throw error;
  }
}

/** The content that a pointer stands for; anything else, and a pointer to content we do not have, passes through. */
export async function* smudge(
  project: FilterProject,
  path: string,
  content: Content,
  warn: (line: string) => void
): AsyncGenerator<Uint8Array> {
  const head: Uint8Array[] = [];
  let size = 0;
  for await (const piece of content) {
    if (size > POINTER_MAX_BYTES) {
      yield piece;
      continue;
    }
    head.push(piece);
    size += piece.length;
    if (size > POINTER_MAX_BYTES) {
      yield* head;
    }
  }
  if (size > POINTER_MAX_BYTES) {
    return;
  }
  const pointer = decodePointer(joined(head, size));
  // Known but damaged must fail aloud, not look like content that was never here.
  if (pointer && ((await project.store.has(pointer.sha256)) || (await project.store.info(pointer.sha256)))) {
    yield* project.store.read(pointer.sha256);
    return;
  }
  if (pointer) {
    warn(
      `branchbook: the content of ${path} (${pointer.sha256.slice(0, 12)}) is not here; its pointer was written instead. ` +
        'When a remote has it, `branchbook get PATH` brings it.'
    );
  }
  yield* head;
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/**
 * Serve git until it closes the stream. FORMAT_INVALID when the other side does not speak version 2. git closes it when it
 * ends, with its index written: until then no collector may take what git has stored but does not refer to yet.
 */
export async function filterProcess(project: FilterProject, streams: FilterStreams): Promise<void> {
  const reader = new PacketReader(streams.input);
  await shakeHands(reader, streams);
  let release: Release | null = null;
  try {
    for (let request = await reader.readLines(); request !== undefined; request = await reader.readLines()) {
      const lines = request;
      const value = (key: string): string =>
        lines.find(line => line.startsWith(`${key}=`))?.slice(key.length + 1) ?? '';
      if (value('command') === 'clean') {
        release ??= await project.store.hold();
      }
      await answer(project, reader, streams, value('command'), value('pathname'));
    }
  } finally {
    await release?.();
  }
}

async function shakeHands(reader: PacketReader, streams: FilterStreams): Promise<void> {
  const hello = await reader.readLines();
  if (hello?.[0] !== 'git-filter-client' || !hello.includes('version=2')) {
    throw new BranchbookError(
      'FORMAT_INVALID',
      'This command talks to git, and whoever started it is not git.',
      { format: 'git filter protocol', reason: 'no version=2' },
      'git starts it by itself: `branchbook init` sets it up.'
    );
  }
  await send(streams, ['git-filter-server', 'version=2']);
  const offered = (await reader.readLines()) ?? [];
  await send(
    streams,
    offered.filter(line => line === 'capability=clean' || line === 'capability=smudge')
  );
}

async function send(streams: FilterStreams, lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    await streams.write(encodeLine(line));
  }
  await streams.write(FLUSH_PACKET);
}

/** A failure is this file's failure only; git goes on with the next, or stops, as `filter.lfs.required` says. */
async function answer(
  project: FilterProject,
  reader: PacketReader,
  streams: FilterStreams,
  command: string,
  path: string
): Promise<void> {
  const content = reader.readContent();
  const sender = new ContentSender(streams);
  let started = false;
  try {
    const output = command === 'clean' ? [await clean(project, content)] : smudge(project, path, content, streams.warn);
    for await (const piece of output) {
      started ||= await begin(streams);
      await sender.send(piece);
    }
    started ||= await begin(streams);
    await streams.write(FLUSH_PACKET);
    // An empty list: the status sent first still holds.
    await streams.write(FLUSH_PACKET);
  } catch (error) {
    await drain(content);
    const { message, hint } = BranchbookError.from(error);
    streams.warn(`branchbook: ${path}: ${message} ${hint}`.trimEnd());
    if (started) {
      await streams.write(FLUSH_PACKET);
    }
    await send(streams, ['status=error']);
  }
}

async function begin(streams: FilterStreams): Promise<true> {
  await send(streams, ['status=success']);
  return true;
}

/** Sends content in few large writes, all from one buffer. */
class ContentSender {
  private _buffer = new Uint8Array();

  constructor(private readonly _streams: FilterStreams) {}

  async send(bytes: Uint8Array): Promise<void> {
    if (packedLength(bytes.length) > this._buffer.length) {
      this._buffer = new Uint8Array(packedLength(bytes.length));
    }
    await this._streams.write(encodePackets(bytes, this._buffer));
  }
}

/** git sends the whole file before it listens. */
async function drain(content: AsyncGenerator<Uint8Array>): Promise<void> {
  for await (const piece of content) {
    void piece;
  }
}
