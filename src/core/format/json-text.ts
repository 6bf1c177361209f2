/**
 * JSON as people edit it: members keep their order and their lines, numbers their spelling, and no name is special
 * (`__proto__`, `1`). For files that are read, changed in places, and written back.
 */

export type JsonNode =
  | JsonObject
  | { readonly kind: 'array'; readonly line: number; readonly items: readonly JsonNode[] }
  | { readonly kind: 'string'; readonly line: number; readonly value: string }
  | { readonly kind: 'number'; readonly line: number; readonly text: string }
  | { readonly kind: 'literal'; readonly line: number; readonly value: boolean | null };
export type JsonObject = { readonly kind: 'object'; readonly line: number; readonly members: readonly JsonMember[] };
export type JsonMember = { readonly name: string; readonly line: number; readonly value: JsonNode };

const MAX_DEPTH = 32;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /true|false|null/y;
const SPACE = /[ \t\r\n]*/y;

/** What went wrong, and where; callers say which file it is. */
export class JsonError extends Error {
  constructor(
    readonly line: number,
    readonly reason: string
  ) {
    super(`line ${line}: ${reason}`);
  }
}

/** Throws JsonError; also for two members of one name, and for nesting over 32 levels. */
export function parseJson(text: string): JsonNode {
  return new Reader(text).read();
}

class Reader {
  private _at = 0;
  private _line = 1;

  constructor(private readonly _text: string) {}

  read(): JsonNode {
    this._skip();
    const node = this._value(0);
    if (this._at < this._text.length) {
      throw this._error('nothing may follow the value');
    }
    return node;
  }

  private _value(depth: number): JsonNode {
    if (depth > MAX_DEPTH) {
      throw this._error(`it is nested more than ${MAX_DEPTH} levels deep`);
    }
    const line = this._line;
    switch (this._text[this._at]) {
      case '{':
        return { kind: 'object', line, members: this._list('}', () => this._member(depth), uniqueNames()) };
      case '[':
        return { kind: 'array', line, items: this._list(']', () => this._value(depth + 1)) };
      case '"':
        return { kind: 'string', line, value: this._string() };
      default:
        return this._scalar(line);
    }
  }

  private _scalar(line: number): JsonNode {
    const word = this._take(WORD);
    if (word !== null) {
      return { kind: 'literal', line, value: word === 'null' ? null : word === 'true' };
    }
    const text = this._take(NUMBER);
    if (text === null) {
      throw this._error(this._at >= this._text.length ? 'the text ends too early' : `${this._here()} is not expected`);
    }
    return { kind: 'number', line, text };
  }

  private _member(depth: number): JsonMember {
    const line = this._line;
    const name = this._string();
    this._punctuation(':');
    return { name, line, value: this._value(depth + 1) };
  }

  private _list<T>(end: string, item: () => T, accept?: (item: T) => void): readonly T[] {
    const items: T[] = [];
    this._at += 1;
    this._skip();
    if (this._text[this._at] === end) {
      this._punctuation(end);
      return items;
    }
    for (;;) {
      const next = item();
      accept?.(next);
      items.push(next);
      if (this._text[this._at] === end) {
        this._punctuation(end);
        return items;
      }
      this._punctuation(',', `a comma or ${end}`);
    }
  }

  private _string(): string {
    const start = this._at;
    let end = start + 1;
    while (end < this._text.length && this._text[end] !== '"') {
      end += this._text[end] === '\\' ? 2 : 1;
    }
    try {
      const value: unknown = JSON.parse(this._text.slice(start, end + 1));
      if (typeof value === 'string') {
        this._at = end + 1;
        this._skip();
        return value;
      }
    } catch {
      // Told below.
    }
    throw this._error(`${this._here()} stands where a text in double quotes is expected`);
  }

  private _punctuation(mark: string, expected = mark): void {
    if (this._text[this._at] !== mark) {
      throw this._error(`${this._here()} stands where ${expected} is expected`);
    }
    this._at += 1;
    this._skip();
  }

  private _take(pattern: RegExp): string | null {
    pattern.lastIndex = this._at;
    const found = pattern.exec(this._text)?.[0] ?? null;
    if (found !== null) {
      this._at += found.length;
      this._skip();
    }
    return found;
  }

  private _skip(): void {
    SPACE.lastIndex = this._at;
    const space = SPACE.exec(this._text)![0];
    this._at += space.length;
    this._line += space.split('\n').length - 1;
  }

  private _here(): string {
    const rest = this._text.slice(this._at, this._at + 20).split('\n')[0]!;
    return rest === '' ? 'the end' : JSON.stringify(rest);
  }

  private _error(reason: string): JsonError {
    return new JsonError(this._line, reason);
  }
}

function uniqueNames(): (member: JsonMember) => void {
  const names = new Set<string>();
  return ({ name, line }) => {
    if (names.has(name)) {
      throw new JsonError(line, `${JSON.stringify(name)} stands there twice`);
    }
    names.add(name);
  };
}

/** Indented by two, one member or item a line, so that a change is a line; short lists of plain values on one line. */
export function printJson(node: JsonNode, indent = ''): string {
  const inner = `${indent}  `;
  switch (node.kind) {
    case 'object':
      return enclose(
        '{}',
        node.members.map(({ name, value }) => `${inner}${JSON.stringify(name)}: ${printJson(value, inner)}`),
        indent
      );
    case 'array': {
      const items = node.items.map(item => printJson(item, inner));
      const line = `[${items.join(', ')}]`;
      return node.items.length <= 4 && line.length <= 80 && !line.includes('\n')
        ? line
        : enclose(
            '[]',
            items.map(item => inner + item),
            indent
          );
    }
    case 'number':
      return node.text;
    default:
      return JSON.stringify(node.value);
  }
}

function enclose(brackets: '{}' | '[]', lines: readonly string[], indent: string): string {
  return lines.length === 0 ? brackets : `${brackets[0]}\n${lines.join(',\n')}\n${indent}${brackets[1]}`;
}

/** Plain data as nodes; undefined members are left out. Arrays, plain objects and scalars only. */
export function toJson(value: unknown): JsonNode {
  const line = 0;
  if (Array.isArray(value)) {
    return { kind: 'array', line, items: value.map(toJson) };
  }
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return { kind: 'object', line, members: members.map(([name, inner]) => ({ name, line, value: toJson(inner) })) };
  }
  if (typeof value === 'string') {
    return { kind: 'string', line, value };
  }
  return typeof value === 'number'
    ? { kind: 'number', line, text: JSON.stringify(value) }
    : { kind: 'literal', line, value: value === true ? true : value === false ? false : null };
}

/** The member of a name; undefined when there is none. */
export function memberOf(object: JsonObject, name: string): JsonMember | undefined {
  return object.members.find(member => member.name === name);
}
