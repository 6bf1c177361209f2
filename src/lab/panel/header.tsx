import { refreshIcon, undoIcon } from '@jupyterlab/ui-components';
import { branchIcon } from '../branch/branch-icon';
import { snapshotIcon } from '../icons';
import { undoLabel } from './history';
import { IconButton } from './icon-button';
import type { SectionProps } from './section-props';
import { splitPath } from './words';

/** Project, branch and the actions that concern all of it. */
export function Header({ model, trans }: SectionProps): JSX.Element {
  const project = model.project;
  if (!project) {
    return <></>;
  }
  const { root } = project.located;
  const branch = project.status?.branch ?? '';
  const { nextUndo } = model;
  const busy = project.activity !== null;
  return (
    <div className="bb-Header">
      <div className="bb-Header-names">
        <div className="bb-Header-project" title={root}>
          {splitPath(root.replace(/[\\]/g, '/')).name || root}
        </div>
        <div className="bb-Header-branch" title={trans.__('Current branch: %1', branch)}>
          <branchIcon.react tag="span" className="bb-Header-branchIcon" />
          <span className="bb-Header-branchName">{branch}</span>
        </div>
      </div>
      <div className="bb-Header-actions" role="group" aria-label={trans.__('Project actions')}>
        <IconButton
          icon={snapshotIcon}
          label={trans.__('Snapshot…')}
          disabled={busy}
          onClick={() => void model.run('branchbook:snapshot')}
        />
        <IconButton
          icon={undoIcon}
          label={nextUndo ? undoLabel(nextUndo, trans) : trans.__('Nothing to undo')}
          disabled={busy || !nextUndo}
          onClick={() => void model.run('branchbook:undo')}
        />
        <IconButton icon={refreshIcon} label={trans.__('Refresh')} onClick={() => void model.refresh()} />
      </div>
      {project.problem !== null && (
        <div className="bb-Problem" role="alert">
          {project.problem}
        </div>
      )}
    </div>
  );
}
