import type { ObjectId, RefChange } from '../model/git';
import type { Pointer } from '../model/asset';
import type { GitRemote } from './place';
import type { Activity } from './progress';

/** The branches and tags that a remote has. */
export type RemoteRefs = {
  /** The branch its HEAD names; null when there is none. */
  readonly head: string | null;
  /** Full names (`refs/heads/…`, `refs/tags/…`) to what they hold: a commit, or an annotated tag. */
  readonly refs: ReadonlyMap<string, ObjectId>;
  /** Names that no repository could hold beside the others; they are left alone. */
  readonly refused: readonly string[];
};

/**
 * Histories over a wire, spoken by git itself. Nothing of the project's own configuration is believed: it may have come from
 * anybody. Failures: PLACE_UNREACHABLE, SIGNED_OUT, FORBIDDEN, PLACE_UNKNOWN, FORMAT_INVALID when the other side makes no
 * sense, ADDRESS_INVALID, CANCELLED, IO.
 */
export interface ITransport {
  list(remote: GitRemote, activity: Activity): Promise<RemoteRefs>;
  /** What every ref holds that the remote tells of, also those that are neither branches nor tags. Each once. */
  tips(remote: GitRemote, activity: Activity): Promise<readonly ObjectId[]>;
  /**
   * Bring these objects and all they lead to. Checked, complete and durable on return; no ref is changed. They are safe
   * from git's cleaning for two weeks: the caller makes refs for them at once.
   */
  fetch(remote: GitRemote, objects: readonly ObjectId[], activity: Activity): Promise<void>;
  /**
   * Move refs of the remote, all or none, each only from the value it is said to have. PUSH_REJECTED when one has
   * another; FORBIDDEN with the remote's own words when it does not want to.
   */
  push(remote: GitRemote, changes: readonly RefChange[], activity: Activity): Promise<void>;
  /**
   * Bring contents with git-lfs to files below a folder, as `<folder>/objects/<2>/<2>/<sha256>`. Those that the remote does not
   * have are missing afterwards.
   */
  fetchLfs(remote: GitRemote, pointers: readonly Pointer[], folder: string, activity: Activity): Promise<void>;
  /** Send contents with git-lfs that lie below a folder as above. What the remote has does not travel again. */
  pushLfs(remote: GitRemote, pointers: readonly Pointer[], folder: string, activity: Activity): Promise<void>;
}
