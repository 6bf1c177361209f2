import { Button } from '@jupyterlab/ui-components';
import type { ReactNode } from 'react';
import { versionsIcon } from '../icons';
import type { SectionProps } from './section-props';

/** What stands in place of the sections: no server side, no project, a problem, or not loaded yet. */
export function EmptyState({ model, trans }: SectionProps): JSX.Element {
  const { branchbook, project } = model;
  if (branchbook.unavailable) {
    return (
      <Message title={trans.__('Branchbook is not running here')}>
        <p>{trans.__('Install branchbook in the environment that runs Jupyter Server, then restart the server.')}</p>
      </Message>
    );
  }
  if (!project && branchbook.problem !== null) {
    return (
      <Message title={trans.__('Branchbook could not start')}>
        <p role="alert">{branchbook.problem}</p>
      </Message>
    );
  }
  if (!project) {
    const folder = branchbook.folder || trans.__('the top folder');
    return (
      <Message title={trans.__('Not versioned yet')}>
        <p>{trans.__('Branches and snapshots of notebooks, data and models for everything in %1.', folder)}</p>
        <Button className="jp-mod-styled jp-mod-accept" onClick={() => void model.run('branchbook:init')}>
          {trans.__('Start versioning this folder')}
        </Button>
      </Message>
    );
  }
  if (project.problem !== null) {
    return (
      <Message title={trans.__('This project could not be read')}>
        <p role="alert">{project.problem}</p>
        <Button className="jp-mod-styled" onClick={() => void project.refresh()}>
          {trans.__('Try again')}
        </Button>
      </Message>
    );
  }
  return (
    <div className="bb-Empty" role="status">
      <p className="bb-Quiet">{trans.__('Loading…')}</p>
    </div>
  );
}

function Message(props: { readonly title: string; readonly children: ReactNode }): JSX.Element {
  return (
    <div className="bb-Empty">
      <versionsIcon.react tag="span" className="bb-Empty-icon" />
      <h3 className="bb-Empty-title">{props.title}</h3>
      {props.children}
    </div>
  );
}
