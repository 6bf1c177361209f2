/** Contents to a remote, before any ref there may name them. */
import { BranchbookError } from '../error';
import type { Sha256 } from '../model/asset';
import type { Label } from '../model/access';
import { labels } from '../model/access';
import type { Transfer } from '../model/sharing';
import type { Activity, IGit, IProject } from '../port';
import { sendContents } from '../sync/send-contents';
import { bringContents, missingContent, noTransfer } from './bring-contents';
import { sendToLfs } from './lfs-contents';
import type { OpenedRemote } from './open-remote';
import type { NamedPointer } from './pointers';

/**
 * Send what the remote lacks. ASSET_MISSING when a content is neither there nor to be had: then nothing may be pushed that
 * names it. Also QUOTA_EXCEEDED, OBJECT_CORRUPT, and what talking to the remote throws.
 */
export async function sendContentsOf(
  project: IProject,
  { assets, history, elsewhere }: OpenedRemote,
  contents: ReadonlyMap<Sha256, NamedPointer>,
  activity: Activity
): Promise<Transfer> {
  const asked = assets && contents.size > 0;
  const there = asked ? await assets.keep([...contents.keys()], { ...activity, elsewhere }) : new Set<Sha256>();
  const lacking = [...contents.values()].filter(({ pointer }) => !there.has(pointer.sha256));
  if (lacking.length === 0) {
    return noTransfer;
  }
  const pointers = lacking.map(({ pointer }) => pointer);
  const { missing, problems } = await bringContents(project, pointers, activity);
  if (missing.length > 0) {
    const [first] = missing;
    throw missingContent(first!.sha256, contents.get(first!.sha256)!.path, problems);
  }
  const names = pointers.map(({ sha256 }) => sha256);
  return assets
    ? sendContents(project.store, assets, names, activity)
    : sendToLfs(project, history, pointers, activity);
}

const SETTING = 'branchbook.label';

/** The label of what this clone holds. */
export async function labelOf(git: IGit): Promise<Label> {
  const setting = await git.config(SETTING);
  return labels.find(label => label === setting) ?? 'unclassified';
}

/** Remember that labelled work came in; a label never goes down by itself. */
export async function raiseLabel(git: IGit, { shared }: OpenedRemote): Promise<void> {
  const label = shared?.record.label ?? 'unclassified';
  if (labels.indexOf(label) > labels.indexOf(await labelOf(git))) {
    await git.setConfig(SETTING, label);
  }
}

/** LABEL_REFUSED when this clone's work would go where its label is not kept. */
export async function refuseLowerLabel(git: IGit, { shared, address }: OpenedRemote): Promise<void> {
  const label = await labelOf(git);
  const there = shared?.record.label ?? 'unclassified';
  if (labels.indexOf(label) > labels.indexOf(there)) {
    const reason = `${address} is ${shared ? there : 'not labelled'}`;
    throw new BranchbookError(
      'LABEL_REFUSED',
      `This project holds ${label} work, and ${reason}. Nothing was sent.`,
      { label, reason },
      `Push to a project that is labelled ${label}, or have an owner label that one so.`
    );
  }
}
