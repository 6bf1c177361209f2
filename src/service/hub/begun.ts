/**
 * The same bytes, of which the first `most` are here when this resolves, or all of them: what is short needs no more waiting.
 * Fails with the signal's reason.
 */
export async function begun(
  body: AsyncIterable<Uint8Array>,
  most: number,
  signal: AbortSignal
): Promise<AsyncIterable<Uint8Array>> {
  const pieces = body[Symbol.asyncIterator]();
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined); // Nobody may be waiting by then.
  signal.throwIfAborted();
  const first: Uint8Array[] = [];
  for (let size = 0; size < most;) {
    const next = await Promise.race([pieces.next(), aborted]);
    if (next.done) {
      return arrive(first, null);
    }
    first.push(next.value);
    size += next.value.length;
  }
  return arrive(first, pieces);
}

async function* arrive(
  first: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array> | null
): AsyncGenerator<Uint8Array> {
  yield* first;
  if (rest) {
    yield* { [Symbol.asyncIterator]: () => rest };
  }
}
