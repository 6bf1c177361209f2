/**
 * T8, the corruption matrix: every file of a project's store, of its git objects and of our own, damaged in every way. Damage
 * to what is referenced is always found, never read, and healed from a remote or by storing the content again; and as long
 * as it is there `gc` deletes nothing.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CheckResult } from '../../src/core/model/maintenance';
import { hasCode } from '../../src/core/error';
import { findDamage } from '../../src/core/operation/check';
import { collect, sha256 } from '../contract/asset-store';
import { git } from '../operation/fixture';
import { count, isNightly } from '../torture/support/budget';
import { buildReference, damages, inflict, run, withProject } from './reference-project';
import type { Reference } from './reference-project';

const FLIPS = isNightly ? 32 : 4;
// Each test is many small ones.
vi.setConfig({ testTimeout: isNightly ? 3_600_000 : 600_000 });

let lone: Reference;
let shared: Reference;
beforeAll(async () => {
  lone = await buildReference(false);
  shared = await buildReference(true);
}, 120_000);
let tried = 0;
let refusals = 0;
afterAll(() => {
  [lone, shared].forEach(reference => reference.remove());
  count('T8', { damages: tried, 'refusals of gc': refusals, violations: 0 });
});

/** Also when the work tree still has what the store has lost. */
const damage = ({ findings }: CheckResult): readonly string[] =>
  findings.filter(({ severity, code }) => severity === 'error' || code === 'MISSING').map(({ message }) => message);

const errors = ({ findings }: CheckResult): readonly string[] =>
  findings.filter(finding => finding.severity === 'error').map(finding => finding.message);

/** `gc` says why it does nothing, and does nothing. */
async function expectRefusal({ root, files }: Reference, name: string): Promise<void> {
  const before = files('branchbook/xorbs/', 'branchbook/shards/', 'branchbook/operations/', 'objects/');
  const error = await run(root, 'gc', { grace: '0d', expire: '0d' }).catch((failure: unknown) => failure);
  expect(hasCode(error, 'PROJECT_DAMAGED'), `${name}: ${String(error)}`).toBe(true);
  expect(files('branchbook/xorbs/', 'branchbook/shards/', 'branchbook/operations/', 'objects/')).toEqual(before);
  refusals += 1;
}

/** Every version is what was stored, or a typed error. Gives how many are whole. */
async function readAll({ root, contents }: Reference): Promise<number> {
  return withProject(root, async ({ store }) => {
    let whole = 0;
    for (const [name, bytes] of contents) {
      const read = await collect(store.read(name)).catch(error => {
        expect(['OBJECT_CORRUPT', 'ASSET_MISSING']).toContain(error.code);
        return null;
      });
      if (read) {
        expect(Buffer.concat(read).equals(bytes), name).toBe(true);
        whole += 1;
      }
    }
    return whole;
  });
}

type Sweep = {
  readonly reference: Reference;
  /** Swapped with each other. */
  readonly paths: readonly string[];
  /** Kinds of damage per file outside the nightly run, taking turns; default: all. */
  readonly kinds?: number;
};

/** Run `body` for every file and kind of damage. */
async function forAll({ reference, paths, kinds }: Sweep, body: (name: string) => Promise<void>): Promise<void> {
  expect(paths.length).toBeGreaterThan(0);
  for (const [number, path] of paths.entries()) {
    const all = damages(FLIPS, number);
    const length = isNightly || kinds === undefined ? all.length : kinds;
    for (const kind of Array.from({ length }, (_, i) => all[(number * length + i) % all.length]!)) {
      reference.reset();
      if (inflict(reference.root, path, kind, paths[(number + 1) % paths.length]!)) {
        tried += 1;
        await body(`${path} ${kind.name}`);
      }
    }
  }
  reference.reset();
}

