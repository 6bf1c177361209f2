import { HTMLSelect, ReactWidget, UseSignal, addIcon, closeIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CompareResult } from '../../core/model/result';
import { IconButton } from '../panel/icon-button';
import { revisionInWords, shortId } from '../panel/words';
import type { CompareModel } from './compare-model';
import { FilesTable, MetricsTable } from './compare-tables';

/** Branches or versions side by side: where they stand, their metrics, the files that differ. */
export class CompareView extends ReactWidget {
  constructor(
    readonly model: CompareModel,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('bb-Compare');
  }

  override dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected override render(): JSX.Element {
    return (
      <UseSignal signal={this.model.stateChanged}>
        {() => <Comparison model={this.model} trans={this._trans} />}
      </UseSignal>
    );
  }
}

type CompareProps = { readonly model: CompareModel; readonly trans: TranslationBundle };

function Comparison({ model, trans }: CompareProps): JSX.Element {
  const { state } = model;
  return (
    <div className="bb-Compare-page">
      <Revisions model={model} trans={trans} />
      {state.kind === 'loading' && (
        <p className="bb-Quiet" role="status">
          {trans.__('Comparing…')}
        </p>
      )}
      {state.kind === 'problem' && (
        <div className="bb-Problem" role="alert">
          {state.message}
        </div>
      )}
      {state.kind === 'loaded' && <Result result={state.result} file={model.file} trans={trans} />}
    </div>
  );
}

/** The revisions as choices; the first is what the others are measured against. */
function Revisions({ model, trans }: CompareProps): JSX.Element {
  const { revisions, state, project } = model;
  const known = project.branches.map(branch => branch.name);
  const shown = state.kind === 'loaded' ? state.result.revisions : [];
  // One revision alone stands for a comparison with the work tree's branch, which the core then puts first.
  const names = shown.length > revisions.length ? shown.map(revision => revision.name) : revisions;
  const replace = (index: number, name: string): void => {
    model.revisions = names.map((old, at) => (at === index ? name : old));
  };
  const another = known.find(name => !names.includes(name));
  return (
    <div className="bb-Compare-revisions">
      {names.map((name, index) => (
        <div key={index} className="bb-Revision">
          <div className="bb-Revision-role">
            <span>{index === 0 ? trans.__('Baseline') : trans.__('Compared')}</span>
            {names.length > 2 && index > 0 && (
              <IconButton
                icon={closeIcon}
                label={trans.__('Remove %1 from the comparison', name)}
                onClick={() => (model.revisions = names.filter((_, at) => at !== index))}
              />
            )}
          </div>
          <HTMLSelect
            aria-label={index === 0 ? trans.__('Baseline') : trans.__('Compared revision %1', index)}
            value={name}
            onChange={event => replace(index, event.target.value)}
          >
            {(known.includes(name) ? known : [name, ...known]).map(option => (
              <option key={option} value={option}>
                {revisionInWords(option)}
              </option>
            ))}
          </HTMLSelect>
          {shown[index] && <Standing revision={shown[index]} baseline={index === 0} trans={trans} />}
        </div>
      ))}
      {another !== undefined && (
        <IconButton
          icon={addIcon}
          label={trans.__('Compare one more')}
          onClick={() => (model.revisions = [...names, another])}
        />
      )}
    </div>
  );
}

type StandingProps = {
  readonly revision: CompareResult['revisions'][number];
  readonly baseline: boolean;
  readonly trans: TranslationBundle;
};

function Standing({ revision, baseline, trans }: StandingProps): JSX.Element {
  const ahead = trans._n('%1 snapshot ahead', '%1 snapshots ahead', revision.ahead);
  const behind = trans._n('%1 behind', '%1 behind', revision.behind);
  return (
    <span className="bb-Revision-standing">
      <code className="bb-ShortId" title={revision.commit}>
        {shortId(revision.commit)}
      </code>
      {!baseline && <span>{ahead}</span>}
      {!baseline && <span>{behind}</span>}
    </span>
  );
}

type ResultProps = { readonly result: CompareResult; readonly file: string | null; readonly trans: TranslationBundle };

function Result({ result, file, trans }: ResultProps): JSX.Element {
  if (result.files.length === 0 && result.metrics.length === 0) {
    const text = file === null ? trans.__('No file differs.') : trans.__('%1 is the same everywhere.', file);
    return (
      <p className="bb-Quiet" role="status">
        {text}
      </p>
    );
  }
  return (
    <>
      {result.metrics.length > 0 && <MetricsTable result={result} trans={trans} />}
      {result.files.length > 0 && <FilesTable result={result} trans={trans} />}
    </>
  );
}
