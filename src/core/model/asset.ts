/** Assets: versioned large files. In git an asset is a pointer; on disk it is the real file. */

/** 64 lower-case hexadecimal digits. */
export type Sha256 = string;

/** A Merkle hash in the Xet specification's spelling (8-byte groups printed as little-endian numbers). */
export type XetHash = string;

/** What a Git LFS v1 pointer says. */
export type Pointer = {
  readonly sha256: Sha256;
  /** Bytes of the real file. */
  readonly size: number;
};

export type AssetKind = 'dataset' | 'model' | 'metrics' | 'image' | 'file';

/** What the store knows of one stored file. */
export type StoredFile = {
  readonly sha256: Sha256;
  readonly xetHash: XetHash;
  readonly size: number;
  readonly chunks: number;
};

/** What storing one file did. */
export type PutResult = StoredFile & {
  /** Bytes (uncompressed) of chunks that the store did not have before. */
  readonly newBytes: number;
};

/** Which notebook and cell made a version, with which software. Recorded as commit trailers. */
export type Provenance = {
  /** Path of the notebook or script relative to the project root. */
  readonly notebook?: string;
  readonly cell?: string;
  /** For example `python3 (CPython 3.11.7)`. */
  readonly kernel?: string;
  /** Library name to version. */
  readonly libraries?: { readonly [name: string]: string };
};

/** Facts about an asset's content that the client knew when it wrote it. */
export type AssetFacts = {
  readonly path: string;
  /** Rows and columns of a table; shape of an array. */
  readonly rows?: number;
  readonly columns?: number;
  readonly shape?: readonly number[];
  /** How the object was written, so that `get` gives the same type back: `pandas`, `polars`, `pyarrow`, `numpy`, … */
  readonly type?: string;
};
