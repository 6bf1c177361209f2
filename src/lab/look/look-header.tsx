import { Time } from '@jupyterlab/coreutils';
import { copyIcon, downloadIcon, undoIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { Content } from '../../core/model/content';
import { compareIcon, kindIcons } from '../icons';
import { IconButton } from '../panel/icon-button';
import { extentInWords, kindInWords, shortId, sizeInWords, splitPath } from '../panel/words';
import type { IProjectModel } from '../tokens';
import { countInWords } from './column-words';
import type { LookResult } from './look-model';

export type LookHeaderProps = {
  readonly result: LookResult;
  readonly project: IProjectModel;
  readonly commands: CommandRegistry;
  readonly trans: TranslationBundle;
};

/** Which version of what this is, who made it where, and what one can do with it. */
export function LookHeader(props: LookHeaderProps): JSX.Element {
  const { result, trans } = props;
  const { version, assetKind } = result;
  const { folder, name } = splitPath(version.path);
  const Icon = kindIcons[assetKind];
  return (
    <header className="bb-LookHeader">
      <div className="bb-LookHeader-line">
        <Icon.react tag="span" className="bb-KindIcon" title={kindInWords(assetKind, trans)} />
        <h1 title={version.path}>
          {folder && <span className="bb-LookHeader-folder">{folder}</span>}
          {name}
        </h1>
        <code className="bb-ShortId" title={version.id}>
          {shortId(version.id)}
        </code>
        {version.current && <span className="bb-Badge bb-mod-new">{trans.__('Current')}</span>}
        <span className="bb-LookHeader-space" />
        <Actions {...props} />
      </div>
      <div className="bb-LookHeader-line bb-mod-facts">
        <span className="bb-LookHeader-subject" title={version.message}>
          {version.subject}
        </span>
        <span title={version.author.email}>{version.author.name}</span>
        <time dateTime={version.time} title={Time.format(version.time)}>
          {Time.formatHuman(version.time)}
        </time>
        <Origin {...props} />
        <span>{extent(result, trans)}</span>
      </div>
      {result.usedBy && <UsedBy names={result.usedBy.map(({ name }) => name)} trans={trans} />}
    </header>
  );
}

/** Names shown; the tooltip has all. */
const named = 12;

/** Which branches and tags hold this version now. */
function UsedBy({ names, trans }: { readonly names: readonly string[] } & Pick<LookHeaderProps, 'trans'>): JSX.Element {
  return (
    <div className="bb-UsedBy" title={names.join('\n')}>
      <span>{names.length === 0 ? trans.__('In use on no branch or tag') : trans.__('In use on')}</span>
      {names.slice(0, named).map((name, index) => (
        <span key={index} className="bb-Badge">
          {name}
        </span>
      ))}
      {names.length > named && <span>{trans.__('and %1 more', names.length - named)}</span>}
    </div>
  );
}

/** Rows and columns as counted in the file, else as the snapshot noted them; and the size. */
function extent({ version, content }: LookResult, trans: TranslationBundle): string {
  const size = sizeInWords(version.size);
  const shape = shapeOf(content, trans) ?? extentInWords(version.facts, version.size, trans);
  return shape === size ? size : trans.__('%1 · %2', shape, size);
}

function shapeOf(content: Content | undefined, trans: TranslationBundle): string | null {
  if (content?.kind === 'table') {
    const { rows, columns, files } = content.table;
    const shape = trans.__(
      '%1 × %2',
      trans._n('%2 row', '%2 rows', rows, countInWords(rows)),
      trans._n('%2 column', '%2 columns', columns.length, countInWords(columns.length))
    );
    return files > 1 ? trans.__('%1 in %2 files', shape, countInWords(files)) : shape;
  }
  const isImage = content?.kind === 'image' && content.width !== undefined && content.height !== undefined;
  return isImage ? trans.__('%1 × %2 pixels', content.width, content.height) : null;
}

/** The notebook, at the cell, that made the version. */
function Origin({ result, commands, trans }: LookHeaderProps): JSX.Element | null {
  const { id, provenance } = result.version;
  const { notebook, cell } = provenance;
  if (notebook === undefined || notebook === result.version.path) {
    return null;
  }
  const args = { notebook, snapshot: id, ...(cell === undefined ? {} : { cell }) };
  return (
    <button
      type="button"
      className="bb-LinkButton"
      title={trans.__('Open the cell of %1 that made this', notebook)}
      onClick={() => void commands.execute('branchbook:open-cell', args)}
    >
      {splitPath(notebook).name}
    </button>
  );
}

function Actions({ result, project, commands, trans }: LookHeaderProps): JSX.Element {
  const { address, id, path, size } = result.version;
  const isText = result.assetKind === 'notebook' || result.assetKind === 'code';
  const document = isText ? project.toContentsPath(path) : null;
  const run = (command: string, args: Record<string, string | string[]>): void =>
    void commands.execute(`branchbook:${command}`, args);
  return (
    <span className="bb-LookHeader-actions">
      {document !== null && (
        <button
          type="button"
          className="bb-LinkButton"
          onClick={() => void commands.execute('docmanager:open', { path: document })}
        >
          {trans.__('Open current')}
        </button>
      )}
      <button type="button" className="bb-LinkButton" onClick={() => run('show-version', { address })}>
        {trans.__('Details')}
      </button>
      {size !== null && (
        <IconButton
          icon={undoIcon}
          label={trans.__('Restore this version')}
          onClick={() => run('restore-version', { address })}
        />
      )}
      <IconButton
        icon={compareIcon}
        label={trans.__('Compare with current')}
        onClick={() => run('compare', { revisions: [id], file: path })}
      />
      <IconButton
        icon={copyIcon}
        label={trans.__('Copy address %1', address)}
        onClick={() => run('copy-address', { address })}
      />
      {size !== null && (
        <IconButton icon={downloadIcon} label={trans.__('Get a copy…')} onClick={() => run('get-copy', { address })} />
      )}
    </span>
  );
}
