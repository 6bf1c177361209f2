import type { Anomaly, ColumnRules, SchemaResult, TableSchema } from '../../core/model/table-schema';
import { andMore, count, joinLines, LIST_LINES, table } from './words';
import type { Style } from './words';

export function renderSchema(result: SchemaResult, style: Style): string {
  switch (result.action) {
    case 'infer':
      return renderInferred(result, style);
    case 'check':
      return renderChecked(result, style);
    default:
      return joinLines(
        `${style.bold(result.path)}, by ${result.file}`,
        renderRules(result.schema, style),
        ...result.unknown.map(where => `${style.yellow('notice')} ${where} means nothing here.`)
      );
  }
}

/** Anomalies of one or more tables, the worst first. */
export function renderAnomalies(anomalies: readonly Anomaly[], style: Style): string {
  const sorted = [...anomalies].sort((a, b) => Number(b.severity === 'fail') - Number(a.severity === 'fail'));
  return joinLines(
    ...sorted
      .slice(0, LIST_LINES)
      .map(({ severity, path, code, message, hint }) =>
        joinLines(
          `${severity === 'fail' ? style.red('fail') : style.yellow('warn')} ${path}: ${message} ${style.dim(code)}`,
          style.dim(`     ${hint}`)
        )
      ),
    andMore(anomalies)
  );
}

type Inferred = Extract<SchemaResult, { readonly action: 'infer' }>;

function renderInferred({ path, file, created, added, kept, schema, notices }: Inferred, style: Style): string {
  const rows = kept.map(({ where, file: yours, data }) => [where, yours, `the data: ${data}`]);
  return joinLines(
    created
      ? `${style.bold(file)} is a first draft of what ${path} holds: read it, correct it, then snapshot it.`
      : `${style.bold(file)}: ${added.length === 0 ? 'nothing to add' : `${count(added.length, 'rule')} added`}.`,
    created
      ? renderRules(schema, style)
      : table(added.slice(0, LIST_LINES).map(({ where, to }) => [style.green('+'), where, to])),
    !created && andMore(added),
    kept.length > 0 && 'Left as it is, though the data say otherwise:',
    table(rows.slice(0, LIST_LINES)),
    andMore(rows),
    ...notices
  );
}

type Checked = Extract<SchemaResult, { readonly action: 'check' }>;

function renderChecked({ tables, notices }: Checked, style: Style): string {
  const anomalies = tables.flatMap(each => each.anomalies);
  const good = tables.filter(each => each.anomalies.length === 0).length;
  return joinLines(
    renderAnomalies(anomalies, style),
    tables.length > 0 &&
      (anomalies.length === 0
        ? `${style.green('As expected')}: ${count(tables.length, 'table')}.`
        : `${count(anomalies.length, 'anomaly', 'anomalies')}; ${good} of ${count(tables.length, 'table')} as expected.`),
    ...notices
  );
}

function renderRules({ key, columns }: TableSchema, style: Style): string {
  return joinLines(
    key && `  key: ${key.join(', ')}`,
    table(columns.slice(0, LIST_LINES).map(rules => [rules.name, rules.type ?? '', style.dim(words(rules))])),
    andMore(columns)
  );
}

/** The rules of a column that the table has no place for. */
function words({ name: _name, type: _type, description: _description, domain, ...rules }: ColumnRules): string {
  const others = Object.entries(rules).map(([rule, value]) =>
    value === true ? rule : `${rule} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`
  );
  return [...others, ...(domain ? [`one of ${count(domain.length, 'value')}`] : [])].join(', ');
}
