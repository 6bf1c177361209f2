import type { IFileSystem } from './file-system';
import type { IGit } from './git';
import type { IPlaces } from './place';
import type { Activity } from './progress';
import type { IAssetStore } from './store';
import type { ITableEngine } from './tables';

export interface IClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Minutes east of UTC. */
  offset(): number;
  /** Resolve after this many milliseconds. */
  sleep(milliseconds: number): Promise<void>;
}

/** A process of this machine, named so that a later process with the same number is not mistaken for it. */
export type ProcessId = {
  readonly pid: number;
  /** When it started (boot and clock tick, where the system says so); part of the identity. */
  readonly start: string;
};

/** Who we are, and whether the process that left a lock or a journal behind still runs. */
export interface IProcesses {
  readonly self: ProcessId;
  /** Name of this machine: numbers of processes mean nothing on others, nor in other containers. */
  readonly host: string;
  isAlive(process: ProcessId): Promise<boolean>;
}

export interface IRandom {
  /** `bytes` random bytes as lower-case hexadecimal. */
  hex(bytes: number): string;
}

/** Line merge of text, three-way (diff3). null when both sides changed the same lines. */
export type TextMerge = (base: string, ours: string, theirs: string) => string | null;

/** `length` lines in a row that both texts have: at `from` in one, at `to` in the other. */
export type CommonLines = { readonly from: number; readonly to: number; readonly length: number };

/** The longest common subsequence of two lists of lines, in order. Takes time in the product of their lengths. */
export type MatchLines = (from: readonly string[], to: readonly string[]) => readonly CommonLines[];

/** `zlib` (RFC 1950), `deflate` without a header (RFC 1951), or `gzip` (RFC 1952). */
export type CompressedForm = 'zlib' | 'deflate' | 'gzip';

/** Decompress piece by piece, as far as the caller reads. FORMAT_INVALID when it is damaged or ends too early. */
export type Inflate = (source: AsyncIterable<Uint8Array>, form: CompressedForm) => AsyncGenerator<Uint8Array>;

/** The value that a YAML document describes. FORMAT_INVALID when it is not YAML. */
export type ParseYaml = (text: string) => unknown;

/**
 * MD5 of a file's bytes as 32 hexadecimal digits: names contents of DVC, proves nothing. `text`: line ends counted as
 * `\n`, as DVC did before version 3.
 */
export type Md5File = (path: string, form: 'bytes' | 'text', activity: Activity) => Promise<string>;

/** Everything an operation works on. Opened once per project by the composition root. */
export interface IProject {
  readonly root: string;
  readonly git: IGit;
  readonly files: IFileSystem;
  readonly store: IAssetStore;
  readonly tables: ITableEngine;
  /** The user's way to shared places. */
  readonly places: IPlaces;
  readonly clock: IClock;
  readonly random: IRandom;
  readonly processes: IProcesses;
  readonly mergeText: TextMerge;
  readonly matchLines: MatchLines;
  readonly inflate: Inflate;
  readonly parseYaml: ParseYaml;
  readonly md5File: Md5File;
  /** Paths of a change that are dealt with, and held in memory, at once. */
  readonly portion: number;
  /** `<commonDir>/branchbook`: store, journal, materialized, operation log. */
  readonly home: string;
  /** The argument vector that starts this program: git's filters run it. */
  readonly program: readonly string[];
  /** The same repository seen from another of its work trees. Shares the store; needs no closing. */
  at(root: string): Promise<IProject>;
  /** The store below another home, for looking only: nothing is written there. Needs no closing. FORMAT_TOO_NEW. */
  storeAt(home: string): Promise<IAssetStore>;
}

/** A project with what has to be given back (worker threads, watchers) when nobody needs it any more. */
export interface IOpenProject extends IProject {
  close(): Promise<void>;
}

/**
 * Open the project that holds an absolute path. NOT_A_PROJECT when none does; with `create`, the git repository there
 * (made when there is none) is opened although `init` has not run yet.
 */
export type OpenProject = (path: string, options?: { readonly create?: Creation }) => Promise<IOpenProject>;

/** Whether a repository is made where there is none: not, unless an enclosing one will do, or in this very folder. */
export type Creation = boolean | 'here';
