/** What `git ls-remote --symref` says. The other side chose every byte of it. */
import { BranchbookError } from '../../../core/error';
import { checkRefName } from '../../../core/model/ref-name';
import type { ObjectId } from '../../../core/model/git';
import type { RemoteRefs } from '../../../core/port';

/** More than this many names is not a project. */
const MAX_REFS = 50_000;
const LINE = /^([0-9a-f]{40})\t([^\t]+)$/;

/** FORMAT_INVALID. */
export function parseRemoteRefs(text: string): RemoteRefs {
  const lines = text.split('\n').filter(line => line !== '');
  if (lines.length > 2 * MAX_REFS) {
    throw invalid(`it has more than ${MAX_REFS} branches and tags`);
  }
  const refs = new Map<string, ObjectId>();
  const refused: string[] = [];
  let head: string | null = null;
  for (const line of lines) {
    const symbolic = /^ref: refs\/heads\/([^\t]+)\tHEAD$/.exec(line);
    const [, oid, name] = LINE.exec(line) ?? [];
    if (symbolic) {
      head = symbolic[1]!;
    } else if (oid === undefined || name === undefined) {
      // Other hashes than SHA-1 end here too.
      if (!line.startsWith('ref: ')) {
        throw invalid('its list of branches cannot be read');
      }
    } else if (name !== 'HEAD' && !name.endsWith('^{}')) {
      if (isUsable(name)) {
        refs.set(name, oid);
      } else {
        refused.push(name);
      }
    }
  }
  refused.push(...withoutFolders(refs));
  return { head: head !== null && refs.has(`refs/heads/${head}`) ? head : null, refs, refused };
}

/** What all of them hold, whatever they are called; of annotated tags also what these lead to. FORMAT_INVALID. */
export function parseTips(text: string): readonly ObjectId[] {
  const oids = text.split('\n').flatMap(line => (line === '' ? [] : [LINE.exec(line)?.[1]]));
  if (oids.includes(undefined)) {
    throw invalid('its list of branches cannot be read');
  }
  return [...new Set(oids as readonly ObjectId[])];
}

function isUsable(name: string): boolean {
  const short = /^refs\/(?:heads|tags)\/(.+)$/.exec(name)?.[1];
  return short !== undefined && checkRefName(short) === null;
}

/** A name cannot also be a folder of names: the longer ones go. */
function withoutFolders(refs: Map<string, ObjectId>): readonly string[] {
  const removed = [...refs.keys()].filter(name => {
    const parts = name.split('/');
    return parts.some(
      (_, index) => index > 1 && index < parts.length - 1 && refs.has(parts.slice(0, index + 1).join('/'))
    );
  });
  removed.forEach(name => refs.delete(name));
  return removed;
}

function invalid(reason: string): BranchbookError {
  return new BranchbookError(
    'FORMAT_INVALID',
    `The remote does not answer as a git repository should: ${reason}.`,
    { format: 'git refs', reason },
    'Check the address.'
  );
}
