import { Button } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { KeyboardEvent } from 'react';
import type { SnapshotResult } from '../../core/model/result';
import { snapshotBlock } from '../share/standing';
import type { IProjectModel } from '../tokens';
import { ChangeList } from './change-list';
import type { SectionProps } from './section-props';
import { amountInWords, shortId, sizeInWords, splitPath } from './words';

/** What is in no snapshot yet, and the box to snapshot it from. */
export function Changes({ model, trans }: SectionProps): JSX.Element {
  const project = model.project;
  const status = project?.status;
  if (!project || !status) {
    return <></>;
  }
  return (
    <div className="bb-Changes">
      {status.inProgress !== null && (
        <div className="bb-Problem" role="status">
          {trans.__('Git is in the middle of a %1. Finish it before you snapshot.', status.inProgress)}
        </div>
      )}
      {!status.clean && <SnapshotBox model={model} trans={trans} />}
      {project.activity && <Activity activity={project.activity} trans={trans} />}
      {model.result && <ResultLine result={model.result} trans={trans} />}
      {status.clean ? (
        <p className="bb-Quiet">{trans.__('Everything is in a snapshot.')}</p>
      ) : (
        <ChangeList
          changes={status.changes}
          trans={trans}
          onDiff={file => void model.run('branchbook:diff', { file })}
        />
      )}
    </div>
  );
}

function SnapshotBox({ model, trans }: SectionProps): JSX.Element {
  const status = model.project?.status;
  const block = model.project && snapshotBlock(model.project, trans);
  const disabled = model.project?.activity !== null || status?.inProgress !== null || block !== null;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !disabled) {
      event.preventDefault();
      void model.snapshot();
    }
    event.stopPropagation();
  };
  return (
    <div className="bb-SnapshotBox" data-lm-suppress-shortcuts="true">
      <textarea
        className="bb-SnapshotBox-message jp-mod-styled"
        rows={2}
        aria-label={trans.__('Snapshot message')}
        placeholder={trans.__('What changed? (Ctrl/⌘ Enter to snapshot)')}
        value={model.message}
        onChange={event => (model.message = event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className="bb-SnapshotBox-actions">
        <button
          type="button"
          className="bb-LinkButton"
          disabled={disabled}
          onClick={() => void model.run('branchbook:snapshot')}
        >
          {trans.__('Choose files…')}
        </button>
        <Button
          className="jp-mod-styled jp-mod-accept bb-SnapshotBox-button"
          disabled={disabled}
          title={block ?? undefined}
          onClick={() => void model.snapshot()}
        >
          {trans.__('Snapshot')}
        </Button>
      </div>
    </div>
  );
}

type ActivityProps = { readonly activity: NonNullable<IProjectModel['activity']>; readonly trans: TranslationBundle };

function Activity({ activity, trans }: ActivityProps): JSX.Element {
  const { progress } = activity;
  const phase = progress?.phase ?? activity.verb;
  return (
    <div className="bb-Activity" role="status">
      <div className="bb-Activity-line">
        <span className="bb-Activity-phase" title={progress?.path}>
          {phase}
        </span>
        {progress && <span className="bb-Size">{amountInWords(progress)}</span>}
        <button type="button" className="bb-LinkButton" onClick={() => activity.cancel()}>
          {trans.__('Cancel')}
        </button>
      </div>
      <progress
        className="bb-Activity-bar"
        aria-label={phase}
        {...(progress?.total ? { value: progress.done, max: progress.total } : {})}
      />
    </div>
  );
}

function ResultLine({
  result,
  trans
}: {
  readonly result: SnapshotResult;
  readonly trans: TranslationBundle;
}): JSX.Element {
  const files = trans._n('%1 file', '%1 files', result.changes.length);
  const total = result.assets.reduce((sum, asset) => sum + asset.size, 0);
  const fresh = result.assets.reduce((sum, asset) => sum + asset.newBytes, 0);
  return (
    <div className="bb-Result" role="status">
      <div>{trans.__('Snapshot %1: %2', shortId(result.snapshot.id), files)}</div>
      {result.assets.length > 0 && (
        <div className="bb-Quiet">
          {trans.__('%1 new of %2 after deduplication', sizeInWords(fresh), sizeInWords(total))}
        </div>
      )}
      {result.anomalies && result.anomalies.length > 0 && <Anomalies anomalies={result.anomalies} trans={trans} />}
      {result.notices.map(notice => (
        <div key={notice} className="bb-Result-notice">
          {notice}
        </div>
      ))}
    </div>
  );
}

/** Anomalies told one by one; of more, how many. */
const told = 5;

type AnomaliesProps = {
  readonly anomalies: NonNullable<SnapshotResult['anomalies']>;
  readonly trans: TranslationBundle;
};

/** What the tables of a snapshot have that their schemas do not expect. */
function Anomalies({ anomalies, trans }: AnomaliesProps): JSX.Element {
  return (
    <div className="bb-Anomalies">
      <div>{trans._n('%1 anomaly', '%1 anomalies', anomalies.length)}</div>
      <ul>
        {anomalies.slice(0, told).map(({ path, column, severity, summary, message, hint }, index) => (
          <li key={index} title={[message, hint].join('\n')}>
            <span className={`bb-Badge bb-mod-${severity === 'fail' ? 'removed' : 'modified'}`}>
              {severity === 'fail' ? trans.__('Fail') : trans.__('Warn')}
            </span>
            <span className="bb-Anomaly-text">
              <span className="bb-Anomaly-where">{column ?? splitPath(path).name}</span> {summary}
            </span>
          </li>
        ))}
      </ul>
      {anomalies.length > told && <div className="bb-Quiet">{trans.__('and %1 more', anomalies.length - told)}</div>}
    </div>
  );
}
