/** What the verbs that keep a project in order take and give. */

export type CheckArgs = {
  /** Also read the stored bytes and compare them with their hashes. */
  readonly readData?: boolean;
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

export type CheckResult = {
  readonly findings: readonly CheckFinding[];
  readonly commits: number;
  readonly assets: number;
  /** Bytes of all asset versions. */
  readonly bytes: number;
};
