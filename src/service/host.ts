import type { IProjects } from '../cli/context';
import type { AccountOperations, Operations } from '../core/operation';
import type { Activity, IClock, IFileSystem, IPlaces, IRandom, OpenProject } from '../core/port';
import type { CommandRequest, CommandResponse } from './protocol';

/** What the service needs from the composition root. */
export interface ICoreHost {
  /** Version of this core. */
  readonly version: string;
  readonly files: IFileSystem;
  readonly operations: Operations;
  readonly accountOperations: AccountOperations;
  readonly clock: IClock;
  readonly random: IRandom;
  /** Shared by all projects. */
  readonly places: IPlaces;
  /** Absolute path of the project that holds `path` (a file or folder); null when it is in none. */
  findRoot(path: string): Promise<string | null>;
  readonly openProject: OpenProject;
  /** The command line with its output captured. */
  runCommand(request: CommandRequest, projects: IProjects, activity: Activity): Promise<CommandResponse>;
}
