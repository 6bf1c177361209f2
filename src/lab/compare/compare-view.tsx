import '../../../style/diff.css';
import '../../../style/compare.css';
import { Clipboard, Notification } from '@jupyterlab/apputils';
import { HTMLSelect, ReactWidget, UseSignal, addIcon, closeIcon, copyIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CompareResult } from '../../core/model/result';
import { IconButton } from '../panel/icon-button';
import { revisionInWords, shortId } from '../panel/words';
import type { CompareModel } from './compare-model';
import { DatasetsSection, ModelsSection } from './data-sections';
import { FilesSection } from './files-section';
import { MetricsSection } from './metrics-section';
import { ParamsSection } from './params-section';
import type { CompareServices } from './compare-section';

/** Branches or versions side by side: where they stand, metrics, parameters, data, models, and the files that differ. */
export class CompareView extends ReactWidget {
  constructor(
    readonly model: CompareModel,
    private readonly _services: CompareServices,
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
        {() => (
          <UseSignal signal={this._services.directions.changed}>
            {() => <Comparison model={this.model} services={this._services} trans={this._trans} />}
          </UseSignal>
        )}
      </UseSignal>
    );
  }
}

type CompareProps = {
  readonly model: CompareModel;
  readonly services: CompareServices;
  readonly trans: TranslationBundle;
};

function Comparison(props: CompareProps): JSX.Element {
  const { model, trans } = props;
  const { state } = model;
  return (
    <div className="bb-Compare-page">
      <Heading {...props} />
      <Revisions {...props} />
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
      {state.kind === 'loaded' && <Result {...props} result={state.result} />}
    </div>
  );
}

function Heading({ model, trans }: CompareProps): JSX.Element {
  const { state, file } = model;
  const markdown = state.kind === 'loaded' ? state.result.markdown : undefined;
  return (
    <header className="bb-Compare-heading">
      <h1>{file ?? trans.__('Compare branches')}</h1>
      {markdown !== undefined && (
        <button type="button" className="bb-Button" onClick={() => copyMarkdown(markdown, trans)}>
          <copyIcon.react tag="span" className="bb-IconButton-icon" />
          {trans.__('Copy as Markdown')}
        </button>
      )}
    </header>
  );
}

function copyMarkdown(markdown: string, trans: TranslationBundle): void {
  Clipboard.copyToSystem(markdown);
  Notification.success(trans.__('The comparison is in the clipboard, as Markdown.'), { autoClose: 4000 });
}

/** The revisions as choices; the first is what the others are measured against. */
function Revisions(props: CompareProps): JSX.Element {
  const { model, trans } = props;
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
          <Actions {...props} name={name} />
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

/** What one can do with a branch from here. Versions only have a place to be looked at. */
function Actions({ model, services, trans, name }: CompareProps & { readonly name: string }): JSX.Element | null {
  const { branches, status } = model.project;
  if (model.file !== null || !branches.some(branch => branch.name === name)) {
    return null;
  }
  const current = status?.branch ?? '';
  const action = (text: string, label: string, command: string): JSX.Element => (
    <button
      type="button"
      className="bb-LinkButton"
      aria-label={label}
      title={label}
      onClick={() => services.run(command, { branch: name })}
    >
      {text}
    </button>
  );
  return (
    <div className="bb-Revision-actions">
      {name === current ? (
        <span className="bb-Quiet">{trans.__('Current branch')}</span>
      ) : (
        <>
          {action(trans.__('Merge'), trans.__('Merge %1 into %2', name, current), 'branchbook:merge-branch')}
          {action(trans.__('Open beside'), trans.__('Open %1 beside this branch', name), 'branchbook:open-beside')}
        </>
      )}
      {action(trans.__('Promote…'), trans.__('Merge %1 into a branch of your choice', name), 'branchbook:promote')}
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
      {!baseline && revision.ahead > 0 && <span>{ahead}</span>}
      {!baseline && revision.behind > 0 && <span>{behind}</span>}
      {!baseline && revision.ahead + revision.behind === 0 && <span>{trans.__('the same snapshot')}</span>}
    </span>
  );
}

type ResultProps = CompareProps & { readonly result: CompareResult };

function Result(props: ResultProps): JSX.Element {
  // One file has no metrics or parameters of its own.
  const whole = props.model.file === null;
  return (
    <>
      {whole && <MetricsSection {...props} />}
      {whole && <ParamsSection {...props} />}
      <DatasetsSection {...props} />
      <ModelsSection {...props} />
      <FilesSection {...props} />
    </>
  );
}
