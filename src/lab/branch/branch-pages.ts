import { addIcon, deleteIcon, editIcon, launchIcon, type LabIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { BranchInfo } from '../../core/model/result';
import type { IBranchbook, IProjectModel } from '../tokens';
import { branchIcon } from './branch-icon';
import { byRecency, matching } from './branch-order';
import type { IMenuPage, MenuEntry } from './filter-menu';

/** Runs a Branchbook command for the project the menu belongs to. */
export type RunBranchCommand = (command: string, args: { readonly [name: string]: string }) => void;

/** The menu of a project: every branch, and a new one named as typed. */
export function branchPage(project: IProjectModel, run: RunBranchCommand, trans: TranslationBundle): IMenuPage {
  const current = (): string => project.status?.branch ?? '';
  const branchEntry = (branch: BranchInfo): MenuEntry => ({
    label: branch.name,
    detail: branch.worktree ? trans.__('open beside in %1', branch.worktree) : branch.subject,
    icon: branchIcon,
    checked: branch.current,
    separated: false,
    run: () => !branch.current && run('branchbook:switch', { branch: branch.name }),
    more: actionsPage(branch, current(), run, trans)
  });
  const createEntry = (name: string): MenuEntry => ({
    label: name
      ? trans.__('Create branch “%1” from %2', name, current())
      : trans.__('Create a branch from %1…', current()),
    detail: '',
    icon: addIcon,
    checked: false,
    separated: true,
    run: () => run('branchbook:create-branch', name ? { name } : {}),
    more: null
  });
  return {
    title: trans.__('Branches'),
    placeholder: trans.__('Find or create a branch'),
    entries: query => {
      const found = matching(byRecency(project.branches), query);
      const exact = project.branches.some(branch => branch.name === query);
      return [...found.map(branchEntry), ...(exact ? [] : [createEntry(query)])];
    },
    message: query => {
      if (project.problem) {
        return project.problem;
      }
      if (project.status && !project.status.clean && !query) {
        return project.status.summary;
      }
      return query && matching(project.branches, query).length === 0 ? trans.__('No branch matches.') : '';
    }
  };
}

function actionsPage(branch: BranchInfo, current: string, run: RunBranchCommand, trans: TranslationBundle): IMenuPage {
  const action = (command: string, label: string, icon: LabIcon | null = null, separated = false): MenuEntry => ({
    label,
    detail: '',
    icon,
    checked: false,
    separated,
    run: () => run(command, { branch: branch.name }),
    more: null
  });
  const elsewhere = [
    action('branchbook:switch', trans.__('Switch to it'), branchIcon),
    action('branchbook:open-beside', trans.__('Open beside'), launchIcon),
    action('branchbook:merge-branch', trans.__('Merge into %1', current)),
    action('branchbook:compare', trans.__('Compare with %1', current))
  ];
  const anywhere = [action('branchbook:rename-branch', trans.__('Rename…'), editIcon, !branch.current)];
  const removal = [action('branchbook:delete-branch', trans.__('Delete'), deleteIcon)];
  const all = branch.current ? anywhere : [...elsewhere, ...anywhere, ...removal];
  return {
    title: branch.name,
    placeholder: trans.__('Find an action'),
    entries: query => all.filter(entry => entry.label.toLowerCase().includes(query.toLowerCase())),
    message: () => (branch.current ? trans.__('This branch is checked out here.') : '')
  };
}

/** The menu outside any project: offers to start one. */
export function noProjectPage(branchbook: IBranchbook, run: RunBranchCommand, trans: TranslationBundle): IMenuPage {
  const start: MenuEntry = {
    label: trans.__('Start versioning this folder'),
    detail: branchbook.folder || '/',
    icon: addIcon,
    checked: false,
    separated: false,
    run: () => run('branchbook:init', {}),
    more: null
  };
  return {
    title: trans.__('Branches'),
    placeholder: trans.__('Find an action'),
    entries: () => (branchbook.unavailable ? [] : [start]),
    message: () =>
      branchbook.unavailable
        ? trans.__('Jupyter Server runs without the Branchbook extension. Install branchbook there and restart it.')
        : trans.__('No branches yet: this folder is not versioned.')
  };
}
