import { describe, expect, it } from 'vitest';
import { assetKindOf, kindOf } from '../../../src/core/model/asset-kind';

describe('the kind of a file', () => {
  it.each([
    ['data/sales.parquet', 'dataset'],
    ['sales.CSV', 'dataset'],
    ['data/sales.csv.gz', 'dataset'],
    ['data/raw', 'dataset'],
    ['models/weights.bin', 'model'],
    ['out/model.joblib', 'model'],
    ['metrics/train.json', 'metrics'],
    ['metrics/train.yaml', 'metrics'],
    ['figures/roc.png', 'image'],
    ['train.ipynb', 'notebook'],
    ['src/features.py', 'code'],
    ['.gitignore', 'code'],
    ['blob.bin', 'file']
  ])('%s is a %s', (path, kind) => {
    expect(kindOf(path)).toBe(kind);
  });

  it('of an asset is never code or notebook', () => {
    expect(assetKindOf('data/huge.txt')).toBe('file');
    expect(assetKindOf('big.ipynb')).toBe('file');
  });
});
