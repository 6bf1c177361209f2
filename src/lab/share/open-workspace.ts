import type { SharedWorkspace } from '../../core/model/namespace';
import type { CommandEnvironment } from '../commands/command-environment';
import type { IProjectModel } from '../tokens';
import { arrange, type Opening } from './arrange';

/** Show a project in the file browser, at a branch, with documents open as their sender had them. */
export async function openWorkspace(
  env: CommandEnvironment,
  project: IProjectModel,
  workspace: SharedWorkspace | null
): Promise<void> {
  await goTo(env, project.located.contentsPath ?? '');
  if (!workspace || !(await isOn(env, project, workspace.branch))) {
    return;
  }
  const { openings, front } = arrange(workspace);
  const opened = new Map<string, string>();
  for (const opening of openings) {
    await open(env, project, opening, opened);
  }
  const id = front === null ? undefined : opened.get(front);
  if (id !== undefined) {
    env.shell.activateById(id);
  }
}

export async function goTo({ commands }: CommandEnvironment, folder: string): Promise<void> {
  if (commands.hasCommand('filebrowser:go-to-path')) {
    await commands.execute('filebrowser:go-to-path', { path: folder });
  }
}

/** Switch unless it is there already. False when the user would not. */
async function isOn({ branchbook }: CommandEnvironment, project: IProjectModel, branch: string): Promise<boolean> {
  await project.refresh();
  return project.status?.branch === branch || (await branchbook.switchBranch(project, { branch })) !== null;
}

/** `opened` has the ids of the tabs so far. A file that is no longer there is left out. */
async function open(
  { docManager, shell }: CommandEnvironment,
  project: IProjectModel,
  { path, mode, beside }: Opening,
  opened: Map<string, string>
): Promise<void> {
  const contentsPath = project.toContentsPath(path);
  const there = contentsPath !== null && (await exists(docManager.services.contents, contentsPath));
  if (!there) {
    return;
  }
  const ref = beside === null ? undefined : opened.get(beside);
  const place = ref === undefined ? {} : { ref, mode };
  const widget = docManager.openOrReveal(contentsPath, 'default', undefined, { activate: false, ...place });
  if (widget) {
    opened.set(path, widget.id);
    shell.activateById(widget.id);
  }
}

async function exists(
  contents: CommandEnvironment['docManager']['services']['contents'],
  path: string
): Promise<boolean> {
  try {
    await contents.get(path, { content: false });
    return true;
  } catch {
    return false;
  }
}
