/** What changed in a file that is no table: models, JSON and YAML, notebooks, text, pictures and sound. */
import { diffText } from '../content/diff/lines';
import { diffTree } from '../content/diff/tree';
import { extensionOf, wholeText } from '../content/media';
import { readContent } from '../content/read-content';
import { hasCode } from '../error';
import type { Content, ModelContent } from '../model/content';
import type { ContentDiff } from '../model/diff';
import type { Activity, IProject } from '../port';
import { diffNotebooks } from '../notebook/diff';
import { parseNotebook } from '../notebook/parse';
import { numbersOf } from './describe-content';
import type { FileVersion } from './diff-files';
import { withSource } from './version-source';

/** Longer texts are only told to differ. */
const MAX_TEXT_BYTES = 16 * 1024 * 1024;

type Pair = { readonly from: FileVersion; readonly to: FileVersion };
type Texts = readonly [string, string];

/** Never null: what has no comparison is opaque. ASSET_MISSING, OBJECT_CORRUPT, CANCELLED. */
export async function diffDocuments(
  project: IProject,
  { from, to }: Pair,
  _args: unknown,
  activity: Activity
): Promise<ContentDiff> {
  const read = (version: FileVersion): Promise<Content> =>
    withSource(project, version, activity, source => readContent(version.path, source, project.inflate, activity));
  const [before, after] = [await read(from), await read(to)];
  if (before.kind === 'model' && after.kind === 'model') {
    const numbers = async ({ tree }: FileVersion): Promise<ModelContent['metrics']> =>
      tree === null ? [] : numbersOf(project, tree, activity);
    return {
      kind: 'model',
      from: { ...before, metrics: await numbers(from) },
      to: { ...after, metrics: await numbers(to) }
    };
  }
  if (before.kind !== after.kind) {
    return opaque(`It was ${wordFor(before)} and is ${wordFor(after)}.`);
  }
  switch (after.kind) {
    case 'image':
    case 'audio':
      return { kind: after.kind, mime: after.mime };
    case 'json':
    case 'notebook':
    case 'text':
      return diffTexts(project, after.kind, { from, to }, activity);
    case 'unreadable':
      return opaque(after.reason);
    default:
      return opaque('Both are binary files that only their programs can read.');
  }
}

function opaque(reason: string): ContentDiff {
  return { kind: 'opaque', reason };
}

function wordFor(content: Content): string {
  const words: { readonly [kind in Content['kind']]: string } = {
    table: 'a table',
    model: 'a model',
    image: 'an image',
    audio: 'audio',
    text: 'text',
    json: 'JSON',
    notebook: 'a notebook',
    binary: 'a binary file',
    unreadable: 'a file that cannot be read'
  };
  return words[content.kind];
}

async function diffTexts(
  project: IProject,
  kind: 'json' | 'notebook' | 'text',
  { from, to }: Pair,
  activity: Activity
): Promise<ContentDiff> {
  const read = (version: FileVersion): Promise<string | null> =>
    withSource(project, version, activity, source => wholeText(source, MAX_TEXT_BYTES));
  const [before, after] = [await read(from), await read(to)];
  if (before === null || after === null) {
    return opaque(`Text of more than ${MAX_TEXT_BYTES / 2 ** 20} MiB, or not UTF-8.`);
  }
  const texts: Texts = [before, after];
  return structured(project, kind, to.path, texts) ?? diffText(...texts, project.matchLines);
}

/** null when the texts do not parse, so that their lines are compared. */
function structured(
  project: IProject,
  kind: 'json' | 'notebook' | 'text',
  path: string,
  texts: Texts
): ContentDiff | null {
  try {
    if (kind === 'notebook') {
      const [from, to] = texts.map(parseNotebook);
      return from && to ? diffNotebooks(from, to, project.matchLines) : null;
    }
    const yaml = /^ya?ml$/.test(extensionOf(path));
    if (kind !== 'json' && !yaml) {
      return null;
    }
    const [from, to] = texts.map(yaml ? project.parseYaml : parseJson);
    const tree = diffTree(from, to);
    // Layout and comments: only the lines show what changed.
    return tree.total > 0 ? tree : null;
  } catch (error) {
    // A RangeError is what nesting beyond all reason ends in.
    if (error instanceof SyntaxError || error instanceof RangeError || hasCode(error, 'FORMAT_INVALID')) {
      return null;
    }
    throw error;
  }
}

function parseJson(text: string): unknown {
  return JSON.parse(text) as unknown;
}
