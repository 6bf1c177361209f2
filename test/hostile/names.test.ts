/** T11: names that lead into `.git` or out of the project are refused; odd ones that harm nobody are left alone. */
import { readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Range } from './range';
import { count } from '../torture/support/budget';

let template: Range;
let range: Range;
let blob = '';
beforeAll(async () => {
  template = await Range.create();
});
let tried = 0;
afterEach(() => void (tried += 1));
afterAll(() => {
  template.dispose();
  count('T11', { 'hostile repositories': tried, violations: 0 });
});
beforeEach(() => {
  range = template.copy();
  blob = range.object('blob', 'evil\n');
});
afterEach(() => range.dispose());

const refused = { status: null, merge: 'PATH_UNSAFE', restore: 'PATH_UNSAFE', switch: 'PATH_UNSAFE', back: null };

/** Names that some file system takes for `.git`, or for another folder. */
const unsafe = [
  ...['.git', '.GIT', '.Git', '.gIt', 'git~1', 'GIT~1', 'Git~2', '.git.', '.git ', '.git...', '.git. .'],
  ...['.git::$INDEX_ALLOCATION', '.git:stream', '.GIT::$DATA'],
  ...['.g\u200cit', '\u200d.git', '.gi\u200et', '.git\u202a', '\ufeff.git', '.git\u206a', '.\u200fGIT'],
  ...['..', '.', '', 'a/b', '../escaped', '/escaped', 'a\\b', '..\\escaped', 'C:\\escaped', '\\\\server\\share']
];

describe('a file', () => {
  it.each(unsafe)('named %j is refused', async name => {
    range.branch(range.tree([{ mode: '100644', name, oid: blob }]));
    expect(await range.shoot()).toMatchObject(refused);
  });
});

describe('a folder with a hook in it', () => {
  it.each(unsafe.filter((_, index) => index % 2 === 0))('named %j is refused', async name => {
    const hooks = range.tree([{ mode: '100755', name: 'post-checkout', oid: blob }]);
    const folder = range.tree([{ mode: '40000', name: 'hooks', oid: hooks }]);
    range.branch(range.tree([{ mode: '40000', name, oid: folder }]));
    expect(await range.shoot()).toMatchObject(refused);
  });
});

describe('a link to the outside', () => {
  it.each(unsafe.filter((_, index) => index % 2 === 1))('named %j is refused', async name => {
    const target = range.object('blob', '../outside');
    range.branch(range.tree([{ mode: '120000', name, oid: target }]));
    expect(await range.shoot()).toMatchObject(refused);
  });
});

describe('a name that is not UTF-8', () => {
  const names = {
    bytes: [0xff, 0xfe],
    'an overlong slash': [0x61, 0xc0, 0xaf],
    surrogate: [0xed, 0xa0, 0x80],
    cut: [0xe2, 0x82]
  };
  it.each(Object.entries(names))('(%s) is refused', async (_, bytes) => {
    range.branch(range.tree([{ mode: '100644', name: Buffer.from(bytes), oid: blob }]));
    expect(await range.shoot()).toMatchObject(refused);
  });
});

describe('an odd but harmless name', () => {
  const names = [
    ...['con', 'aux.txt', 'NUL', 'com1', 'lpt1.log', 'C:', '-rf', '--upload-pack=evil', '--', '-'],
    ...[
      '$(evil)',
      '`evil`',
      ';evil',
      '|evil',
      '&& evil',
      '%s%n',
      '$HOME',
      '~',
      '*',
      '?',
      '[a]',
      ':(glob)**',
      '!x',
      '#x'
    ],
    ...['a\nb', 'a\rb', 'a\tb', '\u001b[31mred', '\u0007', '\u007f', '\u202egpj.exe', '<img src=x onerror=evil()>'],
    ...['"', "'", ' ', ' a', 'b ', 'HEAD', '@', 'main@{1}', '{}', 'n\u0303', '😀', '__proto__', 'x'.repeat(255)]
  ];
  it.each(names)('%j comes and goes as it is', async name => {
    range.branch(range.tree([{ mode: '100644', name, oid: blob }]));
    const before = range.fingerprint();
    const there = await range.run('switch', { branch: 'evil' });
    expect([there, readdirSync(range.root).sort()]).toEqual([null, ['.git', name].sort()]);
    expect(await range.run('status', {})).toBe(null);
    expect(await range.run('switch', { branch: 'main' })).toBe(null);
    expect(readdirSync(range.root)).toContain('a');
    expect(await range.run('merge', { branch: 'evil' })).toBe(null);
    expect(range.fingerprint()).toEqual(before);
  });
});
