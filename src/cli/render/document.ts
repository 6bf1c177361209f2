/** What is in a version that is no table. */
import { formatNumber } from '../../core/format/compare-markdown';
import type { Content, ModelContent, TableContent } from '../../core/model/content';
import { joinLines, table } from './words';
import type { Style } from './words';

const MAX_ROWS = 40;
const TEXT_LINES = 40;

export function renderDocument(content: Exclude<Content, TableContent>, style: Style): string {
  switch (content.kind) {
    case 'model':
      return renderModel(content, style);
    case 'binary':
      return joinLines(`  ${content.type}`, hexLines(content.head, style));
    case 'unreadable':
      return joinLines(style.yellow(`  ${content.reason}`), hexLines(content.head, style));
    default: {
      const pixels = content.width === undefined ? '' : `, ${content.width} × ${content.height} pixels`;
      return joinLines(`  ${content.mime}${pixels}`, content.text !== undefined && head(content.text, style));
    }
  }
}

function renderModel(model: ModelContent, style: Style): string {
  const { framework, estimator, parameters, format, features, tensors, tensorCount } = model;
  const facts = [
    ['format', format],
    ['framework', framework ?? ''],
    ['estimator', estimator ?? ''],
    ['parameters', parameters === null ? '' : `${parameters}`],
    ['features', features ? `${features.length}: ${features.slice(0, 20).join(', ')}` : '']
  ];
  const section = (title: string, rows: readonly (readonly string[])[], total = rows.length): string =>
    rows.length === 0
      ? ''
      : joinLines(
          `${style.bold(title)}`,
          table(rows.slice(0, MAX_ROWS)),
          total > MAX_ROWS && `  … and ${total - MAX_ROWS} more`
        );
  return joinLines(
    table(facts.filter(row => row[1] !== '')),
    section(
      'Settings',
      Object.entries(model.settings).map(([name, value]) => [name, value === null ? 'None' : formatNumber(value)])
    ),
    section(
      'Tensors',
      tensors.map(({ name, type, shape }) => [name, type, shape.join(' × ') || 'scalar']),
      tensorCount
    ),
    section(
      'Metrics',
      model.metrics.map(({ path, name, value }) => [name, formatNumber(value), style.dim(path)])
    ),
    section(
      'Trained with',
      model.trainedOn.map(({ address }) => [address])
    ),
    ...model.notices.map(notice => style.yellow(`  ${notice}`))
  );
}

function head(text: string, style: Style): string {
  const lines = text.split('\n');
  return joinLines(
    ...lines.slice(0, TEXT_LINES).map(line => `  ${line.slice(0, 200)}`),
    lines.length > TEXT_LINES && style.dim('  …')
  );
}

/** Sixteen bytes a line. */
function hexLines(hex: string, style: Style): string {
  const lines = hex.match(/.{1,32}/g) ?? [];
  return joinLines(
    ...lines.map(
      (line, index) => `  ${style.dim((index * 16).toString(16).padStart(4, '0'))}  ${line.replace(/../g, '$& ')}`
    )
  );
}
