/** Plain data of git itself: object names, refs, trees and commits. */

/** 40 lower-case hexadecimal digits. */
export type ObjectId = string;

/** File modes a tree may hold. */
export type FileMode = '100644' | '100755' | '120000' | '160000';

export type TreeEntry = {
  /** POSIX path relative to the project root, no leading slash, NFC as stored in git. */
  readonly path: string;
  readonly mode: FileMode;
  readonly oid: ObjectId;
};

/** One line of a tree: a file, a link, a submodule or a folder (`40000`). */
export type TreeItem = { readonly name: string; readonly mode: FileMode | '40000'; readonly oid: ObjectId };

/** One path that differs between two trees. `from` is missing for an added path, `to` for a removed one. */
export type TreeChange = {
  readonly path: string;
  readonly from: TreeEntry | null;
  readonly to: TreeEntry | null;
};

export type Person = {
  readonly name: string;
  readonly email: string;
};

export type Signature = Person & {
  /** Seconds since 1970-01-01T00:00:00Z. */
  readonly time: number;
  /** Minutes east of UTC: +120 for +0200. */
  readonly offset: number;
};

export type Commit = {
  readonly oid: ObjectId;
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  readonly author: Signature;
  readonly committer: Signature;
  /** Whole message, trailers included. */
  readonly message: string;
};

/** Where HEAD stands. `commit` is null on an unborn branch. */
export type Head =
  | { readonly kind: 'branch'; readonly branch: string; readonly commit: ObjectId | null }
  | { readonly kind: 'detached'; readonly commit: ObjectId };

export type Ref = {
  /** Full name, for example `refs/heads/main`. */
  readonly name: string;
  readonly commit: ObjectId;
  /** What the ref itself holds: the commit, or an annotated tag that leads to it. */
  readonly object: ObjectId;
};

/** A compare-and-swap of one ref. null means "does not exist". */
export type RefChange = {
  readonly name: string;
  readonly from: ObjectId | null;
  readonly to: ObjectId | null;
};
