/** `.gitattributes` rules that make paths assets. */

export const ATTRIBUTES_FILE = '.gitattributes';
export const ASSET_ATTRIBUTES = 'filter=lfs diff=lfs merge=lfs -text';

/** The rule for exactly this path: anchored, with the characters escaped that patterns treat specially. */
export function ruleForPath(path: string): string {
  return ruleForPattern(anchored(path), ASSET_ATTRIBUTES);
}

/** The rule for everything in this folder. */
export function ruleForFolder(path: string): string {
  return ruleForPattern(`${anchored(path)}/**`, ASSET_ATTRIBUTES);
}

function anchored(path: string): string {
  return `/${path.replace(/[\\*?[\]]/g, '\\$&')}`;
}

/** A line of .gitattributes for any pattern. */
export function ruleForPattern(pattern: string, attributes: string): string {
  // git reads a pattern with spaces, quotes or control characters as a C string in double quotes.
  // eslint-disable-next-line no-control-regex
  const quoted = /[\s"\u0000-\u001f]/.test(pattern) ? quote(pattern) : pattern;
  return `${quoted} ${attributes}`;
}

function quote(text: string): string {
  const escapes: { readonly [character: string]: string } = { '\n': '\\n', '\t': '\\t', '\r': '\\r' };
  // eslint-disable-next-line no-control-regex
  const escaped = text.replace(/[\\"\u0000-\u001f]/g, character => {
    const octal = `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
    return escapes[character] ?? (character === '\\' || character === '"' ? `\\${character}` : octal);
  });
  return `"${escaped}"`;
}

/** The attributes file with rules appended. */
export function appendRules(text: string, rules: readonly string[]): string {
  const separator = text === '' || text.endsWith('\n') ? '' : '\n';
  return `${text}${separator}${rules.map(rule => `${rule}\n`).join('')}`;
}
