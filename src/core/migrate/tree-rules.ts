/** `.gitattributes` of a tree with more rules. */
import { BranchbookError } from '../error';
import type { ObjectId } from '../model/git';
import { appendRules, ATTRIBUTES_FILE } from '../operation/asset-rule';
import type { IObjectBatch, IProject, NewTreeEntry } from '../port';

/** The entry for the root of `tree`; null when all rules are there. PATH_UNSAFE when it is a link. */
export async function attributesWith(
  project: IProject,
  tree: ObjectId,
  rules: readonly string[],
  batch: IObjectBatch
): Promise<NewTreeEntry | null> {
  const entry = await project.git.entry(tree, ATTRIBUTES_FILE);
  if (entry && !entry.mode.startsWith('100')) {
    const reason = 'it is not a regular file in the history';
    throw new BranchbookError('PATH_UNSAFE', `${ATTRIBUTES_FILE}: ${reason}.`, { path: ATTRIBUTES_FILE, reason });
  }
  const bytes = entry ? await project.git.readBlob(entry.oid) : new Uint8Array();
  const text = new TextDecoder('utf-8').decode(bytes);
  const present = new Set(text.split(/\r?\n/));
  const missing = [...new Set(rules)].filter(rule => !present.has(rule));
  if (missing.length === 0) {
    return null;
  }
  // What is there stays byte for byte, in whatever encoding it is.
  const added = new TextEncoder().encode(appendRules(text, missing).slice(text.length));
  const edited = new Uint8Array(bytes.length + added.length);
  edited.set(bytes);
  edited.set(added, bytes.length);
  return { mode: entry?.mode ?? '100644', oid: await batch.write(edited) };
}
