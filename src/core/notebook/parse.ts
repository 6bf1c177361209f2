/** Notebooks (nbformat 4) as far as comparing them needs. */
import type { CellDiff } from '../model/diff';

export type Cell = {
  /** The notebook's own id; null in notebooks of before nbformat 4.5. */
  readonly id: string | null;
  readonly type: CellDiff['type'];
  readonly source: string;
  readonly outputs: readonly unknown[];
  readonly metadata: unknown;
};
export type Notebook = { readonly cells: readonly Cell[]; readonly metadata: unknown };

type Fields = { readonly [name: string]: unknown };

/** null when the text is no notebook of version 4. */
export function parseNotebook(text: string): Notebook | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isFields(value) || value['nbformat'] !== 4 || !Array.isArray(value['cells'])) {
    return null;
  }
  const cells = value['cells'].filter(isFields).map(toCell);
  return cells.length === value['cells'].length ? { cells, metadata: value['metadata'] ?? {} } : null;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toCell(cell: Fields): Cell {
  const { id, cell_type: type, outputs } = cell;
  return {
    id: typeof id === 'string' && id !== '' ? id : null,
    type: type === 'code' || type === 'markdown' ? type : 'raw',
    source: joinText(cell['source']),
    outputs: type === 'code' && Array.isArray(outputs) ? outputs : [],
    metadata: cell['metadata'] ?? {}
  };
}

/** nbformat has long text as a text, or as a list of lines with their line ends. */
function joinText(value: unknown): string {
  return Array.isArray(value)
    ? value.filter(part => typeof part === 'string').join('')
    : typeof value === 'string'
      ? value
      : '';
}

/** What two outputs are compared by: without counters, and with text that is split in lines put together. */
export function outputsKey(outputs: readonly unknown[]): string {
  return canonical(outputs.map(output => (isFields(output) ? comparable(output) : output)));
}

function comparable({ execution_count: _, ...output }: Fields): Fields {
  const data = output['data'];
  return {
    ...output,
    ...('text' in output && { text: joinText(output['text']) }),
    ...(isFields(data) && {
      data: Object.fromEntries(
        Object.entries(data).map(([mime, value]) => [
          mime,
          Array.isArray(value) && value.every(part => typeof part === 'string') ? value.join('') : value
        ])
      )
    })
  };
}

/** JSON with the keys of records in order, so that equal values are equal text. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    isFields(inner) ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1))) : inner
  );
}
