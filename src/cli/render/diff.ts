import { formatBytes } from '../../core/format/bytes';
import type { ContentDiff, DiffResult, FileDiff } from '../../core/model/diff';
import { renderModelDiff, renderNotebookDiff, renderTextDiff, renderTreeDiff } from './diff-document';
import { renderTableDiff } from './diff-table';
import { andMore, joinLines, LIST_LINES, shortId, table } from './words';
import type { Style } from './words';

const marks = { added: '+', removed: '-', modified: '~', same: '=' } as const;

export function renderDiff(result: DiffResult, style: Style): string {
  const { files } = result;
  const [first] = files;
  const content = files.length === 1 ? first?.content : undefined;
  return joinLines(
    `${sideName(result.from, style)} → ${sideName(result.to, style)}`,
    files.length === 0 ? 'No file differs.' : fileTable(files, style),
    content && renderContent(content, style)
  );
}

function sideName({ name, commit }: DiffResult['from'], style: Style): string {
  const short = commit === null ? '' : shortId(commit);
  return style.bold(name) + (short && !name.startsWith(short) ? style.dim(` ${short}`) : '');
}

function fileTable(files: readonly FileDiff[], style: Style): string {
  const paint = { added: style.green, removed: style.red, modified: style.yellow, same: style.dim };
  const rows = files
    .slice(0, LIST_LINES)
    .map(({ path, fromPath, change, asset, sizes: [from, to] }) => [
      paint[change](marks[change]),
      fromPath ? `${fromPath} → ${path}` : path,
      from === null ? '' : formatBytes(from),
      from !== null && to !== null ? '→' : '',
      to === null ? '' : formatBytes(to),
      [asset ? 'asset' : '', change === 'same' ? 'the same' : ''].filter(Boolean).map(style.dim).join(', ')
    ]);
  return joinLines(table(rows, [2, 4]), andMore(files));
}

function renderContent(content: ContentDiff, style: Style): string {
  switch (content.kind) {
    case 'table':
      return renderTableDiff(content, style);
    case 'opaque':
      return content.reason;
    case 'model':
      return renderModelDiff(content, style);
    case 'tree':
      return renderTreeDiff(content, style);
    case 'notebook':
      return renderNotebookDiff(content, style);
    case 'text':
      return renderTextDiff(content, style);
    case 'image':
    case 'audio':
      return `The ${content.kind} differs: JupyterLab shows both, \`branchbook get\` gives them.`;
  }
}
