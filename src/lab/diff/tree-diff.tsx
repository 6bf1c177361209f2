import type { TreeDiff } from '../../core/model/diff';
import type { ContentProps } from './props';
import { pairRow } from './pair-rows';
import { PairTable } from './pair-table';
import { sideNames } from './side-names';

/** JSON and YAML: every value that differs, by its path, with the difference of numbers. */
export function TreeDiffView({ model, content, trans }: ContentProps<TreeDiff>): JSX.Element {
  const rows = content.changes.map(({ path, from, to, delta }) => ({ ...pairRow(path, from, to), delta }));
  return (
    <div className="bb-Diff-scroll">
      {rows.length === 0 && <p className="bb-Quiet">{trans.__('Written differently, but all values are the same.')}</p>}
      <PairTable
        title={trans.__('Values')}
        rows={rows}
        total={content.total}
        sides={sideNames(model, trans)}
        trans={trans}
      />
    </div>
  );
}
