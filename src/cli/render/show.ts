import { formatBytes } from '../../core/format/bytes';
import type { SnapshotInfo, ShowResult } from '../../core/model/result';
import { shapeOf } from './versions';
import { fileList, formatTime, joinLines, table } from './words';
import type { Style } from './words';

export function renderShow(result: ShowResult, style: Style): string {
  if (result.kind === 'snapshot') {
    return joinLines(heading(result.snapshot, style), fileList(result.changes, style, 200) || 'No file changed.');
  }
  const { version, assetKind, xetHash, chunks } = result;
  return joinLines(
    `${style.bold(version.path)}, a ${assetKind}${version.current ? ', current' : ''}`,
    heading(version, style),
    table(
      [
        ['size', version.size === null ? 'removed' : `${formatBytes(version.size)} (${version.size} bytes)`],
        ['shape', shapeOf(version.facts)],
        ['sha256', version.sha256 ?? ''],
        ['xet', xetHash ?? ''],
        ['chunks', chunks ? String(chunks.length) : '']
      ].filter(row => row[1] !== '')
    ),
    chunks &&
      table(
        chunks.map(chunk => [String(chunk.offset), String(chunk.length), chunk.hash, style.dim(`in ${chunk.xorb}`)]),
        [0, 1]
      )
  );
}

function heading(snapshot: SnapshotInfo, style: Style): string {
  const { author, provenance } = snapshot;
  const libraries = Object.entries(provenance.libraries ?? {}).map(([name, version]) => `${name} ${version}`);
  return joinLines(
    `${style.bold(snapshot.id)}  ${formatTime(snapshot.time)}  ${author.name} <${author.email}>`,
    ...snapshot.message.split('\n').map(text => `    ${text}`),
    provenance.notebook && `made by ${provenance.notebook}${provenance.cell ? `, cell ${provenance.cell}` : ''}`,
    provenance.kernel && `kernel  ${provenance.kernel}`,
    libraries.length > 0 && `with    ${libraries.join(', ')}`
  );
}
