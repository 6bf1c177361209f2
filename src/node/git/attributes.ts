/** The `filter` attribute of a path (Documentation/gitattributes.adoc): last matching line of the nearest file wins. */
import type { BranchbookError } from '../../core/error';
import type { IFileSystem } from '../../core/port';
import { foldersAbove } from '../../core/model/path';
import { decodeText } from './bytes';
import { unsupported } from './discover';
import { globMatcher } from '../../core/format/glob';
import { unlessForbidden } from './user-file';

type Rule = {
  readonly matches: (path: string, name: string) => boolean;
  /** Value of `filter`; null for `-filter` and `!filter` (both mean: no filter). */
  readonly filter: string | null;
};

/** The rules of one file; `prefix` characters of a path lead to its folder. */
type Level = { readonly prefix: number; readonly rules: readonly Rule[] };

type RuleFile = { readonly signature: string; readonly rules: readonly Rule[] };

/** `filter` as a line of attributes sets it; undefined when the line does not speak of it. */
function filterOf(words: readonly string[], macros: ReadonlyMap<string, readonly string[]>): string | null | undefined {
  let value: string | null | undefined;
  for (const word of words) {
    const macro = macros.get(word);
    if (word.startsWith('filter=')) {
      value = word.slice('filter='.length);
    } else if (word === '-filter' || word === '!filter' || word === 'filter') {
      value = null;
    } else if (macro) {
      const set = filterOf(macro, new Map());
      value = set === undefined ? value : set;
    }
  }
  return value;
}

/** The pattern of a line (maybe quoted as a C string) and the attributes after it. */
function splitLine(line: string): { readonly pattern: string; readonly words: readonly string[] } {
  const quoted = /^"((?:[^"\\]|\\.)*)"(.*)$/.exec(line);
  const plain = /^(\S+)(.*)$/.exec(line) as RegExpExecArray;
  const pattern = quoted ? (quoted[1] as string).replace(/\\(["\\])/g, '$1') : (plain[1] as string);
  const words = ((quoted ?? plain)[2] as string).trim().split(/\s+/);
  return { pattern, words };
}

/** The last line first, since it wins. */
function parseRules(text: string, ignoreCase: boolean, macros: Map<string, readonly string[]>): readonly Rule[] {
  const rules: Rule[] = [];
  for (const line of text.split('\n').map(each => each.trim())) {
    if (line === '' || line.startsWith('#')) {
      continue;
    }
    const { pattern, words } = splitLine(line);
    if (pattern.startsWith('[attr]')) {
      macros.set(pattern.slice('[attr]'.length), words);
      continue;
    }
    const filter = filterOf(words, macros);
    // Negative patterns are forbidden in attribute files, and one that ends in a slash matches no file.
    if (filter !== undefined && !pattern.startsWith('!') && !pattern.endsWith('/')) {
      rules.push({ matches: globMatcher(pattern, ignoreCase), filter });
    }
  }
  return rules.reverse();
}

function filtered(filter: string): BranchbookError {
  return unsupported(
    `some of its files go through the git filter “${filter}”, and Branchbook runs no filters of others`,
    `Remove “filter=${filter}” from .gitattributes, or keep these files in a repository of their own.`
  );
}

export class Attributes {
  private readonly _cache = new Map<string, RuleFile>();
  /** `binary` is built in; it does not touch `filter`. */
  private readonly _macros = new Map<string, readonly string[]>([['binary', ['-diff', '-merge', '-text']]]);

  /**
   * @param userFile file of `core.attributesFile`, the weakest of all
   * @param drivers filters that git would run. We run none, since a repository may name any program; what such a file
   * is in git we therefore cannot know, and must neither compare nor write it.
   */
  constructor(
    private readonly _files: IFileSystem,
    private readonly _root: string,
    private readonly _commonDir: string,
    private readonly _userFile: string | null,
    private readonly _ignoreCase: boolean,
    private readonly _drivers: ReadonlySet<string>
  ) {}

  /** REPOSITORY_UNSUPPORTED when the files that speak for the whole project hand paths to a filter that git would run. */
  async refuseFilters(): Promise<void> {
    const paths = [this._userFile, `${this._root}/.gitattributes`, `${this._commonDir}/info/attributes`];
    for (const path of paths) {
      const rules = path === null ? [] : await this._load(path);
      rules.forEach(rule => this._checkDriver(rule.filter));
    }
  }

  private _checkDriver(filter: string | null): void {
    if (filter !== null && this._drivers.has(filter)) {
      throw filtered(filter);
    }
  }

  /** True when the path's attributes say `filter=lfs`. REPOSITORY_UNSUPPORTED for a filter that git would run. */
  isAsset(path: string): Promise<boolean> {
    return this.session()(path);
  }

  /** The same question for many paths at once: every attribute file is looked at only once. */
  session(): (path: string) => Promise<boolean> {
    const files = new Map<string, Promise<readonly Rule[]>>();
    const load = (file: string): Promise<readonly Rule[]> => {
      const rules = files.get(file) ?? this._load(file);
      files.set(file, rules);
      return rules;
    };
    const folders = new Map<string, Promise<readonly Level[]>>();
    return async path => {
      const folder = path.slice(0, path.lastIndexOf('/') + 1);
      const levels = folders.get(folder) ?? this._levels(path, load);
      folders.set(folder, levels);
      return this._filter(path, await levels) === 'lfs';
    };
  }

  /** The rules that speak of what lies beside `path`, the strongest first. */
  private async _levels(path: string, load: (file: string) => Promise<readonly Rule[]>): Promise<readonly Level[]> {
    const user = this._userFile ? await load(this._userFile) : [];
    const root = await load(`${this._root}/.gitattributes`);
    const info = await load(`${this._commonDir}/info/attributes`);
    const nested = await Promise.all(
      foldersAbove(path).map(async folder => ({
        prefix: folder.length + 1,
        rules: await load(`${this._root}/${folder}/.gitattributes`)
      }))
    );
    const levels = [
      { prefix: 0, rules: info },
      ...nested.reverse(),
      { prefix: 0, rules: root },
      { prefix: 0, rules: user }
    ];
    return levels.filter(({ rules }) => rules.length > 0);
  }

  private _filter(path: string, levels: readonly Level[]): string | null {
    const name = path.slice(path.lastIndexOf('/') + 1);
    for (const { prefix, rules } of levels) {
      const rule = rules.find(each => each.matches(path.slice(prefix), name));
      if (rule) {
        this._checkDriver(rule.filter);
        return rule.filter;
      }
    }
    return null;
  }

  private _load(path: string): Promise<readonly Rule[]> {
    return path === this._userFile ? unlessForbidden(this._read(path), []) : this._read(path);
  }

  private async _read(path: string): Promise<readonly Rule[]> {
    const stat = await this._files.lstat(path);
    const signature = stat ? `${stat.ino} ${stat.size} ${stat.mtimeNs} ${stat.ctimeNs}` : '';
    let file = this._cache.get(path);
    if (file?.signature !== signature) {
      // git does not follow a .gitattributes that is a symbolic link.
      const bytes = stat?.kind === 'file' ? await this._files.readFile(path) : null;
      const text = decodeText(bytes ?? new Uint8Array()).replace(/^\ufeff/, '');
      file = { signature, rules: parseRules(text, this._ignoreCase, this._macros) };
      this._cache.set(path, file);
    }
    return file.rules;
  }
}
