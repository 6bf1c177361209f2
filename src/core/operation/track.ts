/** `track`: make more files assets, by pattern. */
import { BranchbookError } from '../error';
import type { TrackArgs, TrackResult } from '../model/result';
import type { IProject } from '../port';
import { afterwards } from './afterwards';
import { assetPatterns, withPatterns } from './asset-patterns';
import { ATTRIBUTES_FILE } from './asset-rule';
import { editTextFile, readTextFile } from './edit-text-file';
import type { Operation } from './operation';

export const trackOperation: Operation<'track'> = {
  verb: 'track',
  summary: 'Treat files that match a pattern as assets',
  mutates: args => args.patterns.length > 0,
  run: track
};

/** Without patterns, only says which there are. USAGE for a pattern that git would not take. */
export async function track(project: IProject, args: TrackArgs): Promise<TrackResult> {
  const patterns: string[] = [];
  for (const pattern of args.patterns) {
    patterns.push(await toPattern(project, pattern));
  }
  let added: readonly string[] = [];
  await editTextFile(project, ATTRIBUTES_FILE, text => {
    const edited = withPatterns(text, patterns);
    added = edited.added;
    return edited.text;
  });
  const text = await afterwards('The patterns are added', () => readTextFile(project, ATTRIBUTES_FILE));
  return { added, patterns: assetPatterns(text) };
}

/** A folder means all that is in it. */
async function toPattern(project: IProject, text: string): Promise<string> {
  checkPattern(text);
  const folder = text.replace(/\/+$/, '');
  const isFolder = text.endsWith('/') || (await project.files.lstat(`${project.root}/${folder}`))?.kind === 'directory';
  return isFolder ? `${folder}/**` : text;
}

/** USAGE for a pattern that git would not take. */
export function checkPattern(text: string): void {
  const reason = reasonInvalid(text);
  if (reason) {
    throw new BranchbookError(
      'USAGE',
      `${JSON.stringify(text)} is not a pattern: ${reason}.`,
      { argument: 'patterns', reason },
      'Write a pattern as in .gitattributes, for example *.dat or raw/**.'
    );
  }
}

function reasonInvalid(text: string): string | null {
  if (text.trim() === '' || text === '/') {
    return 'it is empty';
  }
  if (text.startsWith('!')) {
    return 'git does not allow negative patterns here';
  }
  if (text.split('/').includes('..')) {
    return 'it leads outside its folder';
  }
  // eslint-disable-next-line no-control-regex
  return /[\u0000-\u001f]/.test(text) ? 'it has a control character' : null;
}
