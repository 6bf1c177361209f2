/**
 * ONNX: a protocol buffer (onnx/onnx.proto). A walker over the wire format that takes names, shapes and metadata, and
 * passes over the weights.
 */
import { decodeText, malformed, sourceCursor } from '../cursor';
import type { Cursor } from '../cursor';
import type { IByteSource } from '../byte-source';
import { countElements, modelFile } from './describe';
import type { ModelFile, Setting } from './describe';

const FORMAT = 'ONNX model';
const MAX_TEXT_BYTES = 64 * 1024;
const MAX_FIELDS = 5_000_000;

/** Data types of TensorProto by number. */
const TYPES = (
  'undefined float32 uint8 int8 uint16 int16 int32 int64 string bool float16 float64 uint32 uint64 complex64 ' +
  'complex128 bfloat16 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz uint4 int4 float4e2m1'
).split(' ');

type Found = {
  readonly settings: Record<string, Setting>;
  readonly tensors: { name: string; type: string; shape: number[] }[];
  readonly inputs: string[];
  readonly nodes: Map<string, number>;
  fields: number;
  hasGraph: boolean;
};

/** One field of a message. `handle` consumes the value, or answers false: then it is passed over. */
type Field = { readonly number: number; readonly wire: number; readonly length: number };
type Handle = (field: Field, cursor: Cursor) => Promise<boolean>;

/** FORMAT_INVALID. */
export async function readOnnx(source: IByteSource): Promise<ModelFile> {
  const found: Found = { settings: {}, tensors: [], inputs: [], nodes: new Map(), fields: 0, hasGraph: false };
  await readMessage(sourceCursor(source, FORMAT), source.size, found, modelField(found));
  if (!found.hasGraph) {
    throw malformed(FORMAT, 'it has no graph');
  }
  const producer = [found.settings['producer_name'], found.settings['producer_version']].filter(Boolean).join(' ');
  const trees = [...found.nodes.keys()].filter(name => /Ensemble|Classifier|Regressor|SVM/.test(name));
  const weights = new Set(found.tensors.map(tensor => tensor.name));
  return modelFile('onnx', {
    framework: producer || null,
    estimator: trees[0] ?? null,
    parameters: found.tensors.length > 0 ? countElements(found.tensors) : null,
    settings: { ...found.settings, nodes: [...found.nodes.values()].reduce((sum, count) => sum + count, 0) },
    features: found.inputs.filter(name => !weights.has(name)),
    tensors: found.tensors
  });
}

async function readMessage(cursor: Cursor, length: number, found: Found, handle: Handle): Promise<void> {
  const end = cursor.position + length;
  while (cursor.position < end) {
    if (++found.fields > MAX_FIELDS) {
      throw malformed(FORMAT, 'it has too many fields');
    }
    const tag = await varint(cursor);
    const wire = tag % 8;
    const size = wire === 2 ? await varint(cursor) : wire === 1 ? 8 : wire === 5 ? 4 : 0;
    if (tag < 8 || wire === 3 || wire === 4 || wire > 5 || cursor.position + size > end) {
      throw malformed(FORMAT, 'its fields do not fit');
    }
    if (await handle({ number: Math.floor(tag / 8), wire, length: size }, cursor)) {
      continue;
    }
    await (wire === 0 ? varint(cursor) : cursor.skip(size));
  }
  if (cursor.position !== end) {
    throw malformed(FORMAT, 'its fields do not fit');
  }
}

/** Numbers beyond 2^53 lose precision; negative ones are huge. */
async function varint(cursor: Cursor): Promise<number> {
  let value = 0;
  for (let shift = 0; shift < 70; shift += 7) {
    await cursor.need(1);
    const byte = cursor.u8();
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) {
      return value;
    }
  }
  throw malformed(FORMAT, 'a number has no end');
}

async function text(cursor: Cursor, length: number): Promise<string> {
  const taken = Math.min(length, MAX_TEXT_BYTES);
  await cursor.need(taken);
  const value = decodeText(cursor.take(taken));
  await cursor.skip(length - taken);
  return value;
}

const modelTexts = new Map([
  [2, 'producer_name'],
  [3, 'producer_version'],
  [4, 'domain']
]);
const modelNumbers = new Map([
  [1, 'ir_version'],
  [5, 'model_version']
]);

function modelField(found: Found): Handle {
  return async ({ number, wire, length }, cursor) => {
    if (wire === 2 && modelTexts.has(number)) {
      found.settings[modelTexts.get(number)!] = await text(cursor, length);
    } else if (wire === 0 && modelNumbers.has(number)) {
      found.settings[modelNumbers.get(number)!] = await varint(cursor);
    } else if (wire === 2 && number === 7) {
      found.hasGraph = true;
      await readMessage(cursor, length, found, graphField(found));
    } else if (wire === 2 && (number === 8 || number === 14)) {
      await readPair(cursor, length, found, number === 8);
    } else {
      return false;
    }
    return true;
  };
}

/** An operator set (domain, version) or an entry of the metadata (key, value). */
async function readPair(cursor: Cursor, length: number, found: Found, opset: boolean): Promise<void> {
  let [key, value]: [string, Setting] = ['', ''];
  await readMessage(cursor, length, found, async (field, at) => {
    if (field.number === 1 && field.wire === 2) {
      key = await text(at, field.length);
    } else if (field.number === 2) {
      value = field.wire === 2 ? await text(at, field.length) : await varint(at);
    } else {
      return false;
    }
    return true;
  });
  found.settings[opset ? `opset ${key || 'ai.onnx'}` : key] = value;
}

function graphField(found: Found): Handle {
  return async ({ number, wire, length }, cursor) => {
    if (wire !== 2) {
      return false;
    }
    if (number === 1) {
      await readNamed(cursor, length, found, 4, name => found.nodes.set(name, (found.nodes.get(name) ?? 0) + 1));
    } else if (number === 2) {
      found.settings['graph'] = await text(cursor, length);
    } else if (number === 5) {
      await readTensor(cursor, length, found);
    } else if (number === 11) {
      await readNamed(cursor, length, found, 1, name => found.inputs.push(name));
    } else {
      return false;
    }
    return true;
  };
}

/** The text of one field of a message. */
async function readNamed(
  cursor: Cursor,
  length: number,
  found: Found,
  wanted: number,
  take: (name: string) => void
): Promise<void> {
  await readMessage(cursor, length, found, async (field, at) => {
    if (field.number !== wanted || field.wire !== 2) {
      return false;
    }
    take(await text(at, field.length));
    return true;
  });
}

async function readTensor(cursor: Cursor, length: number, found: Found): Promise<void> {
  const tensor = { name: '', type: 'undefined', shape: [] as number[] };
  await readMessage(cursor, length, found, async (field, at) => {
    if (field.number === 1 && field.wire === 0) {
      addDimension(tensor.shape, await varint(at));
    } else if (field.number === 1 && field.wire === 2) {
      for (const end = at.position + field.length; at.position < end;) {
        addDimension(tensor.shape, await varint(at));
      }
    } else if (field.number === 2 && field.wire === 0) {
      const type = await varint(at);
      tensor.type = TYPES[type] ?? `type ${type}`;
    } else if (field.number === 8 && field.wire === 2) {
      tensor.name = await text(at, field.length);
    } else {
      return false;
    }
    return true;
  });
  found.tensors.push(tensor);
}

function addDimension(shape: number[], length: number): void {
  if (shape.length === 100) {
    throw malformed(FORMAT, 'a tensor has too many dimensions');
  }
  shape.push(length);
}
