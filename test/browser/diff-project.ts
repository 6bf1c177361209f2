import { deflateSync } from 'node:zlib';
import type { Sandbox } from './harness';

export type Sale = { readonly id: number; readonly region: string; readonly price: number; readonly note: string };

/** Looks like HTML; must stay text wherever it is shown. */
export const htmlLike = '<img src=x onerror="window.hacked=1">';

/** What is on main: two thousand sales. */
export const salesOnMain: readonly Sale[] = Array.from({ length: 2000 }, (_, id) => ({
  id,
  region: ['north', 'south', 'east', 'west'][id % 4]!,
  price: 10 + ((id * 37) % 900) / 10,
  note: id % 50 === 7 ? `gift, "wrapped" ${id}` : ''
}));

/** What was done on the other branch: rows dropped, added, and changed in known cells. */
export const edits = { removed: 20, added: 30, prices: 400, notes: 25 } as const;

export const salesOnExperiment: readonly Sale[] = [
  ...salesOnMain.slice(edits.removed).map((sale, index) => ({
    ...sale,
    price: index < edits.prices ? sale.price * 2 : sale.price,
    note: index < edits.notes ? htmlLike : sale.note
  })),
  ...Array.from({ length: edits.added }, (_, index) => ({
    id: 5000 + index,
    region: 'online',
    price: 55.5 + index,
    note: ''
  }))
];

/** Rows with at least one changed cell: the notes are on the first of those whose price doubled. */
export const changedRows = Math.max(edits.prices, edits.notes);

const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
const csv = (sales: readonly Sale[], discount: boolean): string =>
  [
    `id,region,price,note${discount ? ',discount' : ''}`,
    ...sales.map(
      ({ id, region, price, note }) => `${id},${region},${price},${quoted(note)}${discount ? `,${id % 3}` : ''}`
    )
  ].join('\n') + '\n';

/** The largest distance between two empirical distribution functions. */
export function kolmogorovSmirnov(a: readonly number[], b: readonly number[]): number {
  const below = (values: readonly number[], limit: number): number =>
    values.filter(value => value <= limit).length / values.length;
  return Math.max(...[...a, ...b].map(limit => Math.abs(below(a, limit) - below(b, limit))));
}

/** A picture of 64 × 48 pixels of which `different` are of another colour. */
export const picture = { width: 64, height: 48, different: 100 };
function png(changed: number): Buffer {
  const { width, height } = picture;
  const rows = Array.from({ length: height }, (_, y) => {
    const row = Buffer.alloc(1 + width * 3);
    for (let x = 0; x < width; x++) {
      const other = y * width + x < changed;
      row.set(other ? [230, 120, 20] : [x * 4, 90, y * 5], 1 + x * 3);
    }
    return row;
  });
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0))
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

function crc32(data: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** A safetensors file: a header that names tensors, and their bytes. */
function model(hidden: number): Buffer {
  const tensors: readonly (readonly [string, readonly number[]])[] = [
    ['encoder.weight', [hidden, 8]],
    ['encoder.bias', [hidden]],
    ['head.weight', [1, hidden]]
  ];
  let offset = 0;
  const entries = tensors.map(([name, shape]) => {
    const size = 4 * shape.reduce((a, b) => a * b, 1);
    const entry = { dtype: 'F32', shape, data_offsets: [offset, offset + size] };
    offset += size;
    return [name, entry] as const;
  });
  const metadata = { __metadata__: { hidden: String(hidden), optimizer: 'adam' } };
  const text = Buffer.from(JSON.stringify({ ...metadata, ...Object.fromEntries(entries) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, Buffer.alloc(offset, hidden)]);
}

function notebook(rate: number, output: string): string {
  const cell = (id: string, source: string, outputs: object[] = []): object => ({
    ...{ cell_type: 'code', execution_count: 1, id, metadata: {}, outputs, source }
  });
  const html = { output_type: 'display_data', metadata: {}, data: { 'text/html': output, 'text/plain': 'a table' } };
  return JSON.stringify({
    cells: [
      { cell_type: 'markdown', id: 'title', metadata: {}, source: '# Training' },
      cell('load', 'import pandas as pd\ndf = pd.read_csv("data/sales.csv")'),
      cell('train', `rate = ${rate}\nmodel = train(df, rate)\nmodel.report()`, [html])
    ],
    metadata: { kernelspec: { display_name: 'Python 3', language: 'python', name: 'python3' } },
    nbformat: 4,
    nbformat_minor: 5
  });
}

const history = (speed: number): string =>
  ['step,loss', ...Array.from({ length: 12 }, (_, step) => `${step + 1},${(1 / (1 + step * speed)).toFixed(4)}`)].join(
    '\n'
  ) + '\n';

/** main, experiment and a third branch with known differences of every kind of file. Ends on main, one file changed. */
export function makeDiffProject(sandbox: Sandbox): void {
  const report = (values: object): void => sandbox.write('metrics/report.json', JSON.stringify(values, null, 2));
  sandbox.git('init', '-q', '-b', 'main');
  sandbox.branchbook('init');
  sandbox.write('data/sales.csv', csv(salesOnMain, false));
  sandbox.write('models/net.safetensors', model(16));
  sandbox.write('figures/plot.png', png(0));
  sandbox.write('training.ipynb', notebook(0.1, '<b>accuracy</b> 0.81'));
  sandbox.write('notes.md', '# Notes\n\nFirst try.\nKeep this line.\n');
  sandbox.write('params.yaml', 'rate: 0.1\ndepth: 4\nseed: 7\n');
  sandbox.write('metrics/history.csv', history(0.2));
  report({ accuracy: 0.81, loss: 0.52, rows: 2000 });
  sandbox.branchbook('snapshot', '-m', 'Baseline');
  sandbox.branchbook('switch', '-c', 'experiment');
  sandbox.write('data/sales.csv', csv(salesOnExperiment, true));
  sandbox.write('models/net.safetensors', model(32));
  sandbox.write('figures/plot.png', png(picture.different));
  sandbox.write('training.ipynb', notebook(0.05, `<b>accuracy</b> 0.87 ${htmlLike}`));
  sandbox.write('notes.md', `# Notes\n\nSecond try ${htmlLike}\nKeep this line.\n`);
  sandbox.write('params.yaml', 'rate: 0.05\ndepth: 6\nseed: 7\n');
  sandbox.write('metrics/history.csv', history(0.35));
  report({ accuracy: 0.87, loss: 0.41, rows: 2010 });
  sandbox.branchbook('snapshot', '-m', 'Halve the rate, add data');
  sandbox.branchbook('switch', 'main');
  sandbox.branchbook('switch', '-c', 'deeper');
  sandbox.write('params.yaml', 'rate: 0.1\ndepth: 12\nseed: 7\n');
  report({ accuracy: 0.79, loss: 0.55, rows: 2000 });
  sandbox.branchbook('snapshot', '-m', 'Deeper trees');
  sandbox.branchbook('switch', 'main');
  sandbox.write('notes.md', '# Notes\n\nFirst try.\nKeep this line.\nNot in a snapshot yet.\n');
}
