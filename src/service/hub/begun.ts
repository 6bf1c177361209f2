/** The same bytes, of which the first `most` are here when this resolves, or all of them: what is short needs no more waiting. */
export async function begun(body: AsyncIterable<Uint8Array>, most: number): Promise<AsyncIterable<Uint8Array>> {
  const pieces = body[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  for (let size = 0; size < most;) {
    const next = await pieces.next();
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
