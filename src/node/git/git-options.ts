import type { IProcesses } from '../../core/port';
import type { Environment } from '../process/environment';

/** How a repository is opened. */
export type GitOptions = {
  /** Default: this process's environment. */
  readonly environment?: Environment;
  readonly processes?: IProcesses;
  /** Default: the time. For reflogs and relative dates. */
  readonly now?: () => Date;
  /** Users whose repositories are opened. Default: this user and root; null = all. */
  readonly trusted?: ReadonlySet<number> | null;
};
