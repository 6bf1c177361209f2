import { Dialog, InputDialog, Notification, showDialog } from '@jupyterlab/apputils';
import type { JoinResult } from '../../core/model/sharing';
import { cloneHere, folderForClones, freeFolder } from '../share/clone';
import { givenInWords, placeOfLink } from '../share/join-words';
import { openWorkspace } from '../share/open-workspace';
import { withSignIn } from '../share/sign-in';
import { withProgress } from '../switch/progress-notification';
import type { IProjectModel } from '../tokens';
import { argument, type CommandEnvironment, reporting } from './command-environment';

/** Open what somebody shared by link. Nothing happens before the user agreed, whoever ran the command. */
export function addJoinCommand(env: CommandEnvironment): void {
  const { trans, branchbook } = env;
  env.commands.addCommand('branchbook:join', {
    label: trans.__('Join by Link…'),
    caption: trans.__('Open what somebody shared with you by link'),
    describedBy: {
      args: {
        type: 'object',
        properties: { link: { type: 'string', description: 'The link; asked for when missing' } }
      }
    },
    isEnabled: () => !branchbook.unavailable,
    execute: args =>
      reporting(env, async () => {
        const given = argument(args, 'link');
        const link = given ?? (await askLink(env));
        if (link !== null && (given === undefined || (await agrees(env, link)))) {
          await join(env, link);
        }
      })
  });
}

async function askLink({ trans }: CommandEnvironment): Promise<string | null> {
  const { button, value } = await InputDialog.getText({
    title: trans.__('Join by link'),
    label: trans.__('The link you were sent. You are told what it gives before anything is opened.'),
    placeholder: trans.__('https://hub.example.org/join/…'),
    okLabel: trans.__('Join')
  });
  return button.accept ? value?.trim() || null : null;
}

/** A page that somebody was led to may ask for this, so the person has to say yes. */
async function agrees({ trans }: CommandEnvironment, link: string): Promise<boolean> {
  const { button } = await showDialog({
    title: trans.__('Accept an invitation?'),
    body: trans.__(
      'A link invites you to something shared at %1. If you accept, that place learns who you are, and you are told what you were given before anything is opened.',
      placeOfLink(link)
    ),
    buttons: [Dialog.cancelButton({ label: trans.__('Cancel') }), Dialog.okButton({ label: trans.__('Accept') })]
  });
  return button.accept;
}

async function join(env: CommandEnvironment, link: string): Promise<void> {
  const { trans, branchbook } = env;
  const result = await withSignIn(env, () =>
    withProgress(trans.__('Joining…'), trans, options => branchbook.run('join', { link, only: true }, options))
  );
  const project = result && projectOf(result);
  if (!result || project === null) {
    if (result) {
      Notification.success(givenInWords(result, trans), { autoClose: 8000 });
    }
    return;
  }
  const here = await cloneOf(env, result, project);
  if (await wantsToOpen(env, result, here)) {
    const opened = here ?? (await clone(env, result, project));
    if (opened) {
      await openWorkspace(env, opened, result.joined.workspace);
    }
  }
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

/** Say what was given and what opening it does. */
async function wantsToOpen(
  { trans }: CommandEnvironment,
  result: JoinResult,
  here: IProjectModel | null
): Promise<boolean> {
  const how =
    here === null
      ? trans.__('It is opened in a new folder; data and models come when you open them.')
      : trans.__('Your clone in %1 is used.', here.located.contentsPath || here.located.root);
  const { button } = await showDialog({
    title: trans.__('You are in'),
    body: [givenInWords(result, trans), how].join(' '),
    buttons: [Dialog.cancelButton({ label: trans.__('Not now') }), Dialog.okButton({ label: trans.__('Open it') })]
  });
  return button.accept;
}
