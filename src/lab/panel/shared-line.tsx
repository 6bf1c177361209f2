import { Time } from '@jupyterlab/coreutils';
import { caretRightIcon, usersIcon } from '@jupyterlab/ui-components';
import { useState } from 'react';
import type { RemoteCheck } from '../../core/model/sharing';
import { incomingInWords, pushBlock, sharedName, snapshotBlock } from '../share/standing';
import { Activity } from './activity';
import type { SectionProps } from './section-props';
import { shortId } from './words';

/** Where the project is shared, what is new there, what is not there yet, and who did what. Nothing for a project that is not shared. */
export function SharedLine({ model, trans }: SectionProps): JSX.Element {
  const { project } = model;
  const name = project && sharedName(project.sharing);
  if (!project || name === null) {
    return <></>;
  }
  const { check } = project.sharing;
  const block = pushBlock(project, trans) ?? snapshotBlock(project, trans);
  const busy = project.activity !== null;
  return (
    <div className="bb-Shared">
      <div className="bb-Shared-line">
        <usersIcon.react tag="span" className="bb-Shared-icon" />
        <span className="bb-Shared-name" title={check?.remote.address}>
          {name}
        </span>
        {check && check.ahead > 0 && (
          <button
            type="button"
            className="bb-LinkButton"
            disabled={busy || block !== null}
            title={block ?? trans.__('Send your snapshots, with their data and models')}
            onClick={() => void model.run('branchbook:push')}
          >
            {trans.__('Push ⇡%1', check.ahead)}
          </button>
        )}
      </div>
      {block !== null && <p className="bb-Shared-reason">{block}</p>}
      {check && check.behind > 0 && <Incoming check={check} model={model} trans={trans} />}
      {check && <Activity check={check} model={model} trans={trans} />}
    </div>
  );
}

/** `3 snapshots by Anna on main`, which opens to the list of them. */
function Incoming({ check, model, trans }: SectionProps & { readonly check: RemoteCheck }): JSX.Element {
  const [open, setOpen] = useState(false);
  const words = incomingInWords(check, trans) ?? '';
  return (
    <>
      <div className="bb-Shared-line">
        <button type="button" className="bb-Shared-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
          <caretRightIcon.react tag="span" className={open ? 'bb-Caret bb-mod-open' : 'bb-Caret'} />
          <span className="bb-Shared-incoming" title={words}>
            {words}
          </span>
        </button>
        <button
          type="button"
          className="bb-LinkButton"
          disabled={model.project?.activity !== null}
          onClick={() => void model.run('branchbook:pull')}
        >
          {trans.__('Pull')}
        </button>
      </div>
      {open && (
        <ol className="bb-Shared-list" aria-label={trans.__('New snapshots, newest first')}>
          {check.incoming.map(({ id, subject, author, time }) => (
            <li key={id} className="bb-Shared-snapshot" title={[subject, author.name, shortId(id)].join('\n')}>
              <span className="bb-Shared-subject">{subject}</span>
              <span className="bb-Quiet">{author.name}</span>
              <time className="bb-Time" dateTime={time} title={Time.format(time)}>
                {Time.formatHuman(time, 'narrow')}
              </time>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}
