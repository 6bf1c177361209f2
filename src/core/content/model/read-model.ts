/** Which reader a model file wants, by its name and first bytes. Never executes anything. */
import type { Activity, Inflate } from '../../port';
import type { IByteSource } from '../byte-source';
import { readKeras, readSkops } from './archives';
import { readLightgbm, readXgboostJson, readXgboostUbj } from './boosting';
import type { ModelFile } from './describe';
import { readOnnx } from './onnx';
import { readPickle } from './pickles';
import { readSafetensors } from './safetensors';

type Reader = (source: IByteSource, inflate: Inflate, activity: Activity) => Promise<ModelFile | null>;

const readers: { readonly [extension: string]: Reader } = {
  safetensors: readSafetensors,
  onnx: readOnnx,
  pkl: readPickle,
  pickle: readPickle,
  joblib: readPickle,
  pt: readPickle,
  pth: readPickle,
  ckpt: readPickle,
  keras: readKeras,
  skops: readSkops,
  ubj: readXgboostUbj,
  json: readXgboostJson,
  xgb: readXgboostJson,
  txt: readLightgbm,
  lgb: readLightgbm
};

/**
 * The reader of a file that may be a model; null when its name says that it is none. The reader answers null when the
 * content says so; it fails with FORMAT_INVALID when the file is damaged, and CANCELLED.
 */
export function modelReader(path: string): Reader | null {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const extension =
    name
      .replace(/\.(gz|z)$/, '')
      .split('.')
      .slice(1)
      .pop() ?? '';
  // Text and JSON are models only where models are kept.
  const ambiguous = extension === 'json' || extension === 'txt';
  if (ambiguous && !/(^|\/)models\//.test(path)) {
    return null;
  }
  return Object.hasOwn(readers, extension) ? readers[extension]! : null;
}
