import { Time } from '@jupyterlab/coreutils';
import { caretRightIcon, copyIcon, downloadIcon, undoIcon } from '@jupyterlab/ui-components';
import { memo, type MouseEvent } from 'react';
import type { AssetVersion } from '../../core/model/result';
import { compareIcon, kindIcons } from '../icons';
import { ChangeBadge } from './change-badge';
import { noteInWords } from './describe-row';
import { IconButton } from './icon-button';
import { Sparkline } from '../table/charts';
import { type AssetRow, hasThirdLine, type NoteRow, type TreeRow, type VersionRow } from './rows';
import type { SectionProps } from './section-props';
import {
  absenceInWords,
  extentInShort,
  extentInWords,
  kindInWords,
  numberInWords,
  shortId,
  sizeInWords,
  splitPath
} from './words';

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

function Asset({ row, active, model, trans }: RowProps<AssetRow>): JSX.Element {
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
          {row.trend && <Trend trend={row.trend} trans={trans} />}
          {asset.change && <ChangeBadge change={asset.change} trans={trans} />}
          {(!asset.here || asset.standIn) && <Absent row={row} active={active} model={model} trans={trans} />}
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

/** An asset whose content did not come yet; “Get” brings it. What was deleted here by hand is for `restore`. */
function Absent({ row, active, model, trans }: RowProps<AssetRow>): JSX.Element {
  const { asset } = row;
  const bring = (event: MouseEvent): void => {
    event.stopPropagation();
    void model.run('branchbook:bring-here', { file: asset.path });
  };
  const title = absenceInWords(asset, trans);
  return asset.standIn ? (
    <>
      <span className="bb-Badge" title={title}>
        {trans.__('Not here yet')}
      </span>
      <button
        type="button"
        className="bb-LinkButton"
        aria-label={trans.__('Get %1 (%2)', splitPath(asset.path).name, sizeInWords(asset.size))}
        tabIndex={active ? 0 : -1}
        title={title}
        onClick={bring}
      >
        {trans.__('Get')}
      </button>
    </>
  ) : (
    <span className="bb-Badge bb-mod-absent" title={title}>
      {trans.__('Not here')}
    </span>
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
        {hasThirdLine(version) && (
          <span className="bb-Row-line bb-mod-dim">
            {version.provenance.notebook !== undefined && <Origin {...props} />}
            <Branches {...props} />
            {typeof version.newBytes === 'number' && (
              <span className="bb-Size bb-NewBytes" title={trans.__('Bytes that no version before it had')}>
                {trans.__('+%1', sizeInWords(version.newBytes))}
              </span>
            )}
          </span>
        )}
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
    <button type="button" className="bb-LinkButton bb-Origin" tabIndex={active ? 0 : -1} title={title} onClick={open}>
      {splitPath(notebook).name}
    </button>
  );
}

/** Names that fit; the tooltip has all. */
const named = 2;

/** The branches and tags that have a version, when those of all are shown. */
function Branches({ row, trans }: RowProps<VersionRow>): JSX.Element {
  const names = (row.version.containedIn ?? []).map(({ name }) => name);
  return (
    <span className="bb-Branches" title={names.join('\n')}>
      {names.slice(0, named).map((name, index) => (
        <span key={index} className="bb-Badge">
          {name}
        </span>
      ))}
      {names.length > named && <span>{trans.__('+%1', names.length - named)}</span>}
    </span>
  );
}

function Trend({
  trend,
  trans
}: { readonly trend: NonNullable<AssetRow['trend']> } & Pick<SectionProps, 'trans'>): JSX.Element {
  const words = (value: number | null): string =>
    value === null ? '–' : trend.of === 'rows' ? numberInWords(value) : sizeInWords(value);
  const { values } = trend;
  const [first, last] = [words(values[0] ?? null), words(values[values.length - 1] ?? null)];
  const label =
    trend.of === 'rows'
      ? trans.__('Rows over %1 versions: %2 → %3', values.length, first, last)
      : trans.__('Size over %1 versions: %2 → %3', values.length, first, last);
  return <Sparkline values={values} label={label} width={44} height={14} />;
}

function Actions({ row, active, model, trans }: RowProps<VersionRow>): JSX.Element {
  const { version } = row;
  const file = row.asset.path;
  const tabIndex = active ? 0 : -1;
  const { address } = version;
  const restore = (): void => void model.run('branchbook:restore-version', { address });
  const compare = (): void => void model.run('branchbook:diff', { from: version.id, file });
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
