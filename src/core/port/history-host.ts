/** What a hub needs to keep histories for others: git repositories without a work tree, spoken to over HTTP. */
import type { Pointer } from '../model/asset';
import type { ObjectId } from '../model/git';

/** One ref that a push wants to make, move or delete; null = there was, or shall be, none. */
export type RefUpdate = { readonly ref: string; readonly from: ObjectId | null; readonly to: ObjectId | null };

/** What a push brings, before anybody else can see it. */
export type IncomingPush = {
  readonly updates: readonly RefUpdate[];
  /** Pointers among the new objects, each once or more. FORMAT_INVALID when an object is built to hurt its reader. */
  pointers(): AsyncGenerator<Pointer>;
  /**
   * Pointers that the new refs lead to, and what they held before did not, among objects that are here already: what git
   * kept when the refs that led to it were deleted. Each once.
   */
  oldPointers(signal: AbortSignal): Promise<readonly Pointer[]>;
};

/** Somebody who decides about a push while git holds it. */
export interface IPushJudge {
  /** Why it is refused, a line for each reason; none = it is taken. A failure refuses it. */
  before(push: IncomingPush): Promise<readonly string[]>;
  /** Refs that moved. The client is told when this is done. */
  after(updates: readonly RefUpdate[]): Promise<void>;
}

export type HistoryRequest = {
  /** Folder name of the repository. */
  readonly id: string;
  readonly service: 'upload-pack' | 'receive-pack';
  /** Only tell which refs there are. */
  readonly advertise: boolean;
  /** For git's own reflog. */
  readonly user: string;
  readonly contentType: string;
  readonly contentEncoding: string;
  /** The `Git-Protocol` header. */
  readonly protocol: string;
  readonly body: AsyncIterable<Uint8Array>;
  /** Bytes that a push may bring; null = no limit. */
  readonly maxInput: number | null;
  /** Branches may be deleted, and moved to where they were not before. */
  readonly force: boolean;
  readonly judge: IPushJudge;
  readonly signal: AbortSignal;
};

export type HistoryAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** To be read to its end, or left: then git is stopped. IO when git fails or hangs. */
  readonly body: AsyncIterable<Uint8Array>;
};

export interface IHistoryHost {
  /** The repository is made when it is not there. */
  serve(request: HistoryRequest): Promise<HistoryAnswer>;
  /**
   * Bytes of the file at a path of a commit, branch or tag; null when there is none, or it is larger than `limit`.
   * REVISION_UNKNOWN.
   */
  fileAt(id: string, revision: string, path: string, limit: number): Promise<Uint8Array | null>;
  /** Every pointer that a branch or tag leads to, each once; null when there is none. PROJECT_DAMAGED when one cannot be read. */
  pointers(id: string, signal: AbortSignal): Promise<readonly Pointer[] | null>;
  /** Pack what many pushes left. */
  tidy(id: string, signal: AbortSignal): Promise<void>;
  /** Nothing is left of it. */
  remove(id: string): Promise<void>;
}
