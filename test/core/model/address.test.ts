import { describe, expect, it } from 'vitest';
import { addressReadings, formatAddress, parseAddress, toProjectPath } from '../../../src/core/model/address';

describe('an address', () => {
  it.each([
    ['data/x.parquet', 'data/x.parquet', null],
    ['data/x.parquet@main', 'data/x.parquet', 'main'],
    ['data/x.parquet@main~2', 'data/x.parquet', 'main~2'],
    ['data/x.parquet@3f2c1ab', 'data/x.parquet', '3f2c1ab'],
    ['data/x.parquet@v1.2', 'data/x.parquet', 'v1.2'],
    ['data/x.parquet@feature/größe', 'data/x.parquet', 'feature/größe'],
    ['data/x.parquet@{2026-11-01}', 'data/x.parquet', '@{2026-11-01}'],
    ['data/x.parquet@{2026-11-01 12:00}', 'data/x.parquet', '@{2026-11-01 12:00}'],
    ['data/x.parquet@main@{2026-11-01}', 'data/x.parquet', 'main@{2026-11-01}'],
    ['data/x.parquet@~2', 'data/x.parquet', '@~2'],
    ['@main', '', 'main'],
    ['@{1}', '', '@{1}'],
    ['@main@{yesterday}', '', 'main@{yesterday}'],
    ['@', '', 'HEAD']
  ])('%s', (text, path, revision) => {
    expect(parseAddress(text)).toEqual({ path, revision });
  });

  it('takes the longest path that exists', () => {
    const there = new Set(['mail@home.csv']);
    expect(parseAddress('mail@home.csv', path => there.has(path))).toEqual({ path: 'mail@home.csv', revision: null });
    expect(parseAddress('mail@home.csv@main', path => there.has(path))).toEqual({
      path: 'mail@home.csv',
      revision: 'main'
    });
    expect(parseAddress('mail@home.csv')).toEqual({ path: 'mail', revision: 'home.csv' });
  });

  it.each(['', 'a\0b', '@a b', 'data/x@', '@{'])('%j is refused', text => {
    expect(() => parseAddress(text)).toThrow(expect.objectContaining({ code: 'ADDRESS_INVALID' }));
  });

  it.each(['data/x@main', 'data/x', '@main', 'data/x@{2026-11-01}', 'a/b@main@{2 days ago}'])('%s survives', text => {
    expect(formatAddress(parseAddress(text))).toBe(text);
  });

  it('offers every reading, longest path first', () => {
    expect(addressReadings('a@b@c').map(reading => reading.path)).toEqual(['a@b@c', 'a@b', 'a']);
    expect(addressReadings('a@b@{1}').map(reading => reading.path)).toEqual(['a@b@{1}', 'a@b', 'a']);
  });
});

describe('a project path', () => {
  it.each([
    ['/p', '/p', 'data/x', 'data/x'],
    ['/p', '/p/data', '../models/m', 'models/m'],
    ['/p', '/p/data', './x', 'data/x'],
    ['/p', '/elsewhere', '/p/data//x', 'data/x'],
    ['/p', '/p/data', '..', ''],
    ['/', '/', 'data', 'data']
  ])('root %s, in %s: %s', (root, cwd, path, expected) => {
    expect(toProjectPath(root, cwd, path)).toBe(expected);
  });

  it.each(['../x', '/etc/passwd', '/project-2/x', '.git/config', 'a/.GIT/x', 'a/git~1', 'a\\b', 'a\0'])(
    'refuses %j',
    path => {
      expect(() => toProjectPath('/project', '/project', path)).toThrow(
        expect.objectContaining({ code: 'PATH_UNSAFE' })
      );
    }
  );
});
