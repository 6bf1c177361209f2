import type { IPlaces } from './place';
import type { Creation, IProject, IClock, IRandom } from './project';
import type { IFileSystem } from './file-system';

/** What verbs work with that need no project: who the user is to places, and the folder they stand in. */
export interface IAccount {
  /** Absolute path of an existing folder. */
  readonly cwd: string;
  readonly files: IFileSystem;
  readonly clock: IClock;
  readonly random: IRandom;
  readonly places: IPlaces;
  /** The project that holds `cwd`; null when none does. */
  project(): Promise<IProject | null>;
  /**
   * The project at `root`; with `create`, of the git repository there (made when there is none), although `init` has
   * not run yet: `here` makes one in that very folder, also inside another repository. NOT_A_PROJECT.
   */
  open(root: string, options?: { readonly create?: Creation }): Promise<IProject>;
}
