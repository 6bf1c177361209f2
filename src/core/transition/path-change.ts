import type { TreeEntry } from '../model/git';
import type { Target } from './content';

/** One path of the work tree that should become something else. */
export type PathChange = {
  readonly path: string;
  /** What HEAD has there; a file that equals it is unmodified. */
  readonly from: TreeEntry | null;
  /** What the index should have there afterwards. */
  readonly entry: TreeEntry | null;
  /** What the work tree should have there afterwards. */
  readonly to: Target | null;
};
