import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { useState } from 'react';
import type { CellDiff, NotebookDiff } from '../../core/model/diff';
import type { ContentProps } from './props';
import { cellChangeInWords } from './diff-words';
import { LineDiff } from './line-diff';
import { LuminoHost } from './lumino-host';
import { renderOutputs } from './outputs';
import { sideNames } from './side-names';

type Props = ContentProps<NotebookDiff>;

/** Cells drawn at first, and each time more are asked for. */
const page = 60;

/** A notebook by its cells: sources by line, outputs of both sides beside each other. */
export function NotebookDiffView(props: Props): JSX.Element {
  const { content, trans } = props;
  const [all, setAll] = useState(false);
  const [limit, setLimit] = useState(page);
  const different = content.cells.filter(cell => cell.change !== 'same');
  const cells = all ? content.cells : different;
  return (
    <div className="bb-Diff-scroll bb-NotebookDiff">
      <div className="bb-NotebookDiff-head">
        <h2>{trans._n('%1 cell differs', '%1 cells differ', different.length)}</h2>
        <label>
          <input type="checkbox" checked={all} onChange={() => setAll(!all)} />
          {trans.__('Show cells that are the same')}
        </label>
      </div>
      {content.metadata && <p className="bb-Quiet">{trans.__('The notebook’s metadata differ too.')}</p>}
      {cells.slice(0, limit).map((cell, index) => (
        <CellView key={`${cell.id}-${index}`} {...props} cell={cell} />
      ))}
      {cells.length > limit && (
        <button type="button" className="bb-LinkButton" onClick={() => setLimit(limit + page)}>
          {trans.__('Show %1 more', Math.min(cells.length - limit, page))}
        </button>
      )}
    </div>
  );
}

function CellView(props: Props & { readonly cell: CellDiff }): JSX.Element {
  const { cell, trans } = props;
  const types = { code: trans.__('Code'), markdown: trans.__('Markdown'), raw: trans.__('Raw') };
  return (
    <article className={`bb-CellDiff bb-mod-${cell.change}`}>
      <header>
        <b>{positionInWords(cell, props)}</b>
        <span className="bb-Quiet">{types[cell.type]}</span>
        <span className={`bb-Chip bb-mod-${cell.change}`}>{cellChangeInWords(cell.change, trans)}</span>
      </header>
      <LineDiff lines={cell.source} trans={trans} />
      {cell.outputs && <Outputs {...props} outputs={cell.outputs} />}
    </article>
  );
}

function positionInWords({ positions: [from, to] }: CellDiff, { trans }: Props): string {
  if (from === null || to === null || from === to) {
    return trans.__('Cell %1', (to ?? from ?? 0) + 1);
  }
  return trans.__('Cell %1 → %2', from + 1, to + 1);
}

type OutputsProps = Props & { readonly outputs: NonNullable<CellDiff['outputs']> };

function Outputs({ model, outputs, services, trans }: OutputsProps): JSX.Element {
  const sides = sideNames(model, trans);
  return (
    <div className="bb-CellDiff-outputs">
      {([outputs.from, outputs.to] as const).map((side, index) => (
        <section key={index} aria-label={trans.__('Output in %1', sides[index]!)}>
          <h3>{sides[index]}</h3>
          <SideOutputs outputs={side} rendermime={services.rendermime} empty={trans.__('No output')} />
        </section>
      ))}
    </div>
  );
}

type SideOutputsProps = {
  readonly outputs: readonly unknown[];
  readonly rendermime: IRenderMimeRegistry | null;
  readonly empty: string;
};

function SideOutputs({ outputs, rendermime, empty }: SideOutputsProps): JSX.Element {
  if (outputs.length === 0 || !rendermime) {
    return <p className="bb-Quiet">{empty}</p>;
  }
  const create = (): ReturnType<typeof renderOutputs> => renderOutputs(outputs, rendermime);
  return <LuminoHost key={JSON.stringify(outputs).length} create={create} className="bb-CellDiff-output" />;
}
