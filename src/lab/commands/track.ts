import { InputDialog, Notification } from '@jupyterlab/apputils';
import type { TrackResult } from '../../core/model/result';
import { argument, type CommandEnvironment, inProject } from './command-environment';

/** Make files that match a pattern assets: versioned outside git, deduplicated. */
export function addTrackCommand(env: CommandEnvironment, selectedFiles: () => readonly string[]): void {
  const { trans } = env;
  env.commands.addCommand('branchbook:track', {
    label: trans.__('Track as Data…'),
    caption: trans.__('Keep files of a pattern as versioned data, however large'),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          pattern: {
            type: 'string',
            description: 'As in .gitattributes, for example *.parquet or data/**; asked for when missing'
          },
          selected: { type: 'boolean', description: 'Suggest the file selected in the file browser' }
        }
      }
    },
    execute: args =>
      inProject(env, args, async project => {
        const file = args['selected'] ? selectedFiles()[0] : undefined;
        const suggestion = file === undefined ? '' : (project.toProjectPath(file) ?? '');
        const pattern = argument(args, 'pattern') ?? (await askPattern(env, suggestion));
        if (!pattern) {
          return null;
        }
        const result = await project.run('track', { patterns: [pattern] });
        report(env, pattern, result);
        return result;
      })
  });
}

async function askPattern({ trans }: CommandEnvironment, text: string): Promise<string | null> {
  const { button, value } = await InputDialog.getText({
    title: trans.__('Track as data'),
    label: trans.__('Pattern, for example *.parquet or data/**'),
    text,
    okLabel: trans.__('Track')
  });
  return button.accept ? value : null;
}

function report({ trans }: CommandEnvironment, pattern: string, result: TrackResult): void {
  const message =
    result.added.length > 0
      ? trans.__('Files matching %1 are now data.', pattern)
      : trans.__('%1 was tracked already.', pattern);
  Notification.success(message, { autoClose: 5000 });
}
