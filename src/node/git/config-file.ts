/** The syntax of git's configuration files (Documentation/config.adoc, "Syntax"). Comments survive changes. */
import { BranchbookError } from '../../core/error';

export type ConfigEntry = {
  /** `section.subsection.name`, section and name in lower case. */
  readonly key: string;
  /** '' for a name without a value, which git reads as true. */
  readonly value: string;
  /** Range of the entry's lines in the text, without the last line break. */
  readonly start: number;
  readonly end: number;
};

type Section = { readonly prefix: string; readonly start: number; readonly end: number };

const SECTION = /^[ \t]*\[\s*([A-Za-z0-9.-]+)(?:\s+"((?:[^"\\\n]|\\.)*)")?\s*\][ \t]*/;
const NAME = /^[ \t]*([A-Za-z][A-Za-z0-9-]*)[ \t]*/;

function invalid(path: string, text: string, at: number): BranchbookError {
  const line = text.slice(0, at).split('\n').length;
  return new BranchbookError(
    'FORMAT_INVALID',
    `Line ${line} of git’s configuration ${path} cannot be read.`,
    { format: 'git config', path, line },
    'Correct that line.'
  );
}

const escapes: { readonly [character: string]: string } = { n: '\n', t: '\t', b: '\b', '"': '"', '\\': '\\' };

/** The value that begins at `at`: quotes, escapes, comments and continued lines resolved. null = bad escape or quote. */
function readValue(text: string, at: number): { readonly value: string; readonly end: number } | null {
  let value = '';
  let quoted = false;
  // Length up to the last character that counts: unquoted blanks at the end do not.
  let significant = 0;
  for (; at < text.length && text[at] !== '\n'; at += 1) {
    const character = text[at] as string;
    if (character === '\\') {
      at += text[at + 1] === '\r' && text[at + 2] === '\n' ? 2 : 1;
      if (text[at] === '\n') {
        continue;
      }
      const escaped = escapes[text[at] ?? ''];
      if (escaped === undefined) {
        return null;
      }
      value += escaped;
      significant = value.length;
    } else if (character === '"') {
      quoted = !quoted;
      significant = value.length;
    } else if (!quoted && (character === '#' || character === ';')) {
      const end = text.indexOf('\n', at);
      return { value: value.slice(0, significant), end: end < 0 ? text.length : end };
    } else {
      value += character;
      significant = quoted || !/\s/.test(character) ? value.length : significant;
    }
  }
  return quoted ? null : { value: value.slice(0, significant), end: at };
}

function sectionPrefix(match: RegExpExecArray): string {
  const subsection = match[2]?.replace(/\\(.)/g, '$1');
  return `${(match[1] as string).toLowerCase()}.${subsection === undefined ? '' : `${subsection}.`}`;
}

function parse(path: string, text: string): { readonly entries: ConfigEntry[]; readonly sections: Section[] } {
  const entries: ConfigEntry[] = [];
  const sections: Section[] = [];
  let prefix = '';
  for (let at = text.startsWith('\ufeff') ? 1 : 0; at < text.length;) {
    const rest = text.slice(at);
    const blank = /^[ \t\r]*(?:[#;][^\n]*)?(?:\n|$)/.exec(rest);
    const section = SECTION.exec(rest);
    const name = NAME.exec(rest);
    if (section) {
      prefix = sectionPrefix(section);
      sections.push({ prefix, start: at, end: at + section[0].length });
      at += section[0].length;
    } else if (blank) {
      at += blank[0].length;
    } else if (name && prefix !== '') {
      const start = at;
      at += name[0].length;
      const read = text[at] === '=' ? readValue(text, at + 1 + leadingBlanks(text, at + 1)) : bare(text, at);
      if (!read) {
        throw invalid(path, text, start);
      }
      at = read.end;
      entries.push({ key: `${prefix}${(name[1] as string).toLowerCase()}`, value: read.value, start, end: at });
    } else {
      throw invalid(path, text, at);
    }
  }
  return { entries, sections };
}

function leadingBlanks(text: string, at: number): number {
  return /^[ \t]*/.exec(text.slice(at, at + 256))?.[0].length ?? 0;
}

function bare(text: string, at: number): { readonly value: string; readonly end: number } | null {
  const rest = /^[ \t\r]*(?:[#;][^\n]*)?(?=\n|$)/.exec(text.slice(at));
  return rest && { value: '', end: at + rest[0].length };
}

/** Entries in order; later ones win. FORMAT_INVALID names the line. `include` is not followed: it may name any file. */
export function parseConfig(path: string, text: string): readonly ConfigEntry[] {
  return parse(path, text).entries;
}

/** `Section.Sub.Name` with section and name in lower case; USAGE when it is not a key. */
export function normalizeKey(key: string): string {
  const match = /^([A-Za-z0-9-]+)\.(?:([^\n\0]*)\.)?([A-Za-z][A-Za-z0-9-]*)$/.exec(key);
  if (!match) {
    throw new BranchbookError('USAGE', `${JSON.stringify(key)} is not the name of a git setting.`, { argument: 'key' });
  }
  const subsection = match[2] === undefined ? '' : `${match[2]}.`;
  return `${(match[1] as string).toLowerCase()}.${subsection}${(match[3] as string).toLowerCase()}`;
}

function quote(value: string): string {
  const escaped = value
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('\b', '\\b');
  return /^\s|\s$|[#;\r]/.test(value) ? `"${escaped}"` : escaped;
}

/** The text with `key` set to `value`, in its old place or at the end of its section. */
export function withValue(path: string, text: string, key: string, value: string): string {
  const normal = normalizeKey(key);
  const { entries, sections } = parse(path, text);
  const name = key.slice(key.lastIndexOf('.') + 1);
  const line = `\t${name} = ${quote(value)}`;
  const old = entries.filter(entry => entry.key === normal).at(-1);
  if (old) {
    return `${text.slice(0, old.start)}${line}${text.slice(old.end)}`;
  }
  const prefix = normal.slice(0, normal.lastIndexOf('.') + 1);
  const section = sections.filter(each => each.prefix === prefix).at(-1);
  if (section) {
    const inside = entries.filter(entry => entry.start >= section.end && entry.key.startsWith(prefix));
    const at = Math.max(section.end, ...inside.map(entry => entry.end));
    const lineEnd = text.indexOf('\n', at);
    const place = lineEnd < 0 ? text.length : lineEnd;
    return `${text.slice(0, place)}\n${line}${text.slice(place)}`;
  }
  const [first, ...rest] = prefix.slice(0, -1).split('.');
  const subsection = rest.join('.');
  const title = rest.length === 0 ? `[${first}]` : `[${first} "${subsection.replace(/["\\]/g, '\\$&')}"]`;
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${title}\n${line}\n`;
}

/** The text without the section (`remote.origin`), wherever it stands. */
export function withoutSection(path: string, text: string, section: string): string {
  const { sections } = parse(path, text);
  const prefix = `${section.replace(/^[^.]*/, word => word.toLowerCase())}.`;
  return sections.reduceRight((rest, each, index) => {
    const end = sections[index + 1]?.start ?? text.length;
    return each.prefix === prefix ? `${rest.slice(0, each.start)}${rest.slice(end)}` : rest;
  }, text);
}
