import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseSize } from '../../src/core/model/size';
import { asset } from './fixture';
import { openVerbs } from './verbs';
import type { Verbal } from './verbs';

async function scene(): Promise<Verbal & { waiting: () => readonly string[] }> {
  const verbal = await openVerbs();
  await verbal.run('init', {});
  await verbal.snapshot({ 'data/a.bin': asset('a', 50_000) });
  for (const name of ['b', 'c', 'd']) {
    await verbal.run('branch', { action: 'create', name, switch: true });
    await verbal.snapshot({ 'data/a.bin': asset(name, 50_000) });
  }
  const folder = join(verbal.project.home, 'materialized');
  return {
    ...verbal,
    waiting: () => (existsSync(folder) ? readdirSync(folder) : []).filter(name => /^[0-9a-f]{64}$/.test(name))
  };
}

describe('files kept ready for switching', () => {
  it('stay while they are within the budget', async () => {
    const s = await scene();
    for (const branch of ['main', 'b', 'c', 'd']) {
      await s.run('switch', { branch });
    }
    expect(s.waiting()).toHaveLength(3);
  });

  it('go beyond it, those used longest ago first, and are built again from the store', async () => {
    const s = await scene();
    s.git('config', 'branchbook.materializedBudget', '110000');
    for (const branch of ['main', 'b', 'c', 'd', 'main', 'c']) {
      await s.run('switch', { branch });
      expect(s.waiting().length).toBeLessThanOrEqual(2);
      expect(s.read()['data/a.bin']).toBe(asset(branch === 'main' ? 'a' : branch, 50_000));
    }
    s.git('config', 'branchbook.materializedBudget', '0');
    await s.run('switch', { branch: 'main' });
    expect(s.waiting()).toEqual([]);
    expect((await s.run('check', { readData: true })).findings).toEqual([]);
  });

  it('stay when the store does not have them', async () => {
    const s = await scene();
    await s.run('switch', { branch: 'main' });
    for (const name of readdirSync(join(s.project.home, 'xorbs'), { recursive: true, encoding: 'utf8' })) {
      if (/[0-9a-f]{64}$/.test(name)) {
        writeFileSync(join(s.project.home, 'xorbs', name), 'short');
      }
    }
    s.git('config', 'branchbook.materializedBudget', '0');
    const before = s.waiting().length;
    expect(before).toBeGreaterThan(0);
    await s.run('switch', { branch: 'd' });
    expect(s.waiting().length).toBeGreaterThanOrEqual(before - 1);
    expect(s.read()['data/a.bin']).toBe(asset('d', 50_000));
  });

  it('that another program changed are rescued', async () => {
    const s = await scene();
    await s.run('switch', { branch: 'main' });
    const [name] = s.waiting();
    const path = join(s.project.home, 'materialized', name!);
    writeFileSync(path, 'unsaved work');
    s.git('config', 'branchbook.materializedBudget', '0');
    await s.run('gc', {});
    expect(s.waiting()).toEqual([]);
    const [rescued] = readdirSync(join(s.project.home, 'rescued'));
    expect(readFileSync(join(s.project.home, 'rescued', rescued!), 'utf8')).toBe('unsaved work');
  });
});

it.each([
  ['20GiB', 20 * 1024 ** 3],
  ['1.5 MB', 1_500_000],
  ['2k', 2048],
  ['0', 0],
  ['many', null],
  ['-1', null]
])('%j is a size of %j bytes', (text, bytes) => {
  const parse = (): number => parseSize(text, 'size');
  if (bytes === null) {
    expect(parse).toThrow(expect.objectContaining({ code: 'USAGE' }));
  } else {
    expect(parse()).toBe(bytes);
  }
});
