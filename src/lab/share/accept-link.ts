import { Dialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { JoinResult } from '../../core/model/sharing';
import type { CommandEnvironment } from '../commands/command-environment';
import { withProgress } from '../switch/progress-notification';
import type { IProjectModel } from '../tokens';
import { cloneHere, folderForClones, freeFolder } from './clone';
import { invitationBody } from './invitation';
import { openWorkspace } from './open-workspace';
import { withSignIn } from './sign-in';

/** Ask whether to take what a link gives, saying what that is; then take it and open it. */
export async function acceptLink(env: CommandEnvironment, link: string): Promise<void> {
  const { trans, branchbook } = env;
  const title = trans.__('Asking what the link gives…');
  const looked = await withProgress(title, trans, options => branchbook.run('join', { link, look: true }, options));
  const project = projectOf(looked);
  const here = project === null ? null : await cloneOf(env, looked, project);
  if (!(await accepts(env, looked, project, here))) {
    return;
  }
  const result = await withSignIn(env, () =>
    withProgress(trans.__('Joining…'), trans, options => branchbook.run('join', { link, only: true }, options))
  );
  if (result && project === null) {
    Notification.success(result.done, { autoClose: 8000 });
  } else if (result && project !== null) {
    const opened = here ?? (await clone(env, result, project));
    if (opened) {
      await openWorkspace(env, opened, result.joined.workspace);
    }
  }
}

/** Say what the link gives, from whom and until when, and what opening it does. */
async function accepts(
  { trans }: CommandEnvironment,
  { place, offer }: JoinResult,
  project: string | null,
  here: IProjectModel | null
): Promise<boolean> {
  const opened =
    here === null
      ? trans.__('It is opened in a new folder; data and models come when you open them.')
      : trans.__('Your clone in %1 is used.', here.located.contentsPath || here.located.root);
  const { button } = await showDialog({
    title: trans.__('%1 invites you', offer!.by),
    body: invitationBody(place, offer!, project === null ? null : opened, trans),
    buttons: [
      Dialog.cancelButton({ label: trans.__('Not now') }),
      Dialog.okButton({ label: project === null ? trans.__('Join') : trans.__('Join and open') })
    ]
  });
  return button.accept;
}

/** The one project that was shared; null when it was something else. */
function projectOf({ joined: { workspace, object } }: JoinResult): string | null {
  return workspace?.project ?? ('project' in object ? object.project : null);
}

const addressOf = ({ place, joined }: JoinResult, project: string): string => `${place}/${joined.namespace}/${project}`;

/** A clone of it that is here already: the current project, or a folder of its name. */
async function cloneOf(env: CommandEnvironment, result: JoinResult, name: string): Promise<IProjectModel | null> {
  const { branchbook } = env;
  const folder = [folderForClones(env), name].filter(Boolean).join('/');
  for (const project of [branchbook.current, await branchbook.projectAt(`${folder}/`)]) {
    const { remotes } = project ? await project.run('remote', { action: 'list' }) : { remotes: [] };
    if (project && remotes.some(({ address }) => address === addressOf(result, name))) {
      return project;
    }
  }
  return null;
}

async function clone(env: CommandEnvironment, result: JoinResult, project: string): Promise<IProjectModel | null> {
  const { workspace } = result.joined;
  const folder = await freeFolder(env, folderForClones(env), project);
  const branch = workspace ? { branch: workspace.branch } : {};
  return cloneHere(env, { address: addressOf(result, project), folder, lazy: true, ...branch });
}
