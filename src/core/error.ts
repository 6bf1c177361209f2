/**
 * The one error table. Every failure a caller can meet is a row here: its code, its HTTP status, the exit code
 * of the command line, and whether trying again unchanged can help.
 */

type ErrorRow = {
  /** HTTP status the service answers with. */
  readonly status: number;
  /** Exit code of the command line: 1 failed, 2 usage, 3 a conflict that needs a decision. */
  readonly exit: 1 | 2 | 3;
  /** True when the same call may succeed later without any change by the caller. */
  readonly retryable: boolean;
};

const row = (status: number, exit: 1 | 2 | 3 = 1, retryable = false): ErrorRow => ({ status, exit, retryable });

export const errorTable = {
  /** The folder is not inside a Branchbook project (or not a git repository at all). */
  NOT_A_PROJECT: row(404),
  /** `init` found something it cannot manage (bare repository, unsupported repository format). */
  REPOSITORY_UNSUPPORTED: row(422),
  /** No user.name / user.email is configured; data: {}. */
  IDENTITY_MISSING: row(428),
  /** HEAD points to a branch with no commit yet. */
  UNBORN_HEAD: row(409),
  /** The operation needs a branch, HEAD is detached. */
  DETACHED_HEAD: row(409),
  BRANCH_EXISTS: row(409),
  BRANCH_UNKNOWN: row(404),
  /** data: { name, reason } */
  BRANCH_NAME_INVALID: row(400, 2),
  /** Deleting would lose commits that no other ref has; data: { name, commits }. */
  BRANCH_NOT_MERGED: row(409, 3),
  /** The branch is checked out (here or in a worktree). */
  BRANCH_IN_USE: row(409),
  /** data: { revision } */
  REVISION_UNKNOWN: row(404),
  /** data: { revision, candidates } */
  REVISION_AMBIGUOUS: row(400, 2),
  /** An address (`path@rev`) that cannot be parsed. */
  ADDRESS_INVALID: row(400, 2),
  /** data: { path } */
  PATH_UNKNOWN: row(404),
  /** A path outside the project, inside .git, or not representable; data: { path, reason }. */
  PATH_UNSAFE: row(400, 2),
  /** data: { path, reason } */
  FILE_UNREADABLE: row(422),
  /** A file kept changing while it was snapshotted; data: { path, attempts }. */
  FILE_CHANGED: row(409, 1, true),
  /** A notebook is half-written (an editor is saving it); data: { path }. */
  NOTEBOOK_TORN: row(409, 1, true),
  /** Two paths differ only in case on a file system that cannot hold both; data: { paths }. */
  CASE_COLLISION: row(409),
  /** Files would have to be moved to another file system, which cannot be done in one step; data: { path }. */
  CROSS_DEVICE: row(409),
  /** Unsnapshotted changes would be overwritten; data: { paths: [{ path, reason }] }. */
  WORK_TREE_DIRTY: row(409, 3),
  /** git is in the middle of a merge, rebase, cherry-pick or bisect; data: { state }. */
  OPERATION_IN_PROGRESS: row(409),
  /** data: { conflicts: [{ path, kind, reason }], ours, theirs, base } */
  MERGE_CONFLICT: row(409, 3),
  /** Tables break rules of their schemas that are marked `fail`; data: { anomalies }. */
  SCHEMA_VIOLATED: row(409, 3),
  /** The table has a schema file, and what people wrote there is not overwritten; data: { path }. */
  SCHEMA_EXISTS: row(409, 3),
  NOTHING_TO_SNAPSHOT: row(409),
  NOTHING_TO_UNDO: row(409),
  /** The undo would lose later work; data: { reason }. */
  UNDO_REFUSED: row(409, 3),
  /** A ref moved while we worked; data: { ref }. */
  REF_CONFLICT: row(409, 1, true),
  /** Another program holds git's lock file or ours; data: { path, heldBy?, verb? }. */
  LOCKED: row(423, 1, true),
  /** Content of an asset is not in any store we can reach; data: { sha256, path? }. */
  ASSET_MISSING: row(404),
  /** Stored bytes do not match their hash; data: { sha256?, chunk?, xorb?, repair }. */
  OBJECT_CORRUPT: row(500),
  /** Something that a version needs is damaged or missing, so nothing may be deleted; data: { reason }. */
  PROJECT_DAMAGED: row(409),
  /** A format written by a newer Branchbook; data: { found, supported }. */
  FORMAT_TOO_NEW: row(422),
  /** Bytes that do not decode as the format they should be; data: { format, reason }. */
  FORMAT_INVALID: row(422),
  /** data: { needed, available } in bytes, when known. */
  DISK_FULL: row(507, 1, true),
  PERMISSION_DENIED: row(403),
  CANCELLED: row(499),
  /** A failure at or after the point of publication: the effect may or may not have happened. */
  OUTCOME_UNKNOWN: row(500),
  /** Arguments that do not fit the operation; data: { argument, reason }. */
  USAGE: row(400, 2),
  /** Client and core are of versions that cannot talk; data: { client, core }. */
  VERSION_MISMATCH: row(426),
  /** DuckDB, which reads tables, has no binary for this machine; data: { platform, arch, reason }. */
  TABLES_UNAVAILABLE: row(501),
  /** Loading needs to unpickle content whose origin is not trusted; data: { path, revision }. */
  UNTRUSTED_PICKLE: row(403, 3),
  /** No folder, bucket or hub of ours is at that address; data: { place }. */
  PLACE_UNKNOWN: row(404),
  /** It does not answer; data: { place, reason }, and `seconds` to wait when it says so. */
  PLACE_UNREACHABLE: row(503, 1, true),
  /** The place wants to know who it is; data: { place }. */
  SIGNED_OUT: row(401),
  /** data: { place, reason } */
  SIGN_IN_FAILED: row(401),
  /** Too many requests or attempts; data: { seconds } to wait. */
  RATE_LIMITED: row(429, 1, true),
  /** The other side has waited too long for what was sent. */
  TOO_SLOW: row(408, 1, true),
  /** Somebody who is known may not do this; data: { right, object, because }. */
  FORBIDDEN: row(403),
  /** data: { namespace } */
  NAMESPACE_UNKNOWN: row(404),
  NAMESPACE_EXISTS: row(409),
  /** It still has projects; data: { projects }. */
  NAMESPACE_NOT_EMPTY: row(409, 3),
  /** A namespace or project cannot be called so; data: { name, reason }. */
  NAME_INVALID: row(400, 2),
  /** data: { namespace, project } */
  PROJECT_UNKNOWN: row(404),
  PROJECT_EXISTS: row(409),
  /** No such member, grant, link, request or compute endpoint; data: { what, name }. */
  ENTRY_UNKNOWN: row(404),
  ENTRY_EXISTS: row(409),
  /** A namespace keeps at least one owner; data: { namespace }. */
  LAST_OWNER: row(409),
  /** What is labelled would flow to where the label is lower; data: { label, reason }. */
  LABEL_REFUSED: row(403, 3),
  /** data: { quota, used, needed } */
  QUOTA_EXCEEDED: row(413),
  /** A link that is unknown, expired, revoked or used up; which of them is not told. */
  LINK_INVALID: row(404),
  /** The branch moved at the remote; data: { ref, remote, behind }. */
  PUSH_REJECTED: row(409, 3),
  /** data: { name } */
  REMOTE_UNKNOWN: row(404),
  REMOTE_EXISTS: row(409),
  /** A conditional write met something else than expected; data: { key }. */
  CONDITION_FAILED: row(412, 1, true),
  /** No JupyterHub, endpoint or cluster to do this with; data: { reason }. */
  COMPUTE_UNAVAILABLE: row(501),
  IO: row(500, 1, true),
  INTERNAL: row(500)
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

/** JSON values only, so that an error survives a process boundary. */
export type ErrorData = { readonly [key: string]: unknown };

/** The plain form that travels: `--json`, HTTP bodies, worker messages. */
export type SerializedError = {
  readonly code: ErrorCode;
  readonly message: string;
  readonly data: ErrorData;
  /** What the user can do next, one sentence; empty when there is nothing to add to the message. */
  readonly hint: string;
};

/** A failure with a row in the error table. `message` says what happened, `hint` what to do next. */
export class BranchbookError extends Error {
  override readonly name = 'BranchbookError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly data: ErrorData = {},
    readonly hint: string = ''
  ) {
    super(message);
  }

  get status(): number {
    return errorTable[this.code].status;
  }

  get exit(): 1 | 2 | 3 {
    return errorTable[this.code].exit;
  }

  get retryable(): boolean {
    return errorTable[this.code].retryable;
  }

  toJSON(): SerializedError {
    return { code: this.code, message: this.message, data: this.data, hint: this.hint };
  }

  static fromJSON(error: SerializedError): BranchbookError {
    const code = Object.hasOwn(errorTable, error.code) ? error.code : 'INTERNAL';
    return new BranchbookError(code, error.message, error.data ?? {}, error.hint ?? '');
  }

  /** Narrow an unknown failure; anything without a row becomes INTERNAL. */
  static from(error: unknown): BranchbookError {
    if (error instanceof BranchbookError) {
      return error;
    }
    if (error instanceof Error && (error.name === 'AbortError' || error.name === 'CancelledError')) {
      return new BranchbookError('CANCELLED', 'The operation was cancelled; nothing was changed.');
    }
    const internal = new BranchbookError('INTERNAL', error instanceof Error ? error.message : String(error));
    internal.cause = error;
    return internal;
  }
}

/** True when `error` is a BranchbookError with one of the given codes. */
export function hasCode(error: unknown, ...codes: readonly ErrorCode[]): error is BranchbookError {
  return error instanceof BranchbookError && codes.includes(error.code);
}
