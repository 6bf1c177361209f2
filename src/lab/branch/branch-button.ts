import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import type { IProjectModel } from '../tokens';
import { branchIcon } from './branch-icon';

export type BranchButtonOptions = {
  readonly trans: TranslationBundle;
  /** Open the branch menu beside the button. Resolves when the menu is gone. */
  readonly open: (anchor: HTMLElement, project: IProjectModel | null) => Promise<void>;
};

/**
 * Shows the branch of a project and whether anything is not snapshotted; a click opens the branch menu. All state is in
 * the model, so the toolbar may move the widget into its overflow popup and back.
 */
export class BranchButton extends Widget {
  constructor(private readonly _options: BranchButtonOptions) {
    super();
    this.addClass('bb-BranchButton');
    this._button.type = 'button';
    this._button.setAttribute('aria-haspopup', 'dialog');
    this._button.setAttribute('aria-expanded', 'false');
    this._name.className = 'bb-BranchButton-name';
    this._dot.className = 'bb-BranchButton-dot';
    this._dot.setAttribute('aria-hidden', 'true');
    const icon = document.createElement('span');
    icon.className = 'bb-BranchButton-icon';
    branchIcon.element({ container: icon, stylesheet: 'toolbarButton' });
    this._button.append(icon, this._name, this._dot);
    this.node.append(this._button);
    this._render();
  }

  get project(): IProjectModel | null {
    return this._project;
  }

  set project(project: IProjectModel | null) {
    if (project === this._project) {
      return;
    }
    this._project?.stateChanged.disconnect(this.update, this);
    this._project = project;
    project?.stateChanged.connect(this.update, this);
    this.update();
  }

  get anchor(): HTMLElement {
    return this._button;
  }

  override dispose(): void {
    this.project = null;
    super.dispose();
  }

  handleEvent(event: Event): void {
    if (event.type === 'mousedown') {
      // A click must not take the focus from the cell it will go back to.
      event.preventDefault();
    } else {
      void this._open();
    }
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this._button.addEventListener('mousedown', this);
    this._button.addEventListener('click', this);
    this._render();
  }

  protected override onBeforeDetach(message: Message): void {
    this._button.removeEventListener('mousedown', this);
    this._button.removeEventListener('click', this);
    super.onBeforeDetach(message);
  }

  protected override onUpdateRequest(message: Message): void {
    super.onUpdateRequest(message);
    this._render();
  }

  private async _open(): Promise<void> {
    this._button.setAttribute('aria-expanded', 'true');
    try {
      await this._options.open(this._button, this._project);
    } finally {
      this._button.setAttribute('aria-expanded', 'false');
    }
  }

  private _render(): void {
    const view = describe(this._project, this._options.trans);
    this._name.textContent = view.name;
    this._button.title = view.title;
    this._button.setAttribute('aria-label', view.title);
    this._dot.hidden = !view.changed;
    this.toggleClass('bb-mod-busy', view.busy);
    this.toggleClass('bb-mod-problem', view.problem);
    this.toggleClass('bb-mod-none', this._project === null);
  }

  private _project: IProjectModel | null = null;
  private readonly _button = document.createElement('button');
  private readonly _name = document.createElement('span');
  private readonly _dot = document.createElement('span');
}

type View = {
  readonly name: string;
  readonly title: string;
  readonly changed: boolean;
  readonly busy: boolean;
  readonly problem: boolean;
};

function describe(project: IProjectModel | null, trans: TranslationBundle): View {
  if (!project) {
    const title = trans.__('This folder is not versioned by Branchbook');
    return { name: trans.__('Not versioned'), title, changed: false, busy: false, problem: false };
  }
  const { status, activity, problem } = project;
  const name = status?.branch ?? '…';
  const common = { name, busy: activity !== null, changed: status ? !status.clean : false, problem: problem !== null };
  if (problem !== null) {
    return { ...common, title: problem };
  }
  const title = status ? trans.__('Branch %1: %2', name, status.summary) : trans.__('Loading the branch…');
  return { ...common, title };
}
