/** safetensors (huggingface.co/docs/safetensors): 8 bytes length, a JSON header, the tensors. */
import { decodeText, malformed } from '../cursor';
import type { IByteSource } from '../byte-source';
import { countElements, flattenSettings, inner, isRecord, modelFile, tryJson } from './describe';
import type { ModelFile } from './describe';

/** The limit of the reference implementation. */
const MAX_HEADER_BYTES = 100_000_000;
const FORMAT = 'safetensors file';

/** FORMAT_INVALID. Reads the header only. */
export async function readSafetensors(source: IByteSource): Promise<ModelFile> {
  const head = await source.read(0, 8);
  if (head.length < 8) {
    throw malformed(FORMAT, 'it ends too early');
  }
  const length = new DataView(head.buffer, head.byteOffset).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES) || Number(length) > source.size - 8) {
    throw malformed(FORMAT, 'its header claims more bytes than it may have');
  }
  const header = tryJson(decodeText(await source.read(8, 8 + Number(length))));
  if (!isRecord(header)) {
    throw malformed(FORMAT, 'its header is not JSON');
  }
  const dataBytes = source.size - 8 - Number(length);
  const tensors = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => tensorOf(name, value, dataBytes));
  const settings = flattenSettings(header['__metadata__'] ?? {});
  const framework = inner(header, '__metadata__', 'format');
  return modelFile('safetensors', {
    framework: framework === 'pt' ? 'pytorch' : typeof framework === 'string' ? framework : null,
    parameters: countElements(tensors),
    settings,
    tensors
  });
}

function tensorOf(name: string, value: unknown, dataBytes: number): ModelFile['tensors'][number] {
  const [type, shape, offsets] = [inner(value, 'dtype'), inner(value, 'shape'), inner(value, 'data_offsets')];
  const sizes = (list: unknown): list is number[] =>
    Array.isArray(list) && list.every(item => Number.isSafeInteger(item) && (item as number) >= 0);
  if (typeof type !== 'string' || !sizes(shape) || !sizes(offsets) || offsets.length !== 2) {
    throw malformed(FORMAT, `its header does not describe the tensor ${JSON.stringify(name.slice(0, 100))}`);
  }
  if (offsets[0]! > offsets[1]! || offsets[1]! > dataBytes) {
    throw malformed(FORMAT, `the tensor ${JSON.stringify(name.slice(0, 100))} lies outside the file`);
  }
  return { name, type, shape };
}
