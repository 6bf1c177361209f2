/** `init`: make a git repository a project. Safe to repeat. */
import { ensureDirectory } from '../durable';
import { BranchbookError } from '../error';
import { decodePointer, POINTER_MAX_BYTES } from '../format/pointer';
import type { Person } from '../model/git';
import type { InitArgs, InitResult } from '../model/result';
import type { IProject } from '../port';
import { assetPatterns, withDefaultPatterns } from './asset-patterns';
import { ATTRIBUTES_FILE } from './asset-rule';
import { editTextFile, readTextFile } from './edit-text-file';
import { setFilters } from './filter-config';
import { headName } from './head';
import type { Operation } from './operation';
import { writeFormat } from './project-format';

const IGNORED = ['.ipynb_checkpoints/', '__pycache__/'];
/** Named in a notice; the rest is counted. */
const LISTED_PATHS = 5;

export const initOperation: Operation<'init'> = {
  verb: 'init',
  summary: 'Make this folder a project: version notebooks, data and models together',
  mutates: true,
  run: init
};

/** The folder that exists in every project and in no other repository. */
export function projectMarker(home: string): string {
  return `${home}/operations`;
}

/** USAGE for an identity that git would not take; PATH_UNSAFE when .gitattributes or .gitignore is a link. */
export async function init(project: IProject, args: InitArgs): Promise<InitResult> {
  const marker = projectMarker(project.home);
  const created = (await project.files.lstat(marker)) === null;
  await readTextFile(project, '.gitignore');
  await editTextFile(project, ATTRIBUTES_FILE, withDefaultPatterns);
  await editTextFile(project, '.gitignore', withIgnored);
  if (args.identity) {
    await setIdentity(project, args.identity);
  }
  await markProject(project);
  return {
    root: project.root,
    created,
    patterns: assetPatterns(await readTextFile(project, ATTRIBUTES_FILE)),
    branch: headName(await project.git.head()),
    notices: await noticeTracked(project)
  };
}

/** What makes a repository a project, besides files that are versioned. */
export async function markProject(project: IProject): Promise<void> {
  await setFilters(project);
  await ensureDirectory(project.files, project.home);
  await writeFormat(project.files, project.home);
  await ensureDirectory(project.files, projectMarker(project.home));
}

function withIgnored(text: string): string {
  const present = new Set(text.split(/\r?\n/).map(line => line.trim().replace(/\/$/, '')));
  const missing = IGNORED.filter(pattern => !present.has(pattern.slice(0, -1)));
  const separator = text === '' || text.endsWith('\n') ? '' : '\n';
  return missing.length === 0 ? text : `${text}${separator}${missing.join('\n')}\n`;
}

async function setIdentity(project: IProject, { name, email }: Person): Promise<void> {
  for (const [argument, value] of Object.entries({ name, email })) {
    // git leaves these characters out of names; a line break would end the line in the commit.
    // eslint-disable-next-line no-control-regex
    if (value.trim() === '' || /[<>\u0000-\u001f]/.test(value)) {
      throw new BranchbookError(
        'USAGE',
        `${JSON.stringify(value)} cannot be the ${argument} of an author.`,
        { argument, reason: 'empty, or with a character git does not allow' },
        'Give a name and an e-mail address, for example Ada Lovelace and ada@example.org.'
      );
    }
  }
  await project.git.setConfig('user.name', name.trim());
  await project.git.setConfig('user.email', email.trim());
}

/** Files that git stores itself although they match the patterns: rewriting history is not ours to decide. */
async function noticeTracked(project: IProject): Promise<readonly string[]> {
  const head = await project.git.head();
  if (!head.commit) {
    return [];
  }
  const { tree } = await project.git.readCommit(head.commit);
  const found: string[] = [];
  for (const entry of await project.git.listTree(tree)) {
    const regular = entry.mode === '100644' || entry.mode === '100755';
    if (regular && (await project.git.isAsset(entry.path))) {
      const bytes = await project.git.readBlob(entry.oid);
      if (bytes.length > 0 && (bytes.length > POINTER_MAX_BYTES || !decodePointer(bytes))) {
        found.push(entry.path);
      }
    }
  }
  if (found.length === 0) {
    return [];
  }
  const list = found.slice(0, LISTED_PATHS).join(', ') + (found.length > LISTED_PATHS ? ', …' : '');
  return [
    `${found.length} tracked ${found.length === 1 ? 'file' : 'files'} in git ${found.length === 1 ? 'is' : 'are'} now ` +
      `tracked as assets: git keeps the old versions itself, the next snapshot stores them as assets (${list}).`
  ];
}
