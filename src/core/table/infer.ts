/** A first draft of a schema from a table: what it surely is, not what it happens to be. People edit it. */
import type { ColumnStatistics } from '../model/table';
import { DOMAIN_MAX_VALUES } from '../model/table-schema';
import type { ColumnRules, TableSchema } from '../model/table-schema';
import type { TableFacts } from './check-table';
import { isNumeric, valueTypeOf } from './value-type';

/** Fewer rows say little about what repeats and what does not. */
const MIN_ROWS_FOR_KEY = 10;
/** Longer texts are no words of a list. */
const MAX_WORD = 100;
/** Texts are a domain when each stands there so many times on average. */
const REPEATED = 2;

/** Columns of which all values are needed to infer a domain, but the statistics have only the most frequent ones. */
export function domainCandidates(table: TableFacts): readonly string[] {
  return table.columns
    .filter(column => mayBeDomain(column) && (column.approximate || column.top.length < column.distinct))
    .map(({ name }) => name);
}

/** A column that may be the key, but statistics only estimate how many values it has. */
export function keyCandidate(table: TableFacts): string | null {
  return table.rows < MIN_ROWS_FOR_KEY ? null : (table.columns.find(mayBeKey)?.name ?? null);
}

/** What was asked for because statistics leave it open. */
export type Answers = {
  /** All values of columns that `domainCandidates` named; null when there are more than a domain may have. */
  readonly domains: ReadonlyMap<string, readonly string[] | null>;
  /** Whether no value of `keyCandidate` stands there twice. */
  readonly keyIsUnique: boolean;
};

export function inferSchema(table: TableFacts, answers: Answers): TableSchema {
  const key = keyCandidate(table);
  return {
    ...(key !== null && answers.keyIsUnique && { key: [key] }),
    severity: 'warn',
    ...(table.rows > 0 && { rows: { min: 1 } }),
    newColumns: 'warn',
    columns: table.columns.map(column => inferColumn(column, table.rows, answers))
  };
}

function inferColumn(column: ColumnStatistics, rows: number, { domains }: Answers): ColumnRules {
  const type = valueTypeOf(column);
  const values = domains.get(column.name) ?? knownDomain(column);
  return {
    name: column.name,
    ...(column.count > 0 && { type }),
    required: true,
    ...nullShare(column.nulls, rows),
    ...(values && { domain: values }),
    ...(isNumeric(type) && range(column)),
    ...(type === 'float' && column.count > 0 && !column.nans && !column.infinities && { finite: true })
  };
}

/** None where there are none; else half as many again as there are. */
function nullShare(nulls: number, rows: number): Pick<ColumnRules, 'maxNullShare'> {
  const share = rows === 0 ? 1 : nulls === 0 ? 0 : Math.ceil((150 * nulls) / rows) / 100;
  return share < 1 ? { maxNullShare: share } : {};
}

function mayBeDomain(column: ColumnStatistics): boolean {
  // An estimate may be a few percent off.
  const most = column.approximate ? DOMAIN_MAX_VALUES * 1.2 : DOMAIN_MAX_VALUES;
  const words = valueTypeOf(column) === 'string' && Number(column.maximum) <= MAX_WORD;
  return words && column.distinct > 0 && column.distinct <= most && column.count >= REPEATED * column.distinct;
}

function knownDomain(column: ColumnStatistics): readonly string[] | null {
  const complete = !column.approximate && column.top.length >= column.distinct;
  return complete && mayBeDomain(column) ? column.top.map(({ value }) => String(value)).sort() : null;
}

/** Only bounds that lie in the nature of the thing: counts and prices are not negative, shares end at 1. */
function range({ minimum, maximum, type, infinities }: ColumnStatistics): Pick<ColumnRules, 'min' | 'max'> {
  if (minimum === null || maximum === null || infinities || Number(minimum) < 0) {
    return {};
  }
  const isShare = /FLOAT|DOUBLE|REAL/.test(type) && Number(maximum) <= 1;
  return isShare ? { min: 0, max: 1 } : { min: 0 };
}

const KEY_NAME = /(^|[^a-z])(id|key|uuid|guid)$|[a-z](Id|ID|Key)$/;

/** Integers and short texts that differ on every row, by what people call keys. */
function mayBeKey(column: ColumnStatistics): boolean {
  const type = valueTypeOf(column);
  const unique = column.approximate ? column.distinct >= 0.9 * column.count : column.distinct === column.count;
  const named = KEY_NAME.test(column.name) || KEY_NAME.test(column.name.toLowerCase());
  return named && unique && column.nulls === 0 && column.count > 0 && (type === 'integer' || type === 'string');
}
