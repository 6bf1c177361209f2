/** versions, assets, show, restore, get, check. */
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { renderAssets } from '../render/assets';
import { renderCheck } from '../render/check';
import { renderGet } from '../render/get';
import { renderRestore } from '../render/restore';
import { renderShow } from '../render/show';
import { renderVersions } from '../render/versions';
import type { Session } from '../session';
import { parseFilter, parseRows, parseSort, toPage } from './table-options';
import type { RowOptions } from './table-options';
import { addVerb } from './verb';

type VersionsOptions = { readonly revision?: string; readonly limit?: number; readonly all?: boolean };

const ADDRESS = 'PATH@REVISION, for example data/sales.parquet@main~2';

export function addVersionCommands(program: Command, session: Session): void {
  addVerb(program, 'versions', [
    'branchbook versions data/sales.parquet',
    'branchbook versions data/sales.parquet --all',
    'branchbook versions models/m.joblib --revision prod -n 5'
  ])
    .argument('<path>', 'a file of the project')
    .option('--revision <revision>', 'branch or revision whose history counts')
    .option('--all', 'of all branches and tags, with where each version is')
    .option('-n, --limit <number>', 'show at most so many', parseCount)
    .action((path: string, options: VersionsOptions) =>
      session.run(
        'versions',
        project => ({
          path: project.path(path),
          ...(options.revision !== undefined && { revision: options.revision }),
          ...(options.limit !== undefined && { limit: options.limit }),
          ...(options.all && { all: true })
        }),
        renderVersions
      )
    );

  addVerb(program, 'assets', ['branchbook assets', 'branchbook assets experiment-1'])
    .argument('[revision]', 'branch or revision; default: what is on disk')
    .action((revision: string | undefined) =>
      session.run('assets', () => (revision === undefined ? {} : { revision }), renderAssets)
    );

  addShow(program, session);

  addVerb(program, 'restore', [
    'branchbook restore data/sales.parquet@main~2',
    'branchbook restore train.ipynb   # as last snapshotted',
    'branchbook restore . --revision prod   # everything'
  ])
    .argument('<addresses...>', ADDRESS)
    .option('--revision <revision>', 'for addresses that name none; default: the current snapshot')
    .action((addresses: readonly string[], options: { readonly revision?: string }) =>
      session.run(
        'restore',
        project => ({
          addresses: addresses.map(text => project.address(text) || `@${options.revision ?? ''}`),
          ...(options.revision !== undefined && { revision: options.revision })
        }),
        renderRestore
      )
    );

  addVerb(program, 'get', [
    'branchbook get data/sales.parquet@v1.2 -o /tmp/old.parquet',
    'branchbook get models/m.joblib@prod'
  ])
    .argument('<address>', ADDRESS)
    .option('-o, --output <file>', 'write it there; default: a read-only copy whose path is printed')
    .action((address: string, options: { readonly output?: string }) =>
      session.run(
        'get',
        project => ({
          address: project.address(address),
          ...(options.output !== undefined && { output: project.absolute(options.output) })
        }),
        renderGet
      )
    );

  addCheck(program, session);
}

function addCheck(program: Command, session: Session): void {
  addVerb(program, 'check', [
    'branchbook check',
    'branchbook check --read-data',
    'branchbook check --read-data=3/7   # the third of seven parts: a part a night',
    'branchbook check --repair --read-data'
  ])
    .option('--read-data [n/t]', 'also read the stored bytes, or the n-th of t parts of them, and compare their hashes')
    .option('--repair', 'put right what can be: from work trees, kept copies, git-lfs, and remotes')
    .action(async (options: { readonly readData?: string | true; readonly repair?: boolean }) => {
      const args = {
        readData: options.readData !== undefined,
        ...(typeof options.readData === 'string' && { part: options.readData }),
        ...(options.repair && { repair: true })
      };
      const result = await session.perform('check', () => args, renderCheck);
      session.damaged = result.findings.some(finding => finding.severity === 'error');
    });
}

type ShowOptions = RowOptions & {
  readonly chunks?: boolean;
  readonly dedup?: boolean;
  readonly statistics: boolean;
  readonly used?: boolean;
  readonly workTree?: boolean;
};

function addShow(program: Command, session: Session): void {
  addVerb(program, 'show', [
    'branchbook show @main~1',
    'branchbook show models/m.joblib@prod',
    'branchbook show data/sales.parquet@main',
    "branchbook show data/sales.parquet --rows 0..50 --sort -price --filter 'price>3'"
  ])
    .argument('[address]', `a snapshot (@REVISION) or ${ADDRESS}`, '@')
    .option('--no-statistics', 'of a table show the columns only')
    .option('--rows <from..to>', 'also show these rows of a table, counted from 0', parseRows)
    .option('--sort <column>', 'in this order; -COLUMN for the greatest first', parseSort)
    .option('--filter <condition>', "only rows like 'price>3', 'name~ada' or 'note is null'", parseFilter)
    .option('--work-tree', 'the file as it is on disk, whether or not a snapshot has it')
    .option('--chunks', 'also list the chunks it is stored in')
    .option('--dedup', 'also say how much of it is stored once for several versions')
    .option('--used', 'also list the branches and tags that hold it now')
    .action((address: string, options: ShowOptions) => {
      const page = toPage(options);
      return session.run(
        'show',
        project => ({
          address: options.workTree ? project.path(address) : project.address(address),
          content: true,
          ...(options.statistics && { statistics: true }),
          ...(page && { page }),
          ...(options.workTree && { workTree: true }),
          ...(options.chunks && { chunks: true }),
          ...(options.dedup && { dedup: true }),
          ...(options.used && { used: true })
        }),
        renderShow
      );
    });
}

function parseCount(text: string): number {
  if (!/^[1-9][0-9]*$/.test(text)) {
    throw new InvalidArgumentError('It must be a number of at least 1.');
  }
  return Number(text);
}
