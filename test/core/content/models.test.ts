/** Files that scikit-learn, joblib, safetensors and pickle wrote, against what Python says of the same models. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../../src/core/content/byte-source';
import { modelReader } from '../../../src/core/content/model/read-model';
import type { ModelFile } from '../../../src/core/content/model/describe';
import { inflate } from '../../../src/node/text/inflate';

const folder = join(__dirname, '../../fixture/models');
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as {
  readonly [name: string]: Omit<ModelFile, 'tensors'>;
};

async function read(name: string): Promise<ModelFile> {
  const bytes = readFileSync(join(folder, name));
  return (await modelReader(name)!(bytesSource(bytes), inflate, {}))!;
}

describe('model files', () => {
  it('are all told of by Python', () => {
    const files = readdirSync(folder).filter(name => name !== 'expected.json');
    expect(files.sort()).toEqual(Object.keys(expected).sort());
  });

  it.each(Object.keys(expected))('%s', async name => {
    const model = await read(name);
    const { framework, estimator, parameters, features, settings } = expected[name]!;
    expect(model).toMatchObject({ framework, estimator, parameters, features });
    expect(model.settings).toMatchObject(settings);
    expect(model.notices).toEqual([]);
  });

  it('list tensors with their types and shapes', async () => {
    expect((await read('small.safetensors')).tensors.toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: 'a.bias', type: 'F16', shape: [4] },
      { name: 'a.weight', type: 'F32', shape: [3, 4] }
    ]);
    const { tensors, tensorCount } = await read('checkpoint.pt');
    expect(tensorCount).toBe(3);
    expect(tensors[0]).toEqual({ name: 'state_dict.conv.weight', type: 'float32', shape: [8, 3, 5, 5] });
    for (const name of ['linear.joblib', 'linear-zlib.joblib', 'linear-gzip.joblib']) {
      expect((await read(name)).tensors).toContainEqual({ name: 'coef_', type: 'float64', shape: [3] });
    }
    expect((await read('pipeline.joblib')).tensors.map(tensor => tensor.name)).toContain('clf__coef_');
  });
});
