import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import type { DiffArgs, RowChange } from '../../core/model/diff';
import { renderDiff } from '../render/diff';
import type { Paths, Session } from '../session';
import { addVerb } from './verb';

type DiffOptions = {
  /** false: --no-key. */
  readonly key?: readonly string[] | false;
  readonly drift?: boolean;
  readonly export?: string;
  readonly rows?: RowChange;
  readonly offset?: number;
  readonly limit?: number;
};

const ROWS_SHOWN = 20;

export function addDiffCommand(program: Command, session: Session): void {
  addVerb(program, 'diff', [
    'branchbook diff                                   # since the last snapshot',
    'branchbook diff main experiment-1                 # which files differ',
    'branchbook diff main experiment-1 data/sales.parquet',
    'branchbook diff data/sales.parquet@main~2 --key region,day',
    'branchbook diff main~1 main data/sales.parquet --drift',
    'branchbook diff main exp data/sales.parquet --export changed.csv'
  ])
    .argument('[from]', 'revision or PATH@REVISION; default: the current snapshot')
    .argument('[to]', 'revision or PATH@REVISION; default: what is on disk')
    .argument('[path]', 'compare the contents of this file, or list what differs in this folder')
    .option('--key <columns>', 'columns whose values name a row, separated by commas', parseNames)
    .option('--no-key', 'compare rows as a bag')
    .option('--drift', 'also compare how the values of each column are distributed')
    .addOption(new Option('--rows <kind>', 'show only these rows').choices(['added', 'removed', 'changed']))
    .option('--offset <number>', 'leave out so many rows first', parseCount)
    .option('-n, --limit <number>', `show at most so many rows; default: ${ROWS_SHOWN}`, parseCount)
    .option('--export <file>', 'write all changed rows to this .csv or .parquet file')
    .action((from: string | undefined, to: string | undefined, path: string | undefined, options: DiffOptions) =>
      session.run('diff', paths => diffArgs(paths, { from, to, path }, options), renderDiff)
    );
}

type Named = {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly path?: string | undefined;
};

function diffArgs(paths: Paths, { from, to, path }: Named, options: DiffOptions): DiffArgs {
  return {
    ...(from !== undefined && { from: sideOf(paths, from) }),
    ...(to !== undefined && { to: sideOf(paths, to) }),
    ...(path !== undefined && { path: paths.path(path) }),
    ...(options.key !== undefined && { key: options.key || [] }),
    ...(options.drift && { drift: true }),
    ...(options.export !== undefined && { export: paths.absolute(options.export) }),
    rows: {
      offset: options.offset ?? 0,
      limit: options.limit ?? ROWS_SHOWN,
      ...(options.rows && { kind: options.rows })
    }
  };
}

/** What can only be an address has its path counted from the current folder; `main@{1}` and bare words stay. */
function sideOf(paths: Paths, text: string): string {
  return /^[^@]+\.[^@/]*@/.test(text) ? paths.address(text) : text;
}

/** A comma that belongs to a name is written twice. */
function parseNames(text: string): readonly string[] {
  const names = text.split(/(?<!,),(?!,)/).map(name => name.replaceAll(',,', ','));
  if (names.some(name => name === '')) {
    throw new InvalidArgumentError('A name is empty.');
  }
  return names;
}

function parseCount(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text)) {
    throw new InvalidArgumentError('It must be a whole number.');
  }
  return Number(text);
}
