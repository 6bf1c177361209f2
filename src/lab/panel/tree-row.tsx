import { Time } from '@jupyterlab/coreutils';
import { caretRightIcon, copyIcon, downloadIcon, undoIcon } from '@jupyterlab/ui-components';
import { memo, type MouseEvent } from 'react';
import type { AssetVersion } from '../../core/model/result';
import { compareIcon, kindIcons } from '../icons';
import { ChangeBadge } from './change-badge';
import { noteInWords } from './describe-row';
import { IconButton } from './icon-button';
import type { AssetRow, NoteRow, TreeRow, VersionRow } from './rows';
import type { SectionProps } from './section-props';
import { absenceInWords, extentInShort, extentInWords, kindInWords, shortId, sizeInWords, splitPath } from './words';

type RowProps<T extends TreeRow> = SectionProps & { readonly row: T; readonly active: boolean };

/** Drawn again only for another row: rows are made anew when what they show is. Scrolling then costs little. */
export const TreeRowView = memo(function TreeRowView(props: RowProps<TreeRow>): JSX.Element {
  const { row } = props;
  switch (row.kind) {
    case 'asset':
      return <Asset {...props} row={row} />;
    case 'version':
      return <Version {...props} row={row} />;
    case 'note':
      return <Note {...props} row={row} />;
  }
});

function Asset({ row, trans }: RowProps<AssetRow>): JSX.Element {
  const { asset } = row;
  const Icon = kindIcons[asset.kind];
  const { folder, name } = splitPath(asset.path);
  return (
    <>
      <caretRightIcon.react tag="span" className={row.expanded ? 'bb-Caret bb-mod-open' : 'bb-Caret'} />
      <Icon.react tag="span" className="bb-KindIcon" title={kindInWords(asset.kind, trans)} />
      <span className="bb-Row-lines">
        <span className="bb-Row-line" title={asset.path}>
          <span className="bb-Row-main">{name}</span>
          {asset.change && <ChangeBadge change={asset.change} trans={trans} />}
          {(!asset.here || asset.standIn) && (
            <span className="bb-Badge bb-mod-absent" title={absenceInWords(asset, trans)}>
              {trans.__('Not here')}
            </span>
          )}
        </span>
        <span className="bb-Row-line bb-mod-dim">
          <span className="bb-Row-main" title={asset.path}>
            {folder}
          </span>
          <span className="bb-Size">{sizeInWords(asset.size)}</span>
          {asset.last && (
            <time className="bb-Time" dateTime={asset.last.time} title={Time.format(asset.last.time)}>
              {Time.formatHuman(asset.last.time, 'narrow')}
            </time>
          )}
        </span>
      </span>
    </>
  );
}

function Version(props: RowProps<VersionRow>): JSX.Element {
  const { row, trans } = props;
  const { version } = row;
  return (
    <>
      <span className={version.current ? 'bb-Version-dot bb-mod-current' : 'bb-Version-dot'} aria-hidden="true" />
      <span className="bb-Row-lines">
        <span className="bb-Row-line">
          <span className="bb-Row-main" title={version.message}>
            {version.subject}
          </span>
          <code className="bb-ShortId" title={version.id}>
            {shortId(version.id)}
          </code>
        </span>
        <span className="bb-Row-line bb-mod-dim">
          {version.current && <span className="bb-Current">{trans.__('Current')}</span>}
          <span className="bb-Row-main" title={version.author.email}>
            {version.author.name}
          </span>
          <span className="bb-Size" title={extentInWords(version.facts, version.size, trans)}>
            {extentInShort(version.facts, version.size)}
          </span>
          <time className="bb-Time" dateTime={version.time} title={Time.format(version.time)}>
            {Time.formatHuman(version.time, 'narrow')}
          </time>
        </span>
        {version.provenance.notebook !== undefined && <Origin {...props} />}
      </span>
      <Actions {...props} />
    </>
  );
}

/** The notebook and cell that made a version, as a link to them. */
function Origin({ row, active, model, trans }: RowProps<VersionRow>): JSX.Element {
  const { notebook = '', cell } = row.version.provenance;
  const open = (event: MouseEvent): void => {
    event.stopPropagation();
    const args = { notebook, snapshot: row.version.id };
    void model.run('branchbook:open-cell', cell === undefined ? args : { ...args, cell });
  };
  const title =
    cell === undefined ? trans.__('Open %1', notebook) : trans.__('Open the cell of %1 that made this', notebook);
  return (
    <span className="bb-Row-line">
      <button type="button" className="bb-LinkButton bb-Origin" tabIndex={active ? 0 : -1} title={title} onClick={open}>
        {splitPath(notebook).name}
      </button>
    </span>
  );
}

function Actions({ row, active, model, trans }: RowProps<VersionRow>): JSX.Element {
  const { version } = row;
  const file = row.asset.path;
  const tabIndex = active ? 0 : -1;
  const { address } = version;
  const restore = (): void => void model.run('branchbook:restore-version', { address });
  const compare = (): void => void model.run('branchbook:compare', { revisions: [version.id], file });
  return (
    <span className="bb-Actions">
      {hasContent(version) && (
        <IconButton icon={undoIcon} label={trans.__('Restore this version')} tabIndex={tabIndex} onClick={restore} />
      )}
      <IconButton icon={compareIcon} label={trans.__('Compare with current')} tabIndex={tabIndex} onClick={compare} />
      <IconButton
        icon={copyIcon}
        label={trans.__('Copy address %1', address)}
        tabIndex={tabIndex}
        onClick={() => void model.run('branchbook:copy-address', { address })}
      />
      {hasContent(version) && (
        <IconButton
          icon={downloadIcon}
          label={trans.__('Get a copy…')}
          tabIndex={tabIndex}
          onClick={() => void model.run('branchbook:get-copy', { address })}
        />
      )}
    </span>
  );
}

/** False for a version in which the path was removed. */
const hasContent = (version: AssetVersion): boolean => version.size !== null;

function Note({ row, trans }: RowProps<NoteRow>): JSX.Element {
  return <span className={row.note === 'more' ? 'bb-LinkText' : 'bb-Quiet'}>{noteInWords(row, trans)}</span>;
}
