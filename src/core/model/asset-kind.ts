/** What a file is to people, by its name. */
import type { AssetKind } from './asset';

const MODEL = 'pkl pickle joblib pt pth ckpt safetensors onnx h5 hdf5 keras pb tflite gguf bst ubj cbm mlmodel skops';
const DATASET =
  'parquet csv tsv arrow feather avro orc npy npz jsonl ndjson sqlite db duckdb xlsx xls tfrecord mat rds zarr nc';
const IMAGE = 'png jpg jpeg gif svg webp tif tiff bmp pdf';
const CODE = 'py r jl sql sh ts js scala ipy toml cfg ini md rst txt yaml yml';

const kinds = new Map<string, AssetKind | 'notebook' | 'code'>([
  ...MODEL.split(' ').map(extension => [extension, 'model'] as const),
  ...DATASET.split(' ').map(extension => [extension, 'dataset'] as const),
  ...IMAGE.split(' ').map(extension => [extension, 'image'] as const),
  ...CODE.split(' ').map(extension => [extension, 'code'] as const),
  ['ipynb', 'notebook']
]);

function folderKind(path: string): AssetKind | null {
  if (/^metrics\//.test(path)) {
    return 'metrics';
  }
  return /(^|\/)models\//.test(path) ? 'model' : /(^|\/)data\//.test(path) ? 'dataset' : null;
}

/** The kind of a file of the project. A folder's name decides where the extension alone does not (`models/weights.bin`). */
export function kindOf(path: string): AssetKind | 'notebook' | 'code' {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const extension =
    name
      .replace(/\.(gz|zst|bz2|xz|zip)$/, '')
      .split('.')
      .slice(1)
      .pop() ?? '';
  const kind = kinds.get(extension);
  if (kind === 'notebook' || kind === 'code') {
    return path.startsWith('metrics/') ? 'metrics' : kind;
  }
  const folder = folderKind(path);
  return folder === 'metrics' || !kind ? (folder ?? (name.startsWith('.') ? 'code' : 'file')) : kind;
}

/** The kind of a file that is an asset. */
export function assetKindOf(path: string): AssetKind {
  const kind = kindOf(path);
  return kind === 'notebook' || kind === 'code' ? 'file' : kind;
}
