import { formatBytes } from '../../core/format/bytes';
import type { Content } from '../../core/model/content';
import type { Deduplication } from '../../core/model/maintenance';
import type { ShowResult } from '../../core/model/result';
import type { SnapshotInfo } from '../../core/model/snapshot';
import { renderDocument } from './document';
import { renderTable } from './show-table';
import { shapeOf } from './versions';
import { fileList, formatTime, joinLines, table } from './words';
import type { Style } from './words';

export function renderShow(result: ShowResult, style: Style): string {
  if (result.kind === 'snapshot') {
    return joinLines(
      heading(result.snapshot, style),
      fileList(result.changes, style, 200) || 'No file changed.',
      described(result.content, style)
    );
  }
  if (result.kind === 'file') {
    return joinLines(
      `${style.bold(result.path)}, a ${result.assetKind} in the work tree, ${formatBytes(result.size)}`,
      described(result.content, style)
    );
  }
  const { version, assetKind, xetHash, chunks, dedup, usedBy, content } = result;
  return joinLines(
    `${style.bold(version.path)}, a ${assetKind}${version.current ? ', current' : ''}`,
    heading(version, style),
    table(
      [
        ['size', version.size === null ? 'removed' : `${formatBytes(version.size)} (${version.size} bytes)`],
        ['shape', shapeOf(version.facts)],
        ['sha256', version.sha256 ?? ''],
        ['xet', xetHash ?? ''],
        ['chunks', chunks ? String(chunks.length) : ''],
        ['used by', usedBy ? usedBy.map(({ name }) => name).join(', ') || 'no branch or tag any more' : ''],
        ...(dedup ? dedupRows(dedup) : [])
      ].filter(row => row[1] !== '')
    ),
    described(content, style),
    chunks &&
      table(
        chunks.map(chunk => [String(chunk.offset), String(chunk.length), chunk.hash, style.dim(`in ${chunk.xorb}`)]),
        [0, 1]
      )
  );
}

function described(content: Content | undefined, style: Style): string {
  if (!content) {
    return '';
  }
  return content.kind === 'table' ? renderTable(content, style) : renderDocument(content, style);
}

function dedupRows({ bytes, sharedBytes, versions, project }: Deduplication): readonly (readonly string[])[] {
  const percent = (part: number, whole: number): string =>
    whole === 0 ? '0 %' : `${Math.round((100 * part) / whole)} %`;
  return [
    ['shared', `${formatBytes(sharedBytes)} (${percent(sharedBytes, bytes)}) with other versions and files`],
    [
      'versions',
      `${versions.count}, ${formatBytes(versions.bytes)}; without what they share ${formatBytes(versions.uniqueBytes)}`
    ],
    [
      'project',
      `${project.contents} contents, ${formatBytes(project.bytes)}; on disk ${formatBytes(project.storedBytes)} ` +
        `(${percent(project.storedBytes, project.bytes)})`
    ]
  ];
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
