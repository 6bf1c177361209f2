/** Reads pickles as data. */
import { throwIfCancelled } from '../../cancel';
import type { Activity } from '../../port';
import { malformed } from '../cursor';
import type { Cursor } from '../cursor';
import { FORMAT, Machine, MAX_KEPT_BYTES } from './machine';
import { decodeElements, joblibArrayOf } from './numpy';
import { BUILD, opcodes } from './opcodes';
import type { PickleArray, PickleValue } from './value';
import { arrayOf } from './numpy';

const MAX_OPCODES = 100_000_000;
const OPCODES_BETWEEN_LOOKS = 65_536;

/**
 * What the pickle at the cursor says; the cursor then stands behind it. Arrays of joblib between the opcodes are passed
 * over. FORMAT_INVALID when it is no pickle or exceeds the bounds; CANCELLED.
 */
export async function scanPickle(cursor: Cursor, activity: Activity, nested = false): Promise<PickleValue> {
  const machine = new Machine();
  for (let count = 1; !machine.stopped; count++) {
    if (count % OPCODES_BETWEEN_LOOKS === 0) {
      throwIfCancelled(activity);
      if (count > MAX_OPCODES) {
        throw malformed(FORMAT, 'it is too complicated');
      }
    }
    if (cursor.left === 0) {
      await cursor.need(1);
    }
    const code = cursor.u8();
    const opcode = opcodes[code];
    if (!opcode) {
      throw malformed(FORMAT, `it has an unknown opcode at byte ${cursor.position - 1}`);
    }
    if (cursor.left < opcode.size) {
      await cursor.need(opcode.size);
    }
    const working = opcode.run(machine, cursor);
    if (working) {
      await working;
    }
    if (code === BUILD && !nested) {
      await takeArray(machine, cursor, activity);
    }
  }
  return machine.result!;
}

/** joblib (numpy_pickle.py) writes an array's bytes behind the object that stands for it. */
async function takeArray(machine: Machine, cursor: Cursor, activity: Activity): Promise<void> {
  const wrapper = joblibArrayOf(machine.top());
  if (!wrapper) {
    return;
  }
  machine.pop();
  const { type, shape, aligned } = wrapper;
  const array = { kind: 'array' as const, type: type.name, shape };
  if (type.objects) {
    const inner = arrayOf(await scanPickle(cursor, activity, true));
    machine.push({ ...array, values: inner?.values ?? null });
    return;
  }
  if (aligned) {
    await cursor.need(1);
    await cursor.skip(cursor.u8());
  }
  const bytes = shape.reduce((product, length) => product * length, type.size);
  if (!Number.isSafeInteger(bytes)) {
    throw malformed(FORMAT, 'an array has no size');
  }
  machine.push({ ...array, values: await takeElements(machine, cursor, bytes, type) });
}

async function takeElements(
  machine: Machine,
  cursor: Cursor,
  bytes: number,
  type: Parameters<typeof decodeElements>[1]
): Promise<PickleArray['values']> {
  if (bytes > MAX_KEPT_BYTES || !machine.keeps(bytes)) {
    await cursor.skip(bytes);
    return null;
  }
  await cursor.need(bytes);
  return decodeElements(cursor.take(bytes), type);
}
