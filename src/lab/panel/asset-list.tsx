import { Clipboard } from '@jupyterlab/apputils';
import { InputGroup, copyIcon } from '@jupyterlab/ui-components';
import { useMemo } from 'react';
import type { AssetInfo } from '../../core/model/result';
import { branchIcon } from '../branch/branch-icon';
import { describeRow } from './describe-row';
import { IconButton } from './icon-button';
import { type TreeRow, filterAssets, sortAssets, treeRows } from './rows';
import type { SectionProps } from './section-props';
import { TreeRowView } from './tree-row';
import { VirtualTree } from './virtual-tree';

const none: readonly AssetInfo[] = [];

/** Datasets and models on this branch; each opens to its versions. */
export function AssetList({ model, trans }: SectionProps): JSX.Element {
  const assets = model.project?.assets ?? none;
  const { filter, sort, expanded, versions } = model;
  // Sorted once, not with each letter of the filter.
  const sorted = useMemo(() => sortAssets(assets, sort), [assets, sort]);
  const shown = useMemo(() => filterAssets(sorted, filter), [sorted, filter]);
  const rows = useMemo(() => treeRows(shown, expanded, versions), [shown, expanded, versions]);
  if (assets.length === 0) {
    return <NoAssets model={model} trans={trans} />;
  }
  return (
    <div className="bb-Assets">
      <div className="bb-Assets-filter" data-lm-suppress-shortcuts="true">
        <InputGroup
          type="search"
          rightIcon="ui-components:search"
          aria-label={trans.__('Filter data and models')}
          placeholder={trans.__('Filter')}
          value={filter}
          onChange={event => (model.filter = event.target.value)}
        />
        <button
          type="button"
          className="bb-AllBranches"
          aria-pressed={model.allBranches}
          title={trans.__('Show the versions of all branches, not only of this one')}
          onClick={() => (model.allBranches = !model.allBranches)}
        >
          <branchIcon.react tag="span" className="bb-IconButton-icon" />
          {trans.__('All')}
        </button>
      </div>
      {shown.length === 0 ? (
        <p className="bb-Quiet" role="status">
          {trans.__('Nothing matches “%1”.', filter)}
        </p>
      ) : (
        <VirtualTree<TreeRow>
          label={trans.__('Data and models on this branch')}
          rows={rows}
          reveal={model.reveal}
          render={(row, active) => <TreeRowView row={row} active={active} model={model} trans={trans} />}
          labelOf={row => describeRow(row, trans)}
          classOf={row => `bb-mod-${row.kind}`}
          dataOf={dataOf}
          onActivate={(row, how) => activate(row, how, model)}
        />
      )}
    </div>
  );
}

/** What the context menu's commands read from the row they were opened on. */
function dataOf(row: TreeRow): Record<`data-${string}`, string> {
  const path = { 'data-bb-path': row.asset.path };
  return row.kind === 'version' ? { ...path, 'data-bb-address': row.version.address } : path;
}

/** A click opens and closes assets; versions, which open in a tab of their own, want a double click or a key. */
function activate(row: TreeRow, how: 'key' | 'click' | 'double', model: SectionProps['model']): void {
  if (row.kind === 'version') {
    if (how !== 'click') {
      void model.run('branchbook:open-version', { address: row.version.address });
    }
  } else if (how === 'double') {
    return;
  } else if (row.kind === 'asset') {
    model.toggle(row.asset.path);
  } else if (row.note === 'more') {
    model.loadMore(row.asset.path);
  }
}

/** One line to paste into a notebook; the quickest way to a first asset. */
const firstSnapshot = '%bb snapshot df data/table.parquet -m "first version"';

function NoAssets({ trans }: SectionProps): JSX.Element {
  const copy = (): void => Clipboard.copyToSystem(firstSnapshot);
  return (
    <div className="bb-NoAssets">
      <p>
        {trans.__('No datasets or models on this branch yet. Snapshot a data frame or a model from a notebook cell:')}
      </p>
      <div className="bb-CodeLine">
        <code>{firstSnapshot}</code>
        <IconButton icon={copyIcon} label={trans.__('Copy this line')} onClick={copy} />
      </div>
    </div>
  );
}
