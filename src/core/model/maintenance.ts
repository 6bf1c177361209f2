/** What the verbs that keep a project in order take and give. */
import type { ObjectId } from './git';

export type CheckArgs = {
  /** Also read the stored bytes and compare them with their hashes. */
  readonly readData?: boolean;
  /** Read only this part of the data, `n/t`: t runs with n = 1 … t read everything. Implies `readData`. */
  readonly part?: string;
  /** Put right what can be; the findings are then what remains. */
  readonly repair?: boolean;
};

export type CheckFinding = {
  /** `error`: content is lost or cannot be trusted. `warning`: nothing is lost, but something is not as it should be. */
  readonly severity: 'error' | 'warning';
  readonly code: string;
  /** What is damaged: a pack, manifest, commit, path, or content by its SHA-256. */
  readonly object: string;
  readonly message: string;
  /** What to do about it. */
  readonly repair: string;
};

/** Something that was put right. */
export type Repair = {
  readonly object: string;
  readonly message: string;
  /** Where the good content came from. */
  readonly from: string;
};

export type CheckResult = {
  readonly findings: readonly CheckFinding[];
  readonly repaired: readonly Repair[];
  readonly commits: number;
  readonly assets: number;
  /** Bytes of all asset versions. */
  readonly bytes: number;
  /** Those that were never fetched: histories of remotes name them. */
  readonly absent: { readonly assets: number; readonly bytes: number };
};

/** What a store holds. */
export type StoreUsage = {
  /** On disk: packs and manifests. */
  readonly bytes: number;
  /** Different file contents. */
  readonly contents: number;
  readonly packs: number;
  readonly manifests: number;
};

/** Packs, and the bytes won by doing something about them. */
export type Saving = { readonly packs: number; readonly bytes: number };

/** What a collection did to the store, or would do. */
export type CollectionReport = {
  readonly before: StoreUsage;
  readonly after: StoreUsage;
  /** Nothing needed them. */
  readonly removed: { readonly contents: number; readonly packs: number; readonly bytes: number };
  /** Packs whose needed parts were put together with others; bytes saved by that. */
  readonly repacked: Saving;
  /** Packs that were raw and are compressed now; a dry run estimates the bytes from samples. */
  readonly compressed: Saving;
  /** Not needed, but kept because they are young; bytes before deduplication. */
  readonly young: { readonly contents: number; readonly bytes: number };
  /** Contents that are referred to and were never here. */
  readonly missing: number;
};

/** What a collection of a shared project's contents at its place takes … */
export type PlaceCollectionRequest = {
  readonly dryRun: boolean;
  /** Milliseconds: what nothing has needed for so long is deleted. */
  readonly grace: number;
  readonly ignoreMissing: boolean;
};

/** … and what it did, or would do. */
export type PlaceCollection = {
  readonly before: StoreUsage;
  readonly after: StoreUsage;
  readonly removed: CollectionReport['removed'];
  /** Needed by nothing, and not yet so for the grace period; bytes of packs. */
  readonly leaving: CollectionReport['young'];
  /** When a collection may delete the first of them, milliseconds since 1970; null when there is none. */
  readonly due: number | null;
  /** Contents that branches and tags lead to. */
  readonly needed: number;
  /** Those of them that the place does not have. */
  readonly missing: number;
};

export type GcArgs = {
  /** Not here but at a place: the name of a remote, or PLACE/NAMESPACE/PROJECT. */
  readonly at?: string;
  /** Only say what would be done. */
  readonly dryRun?: boolean;
  /**
   * Keep what was stored within this time, needed or not: `14d` (default), `12h`, `0d`. At a place: what somebody needed
   * within this time; at least `1d`.
   */
  readonly grace?: string;
  /** Forget operations older than this, the last hundred excepted: `90d` (default). They cannot be undone then. */
  readonly expire?: string;
  /** Contents that were never fetched are no damage. */
  readonly ignoreMissing?: boolean;
  /** Leave packs uncompressed that are so. */
  readonly noCompress?: boolean;
};

/** The last time that packs were put together and compressed while nobody worked on the project. */
export type MaintenanceReport = {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Packs that were put together or compressed, and the bytes won. */
  readonly saved: Saving;
  /** False when it was interrupted: it goes on from there. */
  readonly finished: boolean;
};

export type GcResult = CollectionReport & {
  /** The shared project whose contents were collected; null = the store here. */
  readonly at: { readonly address: string; readonly due: PlaceCollection['due'] } | null;
  readonly dryRun: boolean;
  /** Bytes won in the store and in the folder of files kept ready. */
  readonly freed: number;
  /** Contents that something refers to. */
  readonly needed: number;
  /** Operations that can no longer be undone. */
  readonly expired: number;
  /** Files kept ready for switching and `get` that were deleted; the store has what is needed of them. */
  readonly evicted: { readonly files: number; readonly bytes: number };
  readonly milliseconds: number;
  /** null when it never ran. */
  readonly maintenance: MaintenanceReport | null;
};

/** How much of a file, its versions and the project is stored only once. All in bytes before compression, but for the store. */
export type Deduplication = {
  readonly bytes: number;
  readonly chunks: number;
  /** Bytes of this version that other contents of the project have as well. */
  readonly sharedBytes: number;
  /** The versions of the file in the history of the snapshot; `uniqueBytes` counts what they share once. */
  readonly versions: { readonly count: number; readonly bytes: number; readonly uniqueBytes: number };
  /** Everything in the store, and the bytes it takes on disk. */
  readonly project: { readonly contents: number; readonly bytes: number; readonly storedBytes: number };
};

export type MigrateArgs = {
  /** Where the versions are now; exactly one of `from` and `to`. */
  readonly from?: 'lfs' | 'dvc' | 'git';
  readonly to?: 'lfs';
  /** Only tell what would happen. */
  readonly dryRun?: boolean;
  /** From lfs: delete what git-lfs keeps of contents that are now in the store, each verified before. */
  readonly dropSource?: boolean;
  /** From dvc: leave the `.dvc` files beside the assets. */
  readonly keepDvcFiles?: boolean;
  /** From git: files larger than so many bytes; default 10 MiB, or 0 with `include`. */
  readonly above?: number;
  /** From git: only files that match these patterns (as in .gitattributes). */
  readonly include?: readonly string[];
};
/** A version whose content could not be taken over. */
export type MissingVersion = {
  readonly path: string;
  /** What the other system calls it: SHA-256 or MD5. */
  readonly object: string;
  readonly reason: string;
};
export type MigrateResult = {
  readonly from: 'lfs' | 'dvc' | 'git' | 'branchbook';
  readonly to: 'branchbook' | 'lfs';
  readonly dryRun: boolean;
  /** Branches and tags that were rewritten, with what they held before and hold now; `to` is null in a dry run. */
  readonly refs: readonly { readonly name: string; readonly from: ObjectId; readonly to: ObjectId | null }[];
  /** Commits that were (or would be) written anew. */
  readonly commits: number;
  /** Paths that are assets now. */
  readonly files: number;
  /** Different contents, and their bytes. */
  readonly versions: number;
  readonly bytes: number;
  /** Bytes written: to the store those it did not have, to git-lfs whole files. */
  readonly newBytes: number;
  /** Bytes that `dropSource` freed. */
  readonly dropped: number;
  readonly missing: readonly MissingVersion[];
  readonly notices: readonly string[];
};
