import type { Sha256 } from '../../core/model/asset';
import type { Deduplication } from '../../core/model/maintenance';
import type { Catalog, FileRecord } from './catalog';

/** Marks chunks by the place they are stored at. */
class Marks {
  private readonly _marks = new Map<number, Uint8Array>();

  constructor(private readonly _catalog: Catalog) {}

  add({ terms }: FileRecord): void {
    for (const { xorb, start, end } of terms) {
      const marks = this._marks.get(xorb) ?? new Uint8Array(this._catalog.xorbs[xorb]!.listing?.chunks ?? 0);
      this._marks.set(xorb, marks.fill(1, start, end));
    }
  }

  /** Bytes of chunks that were not marked yet. */
  async addCounting({ terms }: FileRecord): Promise<number> {
    let added = 0;
    for (const { xorb, start, end } of terms) {
      const marks = this._marks.get(xorb) ?? new Uint8Array(this._catalog.xorbs[xorb]!.listing?.chunks ?? 0);
      this._marks.set(xorb, marks);
      // Most terms are there already: those need no look at their chunks.
      if (marks.subarray(start, end).includes(0)) {
        const chunks = await this._catalog.chunks(xorb);
        for (let index = start; index < end; index++) {
          added += marks[index] === 0 ? chunks.length(index) : 0;
        }
        marks.fill(1, start, end);
      }
    }
    return added;
  }

  has(xorb: number, index: number): boolean {
    return this._marks.get(xorb)?.[index] === 1;
  }

  /** Bytes of all marked chunks. */
  async bytes(): Promise<number> {
    let bytes = 0;
    for (const [xorb, marks] of this._marks) {
      const chunks = await this._catalog.chunks(xorb);
      marks.forEach((marked, index) => (bytes += marked ? chunks.length(index) : 0));
    }
    return bytes;
  }
}

/** Bytes that each content has and none before it had; null for contents that are not known. */
export async function addedBytes(catalog: Catalog, contents: readonly Sha256[]): Promise<readonly (number | null)[]> {
  await catalog.refresh();
  const before = new Marks(catalog);
  const added: (number | null)[] = [];
  for (const sha256 of contents) {
    const [record] = catalog.records(sha256);
    added.push(record ? await before.addCounting(record) : null);
  }
  return added;
}

/** What `sha256` shares with other contents, and what `versions` take together. null when the content is not known. */
export async function deduplicationOf(
  catalog: Catalog,
  sha256: Sha256,
  versions: readonly Sha256[]
): Promise<Deduplication | null> {
  await catalog.refresh();
  const [record] = catalog.records(sha256);
  if (!record) {
    return null;
  }
  const others = new Marks(catalog);
  let contents = 0;
  let bytes = 0;
  for (const [first] of catalog.files) {
    contents += 1;
    bytes += first!.size;
    if (first !== record) {
      others.add(first!);
    }
  }
  const group = new Marks(catalog);
  const known = [...new Set([sha256, ...versions])].flatMap(name => catalog.records(name)[0] ?? []);
  known.forEach(version => group.add(version));
  const storedBytes = catalog.named().reduce((sum, number) => sum + catalog.xorbs[number]!.storedBytes, 0);
  return {
    bytes: record.size,
    chunks: record.terms.reduce((sum, term) => sum + term.end - term.start, 0),
    sharedBytes: await sharedBytes(catalog, record, others),
    versions: {
      count: known.length,
      bytes: known.reduce((sum, version) => sum + version.size, 0),
      uniqueBytes: await group.bytes()
    },
    project: { contents, bytes, storedBytes }
  };
}

async function sharedBytes(catalog: Catalog, { terms }: FileRecord, others: Marks): Promise<number> {
  let shared = 0;
  for (const { xorb, start, end } of terms) {
    const chunks = await catalog.chunks(xorb);
    for (let index = start; index < end; index++) {
      shared += others.has(xorb, index) ? chunks.length(index) : 0;
    }
  }
  return shared;
}
