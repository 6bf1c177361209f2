/** T11: trees that no honest git writes: too long, too deep, or contradicting themselves. */
import { readdirSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Item } from './range';
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

describe('what the disk cannot hold', () => {
  it.each([256, 4096, 70_000])('a name of %i bytes: told, and nothing moved', async length => {
    range.branch(range.tree([{ mode: '100644', name: 'x'.repeat(length), oid: blob }]));
    expect(await range.shoot()).toMatchObject(refused);
    expect(readdirSync(range.root)).toContain('a');
  });

  it('three thousand folders in each other', async () => {
    let tree = range.tree([{ mode: '100644', name: 'x', oid: blob }]);
    for (let depth = 0; depth < 3000; depth += 1) {
      tree = range.tree([{ mode: '40000', name: 'd', oid: tree }]);
    }
    range.branch(tree);
    expect(await range.shoot()).toMatchObject({ status: null, switch: 'PATH_UNSAFE', back: null });
    expect(readdirSync(range.root)).toContain('a');
  });
});

describe('a tree that contradicts itself', () => {
  const cases: { readonly [name: string]: () => readonly Item[] } = {
    'a link and a folder of one name': () => [
      { mode: '120000', name: 'x', oid: range.object('blob', '../outside') },
      { mode: '40000', name: 'x', oid: range.tree([{ mode: '100644', name: 'secret', oid: blob }]) }
    ],
    'a folder and a link of one name': () => [
      { mode: '40000', name: 'x', oid: range.tree([{ mode: '100644', name: 'secret', oid: blob }]) },
      { mode: '120000', name: 'x', oid: range.object('blob', '../outside') }
    ],
    'one name twice': () => [
      { mode: '100644', name: 'x', oid: blob },
      { mode: '100644', name: 'x', oid: range.object('blob', 'other') }
    ],
    'names out of order': () => [
      { mode: '100644', name: 'z', oid: blob },
      { mode: '100644', name: 'b', oid: blob }
    ],
    'names that differ in case': () => [
      { mode: '100644', name: 'README', oid: blob },
      { mode: '100644', name: 'readme', oid: range.object('blob', 'other') }
    ],
    'names that differ in normal form': () => [
      { mode: '100644', name: 'n\u0303', oid: blob },
      { mode: '100644', name: '\u00f1', oid: range.object('blob', 'other') }
    ],
    'a submodule': () => [{ mode: '160000', name: 'sub', oid: '1'.repeat(40) }],
    'a submodule and its folder': () => [
      { mode: '160000', name: 'sub', oid: '1'.repeat(40) },
      { mode: '100644', name: 'sub.x', oid: blob }
    ],
    'a link to the root of the disk': () => [{ mode: '120000', name: 'x', oid: range.object('blob', '/') }],
    'a link to git’s settings': () => [{ mode: '120000', name: 'x', oid: range.object('blob', '.git/config') }],
    'a link with an empty target': () => [{ mode: '120000', name: 'x', oid: range.object('blob', '') }],
    'a link with NUL in its target': () => [{ mode: '120000', name: 'x', oid: range.object('blob', 'a\0b') }],
    'a link of 8 KiB': () => [{ mode: '120000', name: 'x', oid: range.object('blob', 'y'.repeat(8192)) }],
    'a file that is missing': () => [{ mode: '100644', name: 'x', oid: '2'.repeat(40) }],
    'a file that is a tree': () => [{ mode: '100644', name: 'x', oid: range.tree([]) }],
    'a folder that is a file': () => [{ mode: '40000', name: 'x', oid: blob }],
    'a folder that is missing': () => [{ mode: '40000', name: 'x', oid: '3'.repeat(40) }],
    'the id of nothing': () => [{ mode: '100644', name: 'x', oid: '0'.repeat(40) }],
    'an unknown mode': () => [{ mode: '777777', name: 'x', oid: blob }],
    'the mode 0': () => [{ mode: '0', name: 'x', oid: blob }],
    'the mode of a device': () => [{ mode: '60000', name: 'x', oid: blob }],
    'a set-uid file': () => [{ mode: '104755', name: 'x', oid: blob }],
    'a group-writable file': () => [{ mode: '100664', name: 'x', oid: blob }],
    'attributes as a link': () => [
      { mode: '120000', name: '.gitattributes', oid: range.object('blob', '../outside/secret') }
    ],
    'ignore rules as a link': () => [{ mode: '120000', name: '.gitignore', oid: range.object('blob', '/dev/zero') }],
    'submodules that would run a program': () => [
      {
        mode: '100644',
        name: '.gitmodules',
        oid: range.object('blob', `[submodule "x"]\n\tpath = x\n\turl = ext::evil\n\tupdate = !evil\n`)
      },
      { mode: '160000', name: 'x', oid: '1'.repeat(40) }
    ],
    'a pointer to content that nobody has': () => [
      { mode: '100644', name: '.gitattributes', oid: range.object('blob', '*.bin filter=lfs\n') },
      {
        mode: '100644',
        name: 'x.bin',
        oid: range.object(
          'blob',
          `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 9007199254740991\n`
        )
      }
    ]
  };

  it.each(Object.keys(cases))('%s: nothing outside is touched, and main comes back', async name => {
    range.branch(range.tree((cases[name] as () => readonly Item[])()));
    const { back } = await range.shoot();
    expect(back).toBe(null);
    expect(readdirSync(range.root)).toEqual(expect.arrayContaining(['a', 'data.parquet', 'folder']));
  });

  it('a link that replaces a folder we have, with files for behind it', async () => {
    const link = { mode: '120000', name: 'folder', oid: range.object('blob', '../outside') };
    range.branch(range.tree([link]));
    expect(await range.shoot()).toMatchObject({ switch: null, back: null });
    const behind = range.tree([{ mode: '100644', name: 'secret', oid: blob }]);
    range.plant(
      'refs/heads/behind',
      `${range.commit(range.tree([{ mode: '40000', name: 'folder', oid: behind }]), [range.git('rev-parse', 'evil')])}\n`
    );
    expect(await range.run('switch', { branch: 'evil' })).toBe(null);
    await range.run('switch', { branch: 'behind' });
    expect(readdirSync(range.outside)).toEqual(['secret']);
    expect(await range.run('switch', { branch: 'main' })).toBe(null);
  });
});