describe('damage to the store', () => {
  it.each(['branchbook/xorbs/', 'branchbook/shards/'])(
    '(%s) is found, never read, and healed from a remote',
    async prefix => {
      await forAll({ reference: shared, paths: shared.files(prefix) }, async name => {
        await readAll(shared);
        expect(damage(await run(shared.root, 'check', { readData: true })).length, name).toBeGreaterThan(0);
        await expectRefusal(shared, name);
        const repaired = await run(shared.root, 'check', { readData: true, repair: true });
        expect(errors(repaired), name).toEqual([]);
        expect(repaired.repaired.length, name).toBeGreaterThan(0);
        expect(await readAll(shared), name).toBe(shared.contents.size);
      });
    }
  );

  it('is healed by storing the content again, with or without a check before', async () => {
    await forAll(
      { reference: lone, paths: lone.files('branchbook/xorbs/', 'branchbook/shards/'), kinds: 3 },
      async name => {
        const found = await withProject(lone.root, async project => (await findDamage(project, {})).length > 0);
        if (!found) {
          await run(lone.root, 'check', { readData: true });
        }
        for (const [content, bytes] of lone.contents) {
          writeFileSync(join(lone.root, `data/${content.slice(0, 8)}.parquet`), bytes);
        }
        await run(lone.root, 'snapshot', { message: 'again' });
        expect(await readAll(lone), name).toBe(lone.contents.size);
        const after = await run(lone.root, 'check', { readData: true });
        expect(
          errors(after).filter(message => !message.startsWith('A manifest cannot be read')),
          name
        ).toEqual([]);
      }
    );
  });

  it('is healed from what the project itself still has', async () => {
    // The newest version of every file is in the work tree or in `materialized/`; of the first, most chunks are.
    await forAll(
      { reference: lone, paths: lone.files('branchbook/xorbs/', 'branchbook/shards/'), kinds: 3 },
      async name => {
        const before = await readAll(lone);
        await run(lone.root, 'check', { readData: true, repair: true });
        expect(await readAll(lone), name).toBeGreaterThanOrEqual(Math.max(before, lone.contents.size - 1));
      }
    );
  });
});

describe('damage to git objects', () => {
  /** What gc goes by: commits, trees and pointers. A notebook names nothing. */
  const matters = (name: string): boolean => {
    const oid = /objects\/([0-9a-f]{2})\/([0-9a-f]{38})/.exec(name)!.slice(1).join('');
    const pristine = join(shared.root, '../pristine');
    const isBlob = git(pristine, 'cat-file', '-t', oid).trim() === 'blob';
    return !isBlob || git(pristine, 'cat-file', 'blob', oid).startsWith('version https://git-lfs');
  };

  it('is found, and healed from a remote', async () => {
    await forAll({ reference: shared, paths: shared.files('objects/'), kinds: 2 }, async name => {
      expect(errors(await run(shared.root, 'check', {})).length, name).toBeGreaterThan(0);
      if (matters(name)) {
        await expectRefusal(shared, name);
      }
      expect(errors(await run(shared.root, 'check', { repair: true })), name).toEqual([]);
      expect(await readAll(shared)).toBe(shared.contents.size);
    });
  });
});

describe('damage to our own files', () => {
  it.each(['branchbook/operations/', 'branchbook/materialized/'])('(%s) is found and put right', async prefix => {
    const paths = shared.files(prefix).filter(path => !path.endsWith('.stat'));
    await forAll({ reference: shared, paths, kinds: 2 }, async name => {
      const { findings } = await run(shared.root, 'check', { readData: true });
      // Nothing refers to these files: one that is gone is not missed.
      expect(findings.length > 0 || name.endsWith('deleted'), name).toBe(true);
      if (errors({ findings } as CheckResult).length > 0) {
        await expectRefusal(shared, name);
      }
      await run(shared.root, 'check', { readData: true, repair: true });
      const { findings: left } = await run(shared.root, 'check', { readData: true });
      expect(
        left.filter(({ code }) => code !== 'RESCUED'),
        name
      ).toEqual([]);
      expect(await readAll(shared)).toBe(shared.contents.size);
      await run(shared.root, 'switch', { branch: 'other' });
      expect(sha256(readFileSync(join(shared.root, 'data/b.parquet')))).toBe([...shared.contents.keys()].at(-1));
    });
  });

  it('(index) is found and put right', async () => {
    await forAll({ reference: shared, paths: ['index'] }, async name => {
      const { findings } = await run(shared.root, 'check', {});
      expect(findings.some(({ object }) => object.endsWith('/index')) || name.endsWith('deleted'), name).toBe(true);
      await run(shared.root, 'check', { repair: true });
      expect((await run(shared.root, 'status', {})).clean, name).toBe(true);
    });
  });
});
