import type { Commit, Signature } from '../model/git';
import type { SnapshotInfo } from '../model/snapshot';
import { provenanceOf, subjectOf, textOf } from '../model/trailer';

/** A commit as people and programs see it. */
export function toSnapshotInfo(commit: Commit): SnapshotInfo {
  return {
    id: commit.oid,
    subject: subjectOf(commit.message),
    message: textOf(commit.message),
    author: { name: commit.author.name, email: commit.author.email },
    time: toIsoTime(commit.author),
    provenance: provenanceOf(commit.message)
  };
}

/** ISO 8601 with the offset of the author's clock: `2026-11-01T10:00:00+02:00`. */
export function toIsoTime({ time, offset }: Pick<Signature, 'time' | 'offset'>): string {
  const local = new Date((time + offset * 60) * 1000).toISOString().slice(0, 19);
  const two = (value: number): string => String(value).padStart(2, '0');
  const minutes = Math.abs(offset);
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}
