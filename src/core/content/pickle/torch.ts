/** PyTorch: tensors of checkpoints and modules, from their pickle alone. */
import type { ModelTensor } from '../../model/content';
import { countElements } from '../model/describe';
import type { ModelFile, Setting } from '../model/describe';
import { shapeOf } from './numpy';
import { attributesOf, classOf, isCall, isDict, isList, isNode, pathOf } from './value';
import type { PickleDict, PickleValue } from './value';

const MAX_DEPTH = 32;
const MAX_VISITS = 200_000;
/** What checkpoints call the weights; what is beside them (the optimizer's state) is not the model. */
const STATES = ['state_dict', 'model_state_dict', 'model', 'module', 'net', 'weights'];

type Walk = { readonly tensors: ModelTensor[]; readonly settings: [string, Setting][]; visits: number };

/** Tensors by dotted name. `parameters` counts those of the model, when the file says which they are. */
export function describeTorch(
  root: PickleValue
): Pick<ModelFile, 'estimator' | 'parameters' | 'settings' | 'tensors' | 'tensorCount'> {
  const walk: Walk = { tensors: [], settings: [], visits: 0 };
  visit('', root, 0, walk);
  const state = STATES.find(name => walk.tensors.some(tensor => tensor.name.startsWith(`${name}.`)));
  const own = state ? walk.tensors.filter(tensor => tensor.name.startsWith(`${state}.`)) : walk.tensors;
  const type = classOf(root);
  return {
    estimator: type && !type.module.startsWith('collections') ? type.name : null,
    parameters: own.length > 0 ? countElements(own) : null,
    settings: Object.fromEntries(walk.settings),
    tensors: walk.tensors,
    tensorCount: walk.tensors.length
  };
}

function visit(name: string, value: PickleValue | undefined, depth: number, walk: Walk): void {
  if (depth > MAX_DEPTH || walk.visits++ > MAX_VISITS) {
    return;
  }
  const tensor = tensorOf(name, value);
  if (tensor) {
    walk.tensors.push(tensor);
    return;
  }
  if (!isNode(value)) {
    if (value !== undefined && name !== '') {
      walk.settings.push([name, value]);
    }
    return;
  }
  for (const [key, below] of namedChildren(value)) {
    visit(name && key ? `${name}.${key}` : name || key, below, depth + 1, walk);
  }
}

/** Entries of dictionaries (ordered ones are calls), items of lists; of a module, its parameters, buffers and modules. */
function namedChildren(value: PickleValue): readonly (readonly [string, PickleValue])[] {
  if (isDict(value)) {
    return keyed(value);
  }
  if (isList(value)) {
    return value.items.map((item, index) => [String(index), item] as const);
  }
  if (!isCall(value)) {
    return [];
  }
  const attributes = attributesOf(value);
  const parts = ['_parameters', '_buffers', '_modules'].flatMap(part => {
    const at = attributes.get(part);
    return at === undefined ? [] : [['', at] as const];
  });
  return parts.length > 0 ? parts : keyed(value);
}

function keyed({ entries }: Pick<PickleDict, 'entries'>): readonly (readonly [string, PickleValue])[] {
  return entries.flatMap(([key, value]) => (isNode(key) ? [] : [[String(key), value] as const]));
}

function tensorOf(name: string, value: PickleValue | undefined): ModelTensor | null {
  if (!isCall(value) || !isList(value.args)) {
    return null;
  }
  const { items } = value.args;
  switch (pathOf(value.callable)) {
    case 'torch._utils._rebuild_parameter':
    case 'torch._utils._rebuild_parameter_with_state':
      return tensorOf(name, items[0]);
    case 'torch._tensor._rebuild_from_type_v2':
      return isList(items[2]) ? tensorOf(name, { ...value, callable: items[0]!, args: items[2] }) : null;
    case 'torch._utils._rebuild_tensor':
    case 'torch._utils._rebuild_tensor_v2':
    case 'torch._utils._rebuild_tensor_v3': {
      const shape = shapeOf(items[2]);
      return shape && { name, type: storageType(items[0]), shape };
    }
    default:
      return null;
  }
}

/** `float32` of `torch.FloatStorage`. */
const storageTypes: { readonly [name: string]: string } = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool'
};

function storageType(storage: PickleValue | undefined): string {
  const id = isNode(storage) && storage.kind === 'persistent' && isList(storage.id) ? storage.id.items : [];
  const name = isNode(id[1]) && id[1].kind === 'global' ? id[1].name : '';
  return storageTypes[name] ?? (name || 'unknown');
}
