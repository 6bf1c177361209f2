/** Models in ZIP archives: Keras (.keras) and skops. */
import type { Inflate } from '../../port';
import type { IByteSource } from '../byte-source';
import { decodeText, malformed } from '../cursor';
import { flattenSettings, inner, isRecord, modelFile, tryJson } from './describe';
import type { ModelFile, Setting } from './describe';
import { readWholeEntry, readZip } from './zip';
import type { ZipEntry } from './zip';

const MAX_JSON_BYTES = 32 * 1024 * 1024;

type Archive = { readonly entries: ReadonlyMap<string, ZipEntry>; json(name: string): Promise<unknown> };

async function openArchive(source: IByteSource, inflate: Inflate): Promise<Archive> {
  const entries = await readZip(source);
  return {
    entries,
    json: async name => {
      const entry = entries.get(name);
      return entry && tryJson(decodeText(await readWholeEntry(source, entry, inflate, MAX_JSON_BYTES)));
    }
  };
}

/** Keras 3 (keras.io/api/models/model_saving_apis). FORMAT_INVALID. */
export async function readKeras(source: IByteSource, inflate: Inflate): Promise<ModelFile> {
  const archive = await openArchive(source, inflate);
  const config = await archive.json('config.json');
  if (!isRecord(config)) {
    throw malformed('Keras model', 'it has no config.json');
  }
  const version = inner(await archive.json('metadata.json'), 'keras_version');
  const layers = inner(config, 'config', 'layers');
  const list = Array.isArray(layers) ? layers : [];
  const layerSettings = list
    .slice(0, 200)
    .map((layer, index): [string, Setting] => [
      `layer ${index} ${String(inner(layer, 'config', 'name') ?? '')}`.trimEnd(),
      describeLayer(layer)
    ]);
  return modelFile('keras', {
    framework: typeof version === 'string' ? `keras ${version}` : 'keras',
    estimator: textOf(inner(config, 'class_name')),
    settings: {
      ...flattenSettings({
        name: inner(config, 'config', 'name'),
        optimizer: inner(config, 'compile_config', 'optimizer', 'class_name'),
        optimizer_config: inner(config, 'compile_config', 'optimizer', 'config'),
        loss: inner(config, 'compile_config', 'loss'),
        layers: list.length
      }),
      ...Object.fromEntries(layerSettings)
    }
  });
}

function describeLayer(layer: unknown): string {
  const words = ['units', 'filters', 'kernel_size', 'rate', 'activation'].flatMap(name => {
    const value = inner(layer, 'config', name);
    return value === undefined || value === null || isRecord(value) ? [] : [`${name}=${String(value)}`];
  });
  return `${textOf(inner(layer, 'class_name')) ?? 'Layer'}(${words.join(', ')})`;
}

/** skops.io: schema.json describes the object, arrays are entries. FORMAT_INVALID. */
export async function readSkops(source: IByteSource, inflate: Inflate): Promise<ModelFile> {
  const archive = await openArchive(source, inflate);
  const schema = await archive.json('schema.json');
  const name = textOf(inner(schema, '__class__'));
  if (name === null) {
    throw malformed('skops model', 'it has no schema.json');
  }
  const module = textOf(inner(schema, '__module__')) ?? '';
  const state = skopsEntries(inner(schema, 'content'));
  const version = state.get('_sklearn_version');
  const isSklearn = module.startsWith('sklearn.');
  return modelFile('skops', {
    framework: isSklearn ? `scikit-learn${version === undefined ? '' : ` ${String(version)}`}` : module.split('.')[0]!,
    estimator: name,
    settings: Object.fromEntries([...state].filter(([key]) => !key.startsWith('_') && !/[^_]_$/.test(key)))
  });
}

/** Plain values of a dictionary in a skops schema. */
function skopsEntries(node: unknown): ReadonlyMap<string, Setting> {
  const found = new Map<string, Setting>();
  const content = inner(node, 'content');
  for (const [key, value] of isRecord(content) ? Object.entries(content) : []) {
    const json = inner(value, 'content');
    const plain = inner(value, '__loader__') === 'JsonNode' && typeof json === 'string' ? tryJson(json) : undefined;
    if (plain === null || ['string', 'number', 'boolean'].includes(typeof plain)) {
      found.set(key, plain as Setting);
    }
  }
  return found;
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
