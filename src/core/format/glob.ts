/** git's wildmatch with WM_PATHNAME, for attribute patterns (wildmatch.c, Documentation/gitignore.adoc). */

const posixClasses: { readonly [name: string]: string } = {
  alnum: 'a-zA-Z0-9',
  alpha: 'a-zA-Z',
  digit: '0-9',
  lower: 'a-z',
  upper: 'A-Z',
  space: '\\s',
  punct: '!-\\/:-@\\[-`{-~',
  xdigit: '0-9a-fA-F'
};

/** A bracket expression that begins at `at`, and where it ends; null when it is not closed. */
function bracket(pattern: string, at: number): { readonly source: string; readonly end: number } | null {
  let position = at + 1;
  const negated = pattern[position] === '!' || pattern[position] === '^';
  position += negated ? 1 : 0;
  let body = '';
  for (let first = true; ; first = false) {
    const character = pattern[position];
    if (character === undefined) {
      return null;
    }
    if (character === ']' && !first) {
      break;
    }
    const named = /^\[:(\w+):\]/.exec(pattern.slice(position));
    if (named) {
      body += posixClasses[named[1] as string] ?? '';
      position += named[0].length;
    } else if (character === '-') {
      body += '-';
      position += 1;
    } else {
      position += character === '\\' ? 1 : 0;
      body += (pattern[position] ?? '').replace(/[\\\]^[-]/g, '\\$&');
      position += 1;
    }
  }
  return { source: `(?!/)[${negated ? '^' : ''}${body}]`, end: position + 1 };
}

/** `*` stops at slashes, a `**` that fills a whole part does not. */
export function globSource(pattern: string): string {
  let source = '';
  for (let at = 0; at < pattern.length;) {
    const character = pattern[at] as string;
    const stars = /^\*\*(\/|$)/.exec(pattern.slice(at));
    if (stars && (at === 0 || pattern[at - 1] === '/')) {
      source += stars[1] === '/' ? '(?:.*/)?' : '.*';
      at += stars[0].length;
    } else if (character === '*') {
      source += '[^/]*';
      at += /^\*+/.exec(pattern.slice(at))?.[0].length ?? 1;
    } else if (character === '?') {
      source += '[^/]';
      at += 1;
    } else {
      const class_ = character === '[' ? bracket(pattern, at) : null;
      at += character === '\\' ? 1 : 0;
      source += class_?.source ?? (pattern[at] ?? '\\').replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
      at = class_?.end ?? at + 1;
    }
  }
  return source;
}

/** Matcher of an attribute pattern: without a slash it matches the name at any depth, else the path from its folder. */
export function globMatcher(pattern: string, ignoreCase: boolean): (path: string, name: string) => boolean {
  const anchored = pattern.includes('/');
  const plain = pattern.startsWith('/') ? pattern.slice(1) : pattern;
  const expression = new RegExp(`^${globSource(plain)}$`, ignoreCase ? 'isu' : 'su');
  return (path, name) => expression.test(anchored ? path : name);
}
