/** Moving, making and deleting refs while the work tree stays: journalled, so that it happens together with its log. */
import type { Head, RefChange } from '../model/git';
import type { IProject } from '../port';
import { guardStaging, publish } from './publish';

export type RefMove = {
  /** HEAD as the caller saw it. */
  readonly before: Head;
  /** When HEAD itself moves. */
  readonly head?: Head;
  readonly refs: readonly RefChange[];
  readonly verb: string;
  readonly description: string;
  readonly reflog: string;
};

/** REF_CONFLICT, LOCKED; nothing has changed then. */
export async function changeRefs(project: IProject, move: RefMove): Promise<void> {
  const transaction = await project.git.begin();
  const id = project.random.hex(8);
  const { head = null, ...rest } = move;
  const nothing = { steps: [], index: [], files: [], workTree: 'stay' } as const;
  await guardStaging(project, id, transaction, () =>
    publish(project, transaction, { id, head, ...rest, ...nothing }, {})
  );
}
