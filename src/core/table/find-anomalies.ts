/** What is not as the schema says: first from statistics alone, then, where those leave it open, from the rows. */
import type { ColumnDrift } from '../model/diff';
import type { Anomaly, ColumnRules, TableSchema } from '../model/table-schema';
import { checkColumns, checkDrift, checkKey, checkRows, tableSeverity } from './check-table';
import type { TableFacts } from './check-table';
import { checkType } from './check-type';
import type { TypedColumn } from './check-type';
import { checkPresence, checkValues } from './check-values';
import type { Found, Probe } from './probe';
import type { Suspicion } from './suspicion';

export type Comparison = {
  readonly previous: TableFacts;
  /** Of the columns that have thresholds. */
  readonly drift: readonly ColumnDrift[];
};

/** Answers for probes, in their order; examples where `wanted`. */
export type Ask = (
  probes: readonly Probe[],
  wanted: (index: number, count: number) => boolean
) => Promise<readonly Found[]>;

/** Everything found, in the order: table, then columns as the schema lists them. `ask` is called once, or not at all. */
export async function findAnomalies(
  path: string,
  schema: TableSchema,
  table: TableFacts,
  comparison: Comparison | null,
  ask: Ask
): Promise<readonly Anomaly[]> {
  const suspicions = suspect(schema, table, comparison);
  const open = suspicions.filter(({ probe }) => probe !== null);
  const confirmed = (index: number, count: number): boolean => confirms(open[index]!, count);
  const answers =
    open.length === 0
      ? []
      : await ask(
          open.map(({ probe }) => probe!),
          confirmed
        );
  const found = new Map(open.map((suspicion, index) => [suspicion, answers[index]!]));
  const isConfirmed = (suspicion: Suspicion): boolean => {
    const answer = found.get(suspicion);
    return (!answer || confirms(suspicion, answer.count)) && !suspicion.unless?.some(isConfirmed);
  };
  return suspicions.filter(isConfirmed).map(suspicion => toAnomaly(path, suspicion, found.get(suspicion) ?? null));
}

function suspect(schema: TableSchema, table: TableFacts, comparison: Comparison | null): readonly Suspicion[] {
  const columns = new Map(table.columns.map(column => [column.name, column]));
  return [
    ...checkRows(schema, table, comparison?.previous ?? null),
    ...checkColumns(schema, table),
    ...checkKey(schema, table),
    ...schema.columns.flatMap(rules => {
      const column = columns.get(rules.name);
      const severity = rules.severity ?? tableSeverity(schema);
      return column ? suspectColumn({ rules, column, severity, format: table.format }, table.rows) : [];
    }),
    ...(comparison ? checkDrift(schema, table, comparison.previous, comparison.drift) : [])
  ];
}

/** Values of a wrong type are not compared with rules that were made for another. */
function suspectColumn(typed: TypedColumn, rows: number): readonly Suspicion[] {
  const present = checkPresence(typed, rows);
  if (typed.column.count === 0) {
    return present;
  }
  const unless = checkType(typed);
  const values = unless.every(({ probe }) => probe !== null) ? checkValues(typed) : [];
  return [...present, ...unless, ...values.map(suspicion => ({ ...suspicion, unless }))];
}

function confirms({ confirms: test }: Suspicion, count: number): boolean {
  return test ? test(count) : count > 0;
}

function toAnomaly(path: string, suspicion: Suspicion, found: Found | null): Anomaly {
  const { code, severity, column, summary, message, hint, rows = null, confirms: counted } = suspicion;
  return {
    code,
    severity,
    path,
    column,
    summary,
    message: message(found ?? { count: 0, examples: [] }),
    hint,
    rows: found && !counted ? found.count : rows,
    examples: found?.examples ?? []
  };
}

/** Could anything that such a schema finds refuse a snapshot? */
export function canFail(schema: TableSchema): boolean {
  const drifts = [schema.drift, ...schema.columns.map(({ drift }) => drift)];
  return (
    [schema, ...(schema.columns as readonly Pick<ColumnRules, 'severity'>[])].some(
      ({ severity }) => severity === 'fail'
    ) ||
    schema.newColumns === 'fail' ||
    drifts.some(drift => Object.values(drift ?? {}).some(threshold => threshold.fail !== undefined))
  );
}
