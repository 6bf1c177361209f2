import { describe, expect, it } from 'vitest';
import { isMetricsFile, parseMetrics, parseSeries } from '../../../src/core/format/metrics';
import { parseYaml } from '../../../src/node/text/parse-yaml';

const parse = (path: string, text: string): object => Object.fromEntries(parseMetrics(path, text, parseYaml));

describe('metrics', () => {
  it('flattens JSON', () => {
    const json = '{"accuracy": 0.8, "test": {"auc": [0.7, 0.9]}, "model": "forest", "ok": true, "none": null}';
    expect(parse('m.json', json)).toEqual({
      accuracy: 0.8,
      'test.auc.0': 0.7,
      'test.auc.1': 0.9,
      model: 'forest',
      ok: 'true'
    });
  });

  it("reads what Python's json module writes", () => {
    expect(parse('m.json', '{"loss": NaN, "best": -Infinity, "name": "NaN"}')).toEqual({
      loss: 'NaN',
      best: '-Infinity',
      name: 'NaN'
    });
  });

  it('reads YAML and a bare number', () => {
    expect(parse('m.yaml', 'test:\n  auc: 0.5\n')).toEqual({ 'test.auc': 0.5 });
    expect(parse('m.json', '0.5')).toEqual({ value: 0.5 });
  });

  it('reads a table: its last row, and the series of each column of numbers', () => {
    expect(parse('m.csv', 'auc,"name, long"\r\n0.5,"a ""b"""\r\n')).toEqual({ auc: 0.5, 'name, long': 'a "b"' });
    const several = 'step,auc,note\n1,0.5,a\n2,,b\n3,0.75,c\n';
    expect(parse('m.csv', several)).toEqual({ auc: 0.75, note: 'c' });
    expect(Object.fromEntries(parseSeries('m.csv', several))).toEqual({ auc: [0.5, null, 0.75] });
    expect(parseSeries('m.csv', 'auc\n0.5\n').size).toBe(0);
    expect(parseSeries('m.json', '[1, 2]').size).toBe(0);
    expect(parse('m.csv', 'auc,f1\n0.5\n')).toEqual({});
  });

  it.each([
    ['m.json', '{"a": 1'],
    ['m.yaml', 'a: [1'],
    ['m.csv', '']
  ])('finds nothing in a broken %s', (path, text) => {
    expect(parse(path, text)).toEqual({});
  });

  it('are files below metrics/', () => {
    expect(['metrics/a.json', 'metrics/b/c.yml', 'metrics/d.csv'].every(isMetricsFile)).toBe(true);
    expect(['a.json', 'metrics/a.png', 'x/metrics/a.json', 'metrics/directions.json'].some(isMetricsFile)).toBe(false);
  });
});
