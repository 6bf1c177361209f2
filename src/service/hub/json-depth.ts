/** What only nests takes few bytes, and all of the stack of whoever walks through it. */

/** Of lists and objects in each other: a layout of JupyterLab has some dozens. */
const MAX_DEPTH = 500;
const STEPS: Readonly<Record<string, number>> = { '[': 1, '{': 1, ']': -1, '}': -1 };

/** True when lists and objects of a JSON text stand deeper in each other than anything of ours. Looks at each character once. */
export function isDeep(json: string): boolean {
  let depth = 0;
  let isText = false;
  for (let at = 0; at < json.length && depth <= MAX_DEPTH; at += 1) {
    const character = json[at]!;
    if (character === '"') {
      isText = !isText;
    } else if (isText) {
      at += character === '\\' ? 1 : 0;
    } else {
      depth += STEPS[character] ?? 0;
    }
  }
  return depth > MAX_DEPTH;
}
