import '../../../style/diff.css';
import '../../../style/compare.css';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { DiffResult, FileDiff } from '../../core/model/diff';
import { kindIcons } from '../icons';
import { kindOfPath, sizeInWords, splitPath } from '../panel/words';
import { ContentView } from './content-view';
import type { DiffModel } from './diff-model';
import { fileChangeInWords } from './diff-words';
import { Nothing } from './nothing';
import { type DiffProps, Sides } from './sides';
import type { DiffServices, ViewProps } from './props';

/** Two versions of a file, or of the whole project, and what differs between them. */
export class DiffView extends ReactWidget {
  constructor(
    readonly model: DiffModel,
    private readonly _services: DiffServices,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('bb-Diff');
  }

  override dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected override render(): JSX.Element {
    return (
      <UseSignal signal={this.model.stateChanged}>
        {() => <Page model={this.model} services={this._services} trans={this._trans} />}
      </UseSignal>
    );
  }
}

function Page(props: ViewProps): JSX.Element {
  const { model, trans } = props;
  const { state } = model;
  return (
    <div className="bb-Diff-page" aria-busy={model.busy}>
      <Header {...props} />
      {model.busy && <Busy model={model} trans={trans} />}
      {state.kind === 'problem' && (
        <div className="bb-Problem bb-Diff-notice" role="alert">
          {state.message}
        </div>
      )}
      {state.kind === 'loaded' && <Loaded {...props} result={state.result} />}
    </div>
  );
}

function Header({ model, trans }: ViewProps): JSX.Element {
  const { path } = model.target;
  const Icon = kindIcons[kindOfPath(path ?? '')];
  const { folder, name } = splitPath(path ?? '');
  return (
    <header className="bb-Diff-header">
      <div className="bb-Diff-title">
        {path !== null && <Icon.react tag="span" className="bb-KindIcon" />}
        <h1 title={path ?? ''}>{path === null ? trans.__('All files') : name}</h1>
        <span className="bb-Diff-folder">{folder}</span>
        {model.file && <FileFacts file={model.file} trans={trans} />}
        {path !== null && (
          <button type="button" className="bb-LinkButton" onClick={() => model.set({ path: null, key: null })}>
            {trans.__('All files')}
          </button>
        )}
      </div>
      <Sides model={model} trans={trans} />
    </header>
  );
}

function FileFacts({ file, trans }: { readonly file: FileDiff; readonly trans: TranslationBundle }): JSX.Element {
  const [from, to] = file.sizes;
  const words = { added: 'new', removed: 'removed', modified: 'modified', same: 'same' } as const;
  return (
    <>
      <span className={`bb-Badge bb-mod-${words[file.change]}`}>{fileChangeInWords(file.change, trans)}</span>
      <span className="bb-Size">
        {from === to ? sizeInWords(to) : trans.__('%1 → %2', sizeInWords(from), sizeInWords(to))}
      </span>
    </>
  );
}

function Busy({ model, trans }: DiffProps): JSX.Element {
  return (
    <div className="bb-Diff-busy" role="status">
      <progress className="bb-Activity-bar" aria-label={trans.__('Comparing')} />
      <span>{trans.__('Comparing…')}</span>
      <button type="button" className="bb-LinkButton" onClick={() => model.cancel()}>
        {trans.__('Cancel')}
      </button>
    </div>
  );
}

function Loaded(props: ViewProps & { readonly result: DiffResult }): JSX.Element {
  const { model, trans, result } = props;
  if (model.target.path === null) {
    return <Files model={model} trans={trans} files={result.files} />;
  }
  const file = result.files[0];
  if (!file || file.change === 'same') {
    return <Nothing text={trans.__('Both sides are the same.')} />;
  }
  return file.content ? (
    <ContentView {...props} file={file} content={file.content} />
  ) : (
    <Nothing text={oneSided(file, trans)} />
  );
}

function oneSided({ change }: FileDiff, trans: TranslationBundle): string {
  return change === 'added'
    ? trans.__('The file is new: the earlier side does not have it.')
    : change === 'removed'
      ? trans.__('The file was removed: the later side does not have it.')
      : trans.__('There is nothing to show inside this file.');
}

type FilesProps = DiffProps & { readonly files: readonly FileDiff[] };

/** Every file that differs; each leads to its own diff. */
function Files({ model, trans, files }: FilesProps): JSX.Element {
  if (files.length === 0) {
    return <Nothing text={trans.__('No file differs.')} />;
  }
  return (
    <div className="bb-Diff-scroll">
      <h2>{trans._n('%1 file differs', '%1 files differ', files.length)}</h2>
      <ul className="bb-Diff-files">
        {files.map(file => {
          const Icon = kindIcons[kindOfPath(file.path)];
          const { folder, name } = splitPath(file.path);
          return (
            <li key={file.path}>
              <Icon.react tag="span" className="bb-KindIcon" />
              <button type="button" className="bb-LinkButton" onClick={() => model.set({ path: file.path, key: null })}>
                {name}
              </button>
              <span className="bb-Path-folder">{folder}</span>
              <FileFacts file={file} trans={trans} />
            </li>
          );
        })}
      </ul>
    </div>
  );
}
