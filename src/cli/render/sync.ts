/** clone, join, pull, push, remote in words. */
import { formatBytes } from '../../core/format/bytes';
import { offerFacts } from '../../core/model/grant-words';
import type { SnapshotInfo } from '../../core/model/snapshot';
import type {
  CloneResult,
  JoinResult,
  PullResult,
  PushResult,
  RemoteCheck,
  RemoteResult,
  Transfer
} from '../../core/model/sharing';
import { renderMerge } from './merge';
import { count, formatTime, joinLines, origin, shortId, table } from './words';
import type { Style } from './words';

/** Snapshots that are listed one by one. */
const SHOWN = 10;

export function renderClone({ root, branch, transfer, absent, notices }: CloneResult, style: Style): string {
  return joinLines(
    `${style.bold(root)} is a project now, on ${style.bold(branch)}${travelled(transfer)}.`,
    absent.assets > 0 &&
      `${count(absent.assets, 'asset')} (${formatBytes(absent.bytes)}) ${absent.assets === 1 ? 'is' : 'are'} not here yet: ` +
        '`branchbook get PATH` brings one, `branchbook switch BRANCH --all` all of them.',
    ...notices
  );
}

export function renderJoin({ done, clone, root, joined, offer }: JoinResult, style: Style): string {
  if (offer) {
    return joinLines(done, table(offerFacts(offer).map(([what, words]) => [style.dim(what), words])));
  }
  const documents = joined.workspace?.documents ?? [];
  return joinLines(
    done,
    clone && renderClone(clone, style),
    root !== null && clone === null && `Your clone in ${style.bold(root)} is used.`,
    root !== null && documents.length > 0 && `Start with ${documents.map(style.bold).join(', ')}.`
  );
}

export function renderPull(result: PullResult, style: Style): string {
  const { incoming, merged, remote, ahead, behind, transfer, notices } = result;
  const what =
    incoming.length === 0
      ? `Nothing is new at ${style.bold(remote)}.`
      : `${countOf(incoming)} from ${style.bold(remote)}${travelled(transfer)}:`;
  return joinLines(
    what,
    snapshots(incoming, style),
    merged && renderMerge(merged, style),
    standing(ahead, behind),
    ...notices
  );
}

export function renderPush(result: PushResult, style: Style): string {
  const { pushed, address, pulled, transfer, notices } = result;
  const rows = pushed.map(({ name, from, to, snapshots: number }) => [
    style.bold(name),
    count(number, 'snapshot'),
    style.dim(`${from === null ? 'new' : shortId(from)} → ${shortId(to)}`)
  ]);
  return joinLines(
    pulled && renderPull(pulled, style),
    pushed.length > 0 && `Pushed to ${style.bold(address)}${travelled(transfer)}:`,
    table(rows),
    ...notices
  );
}

export function renderRemote({ remotes, check }: RemoteResult, style: Style): string {
  if (check) {
    return renderCheck(check, style);
  }
  const rows = remotes.map(({ name, address, assets, isUpstream }) => [
    isUpstream ? style.green('*') : '',
    style.bold(name),
    address,
    style.dim(assets === 'place' ? '' : `assets: ${assets}`)
  ]);
  return remotes.length === 0
    ? 'This project is not shared anywhere yet: `branchbook push --to PLACE/NAMESPACE` publishes it.'
    : table(rows);
}

function renderCheck(check: RemoteCheck, style: Style): string {
  const { remote, upstream, right, canPush, reason, label, people, requests, incoming } = check;
  const others = people.map(({ displayName, branch }) =>
    branch === null ? displayName : `${displayName} (${branch})`
  );
  return joinLines(
    `${style.bold(remote.name)}  ${remote.address}`,
    upstream === null ? 'This branch is not there yet.' : standing(check.ahead, check.behind) || 'In step.',
    snapshots(incoming, style),
    right !== null && `You may ${right}${label === 'protected' ? '; what is here is protected' : ''}.`,
    !canPush && style.yellow(`You cannot push this branch: ${reason ?? 'the place does not allow it'}`),
    others.length > 0 && `Here now: ${others.join(', ')}.`,
    requests > 0 && `${count(requests, 'request')} for access ${requests === 1 ? 'waits' : 'wait'} for your answer.`
  );
}

/** How much came or went; where the other side had most of it already, what really travelled. */
function travelled({ contents, bytes, transferred }: Transfer): string {
  const saved = transferred < bytes ? `, of which ${formatBytes(transferred)} travelled` : '';
  return contents === 0 ? '' : ` (${count(contents, 'asset version')}, ${formatBytes(bytes)}${saved})`;
}

function countOf(incoming: readonly SnapshotInfo[]): string {
  const authors = [...new Set(incoming.map(({ author }) => author.name))].slice(0, 3).join(', ');
  return `${count(incoming.length, 'snapshot')} by ${authors}`;
}

function snapshots(incoming: readonly SnapshotInfo[], style: Style): string {
  const shown = incoming.slice(0, SHOWN);
  const rows = shown.map(snapshot => [
    style.yellow(shortId(snapshot.id)),
    formatTime(snapshot.time),
    snapshot.subject,
    style.dim(origin(snapshot))
  ]);
  return joinLines(table(rows), incoming.length > SHOWN && `  … and ${incoming.length - SHOWN} more`);
}

function standing(ahead: number, behind: number): string {
  const parts = [
    ahead > 0 && `${count(ahead, 'snapshot')} to push`,
    behind > 0 && `${count(behind, 'snapshot')} to pull`
  ];
  const said = parts.filter(part => part !== false).join(', ');
  return said === '' ? '' : `${said}.`;
}
