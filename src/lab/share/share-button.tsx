import { ReactWidget, usersIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IBranchbook, IProjectModel, IProjectSharing } from '../tokens';
import { People } from './people';
import { incomingInWords, isViewing, otherPeople, pushBlock, sharedName } from './standing';

export type ShareButtonOptions = {
  readonly branchbook: IBranchbook;
  readonly trans: TranslationBundle;
  /** Open the menu below the button. Resolves when it has closed. */
  readonly open: (anchor: HTMLElement) => Promise<void>;
};

/** Where the current project is shared, how it stands to that, and who is there; a click opens what to do about it. */
export class ShareButton extends ReactWidget {
  constructor(private readonly _options: ShareButtonOptions) {
    super();
    this.addClass('bb-ShareControl');
    _options.branchbook.currentChanged.connect(this._onProject, this);
    this._onProject();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._options.branchbook.currentChanged.disconnect(this._onProject, this);
      this._project?.stateChanged.disconnect(this.update, this);
      super.dispose();
    }
  }

  protected override render(): JSX.Element {
    const { branchbook, trans } = this._options;
    const project = this._project;
    if (branchbook.unavailable) {
      return <></>;
    }
    const check = project?.sharing.check ?? null;
    const view = describe(project, trans);
    return (
      <>
        {check && <People people={otherPeople(check)} trans={trans} />}
        <button
          type="button"
          className={view.problem ? 'bb-ShareButton bb-mod-problem' : 'bb-ShareButton'}
          aria-haspopup="menu"
          aria-expanded={this._isOpen}
          aria-label={view.title}
          title={view.title}
          onClick={event => void this._open(event.currentTarget)}
        >
          <usersIcon.react tag="span" className="bb-ShareButton-icon" />
          <span className="bb-ShareButton-name">{view.name}</span>
          {check !== null && check.ahead > 0 && <span className="bb-ShareButton-count">⇡{check.ahead}</span>}
          {check !== null && check.behind > 0 && (
            <span className="bb-ShareButton-count bb-mod-new">⇣{check.behind}</span>
          )}
          {view.badge !== null && <span className="bb-Badge">{view.badge}</span>}
        </button>
      </>
    );
  }

  private async _open(anchor: HTMLElement): Promise<void> {
    this._isOpen = true;
    this.update();
    try {
      await this._options.open(anchor);
    } finally {
      this._isOpen = false;
      this.update();
    }
  }

  private _onProject(): void {
    this._project?.stateChanged.disconnect(this.update, this);
    this._project = this._options.branchbook.current;
    this._project?.stateChanged.connect(this.update, this);
    this.update();
  }

  private _project: IProjectModel | null = null;
  private _isOpen = false;
}

type View = {
  readonly name: string;
  readonly title: string;
  readonly badge: string | null;
  readonly problem: boolean;
};

function describe(project: IProjectModel | null, trans: TranslationBundle): View {
  const name = project && sharedName(project.sharing);
  if (!project || name === null) {
    const title = trans.__('Share this project, or open one that is shared');
    return { name: trans.__('Share'), title, badge: null, problem: false };
  }
  const trouble = troubleInWords(project.sharing, trans);
  const parts = [trans.__('Shared as %1', name), trouble?.title ?? standingInWords(project, trans)];
  return {
    name,
    title: parts.filter(Boolean).join('. '),
    badge: trouble?.badge ?? badgeOf(project, trans),
    problem: trouble !== null
  };
}

/** What keeps the place from being asked, where the user can do something about it. */
function troubleInWords(
  { problem }: IProjectSharing,
  trans: TranslationBundle
): { readonly badge: string; readonly title: string } | null {
  switch (problem?.code) {
    case 'SIGNED_OUT':
      return { badge: trans.__('Signed out'), title: problem.message };
    case 'PLACE_UNREACHABLE':
    case 'IO':
      return { badge: trans.__('Offline'), title: problem.message };
    case 'FORBIDDEN':
    case 'NAMESPACE_UNKNOWN':
    case 'PROJECT_UNKNOWN':
      return { badge: trans.__('No access'), title: problem.message };
    default:
      return null;
  }
}

function badgeOf(project: IProjectModel, trans: TranslationBundle): string | null {
  if (isViewing(project.sharing.check)) {
    return trans.__('View only');
  }
  return pushBlock(project, trans) === null ? null : trans.__('Protected');
}

function standingInWords(project: IProjectModel, trans: TranslationBundle): string {
  const { check } = project.sharing;
  if (!check) {
    return '';
  }
  const incoming = incomingInWords(check, trans);
  const ahead = check.ahead > 0 ? trans._n('%1 snapshot to push', '%1 snapshots to push', check.ahead) : '';
  return [ahead, incoming && trans.__('%1 to pull', incoming), pushBlock(project, trans)].filter(Boolean).join('. ');
}
