/** What the schemas of request bodies are made of. */
export type Schema = { readonly [keyword: string]: unknown };

export const string: Schema = { type: 'string', maxLength: 4096 };
export const text: Schema = { type: 'string', maxLength: 1_000_000 };
/** A relative one would be taken from wherever the core happens to run. */
export const absolutePath: Schema = { ...string, pattern: '^(/|[A-Za-z]:[\\\\/])' };
export const boolean: Schema = { type: 'boolean' };
export const count: Schema = { type: 'integer', minimum: 0 };
export const list = (items: Schema): Schema => ({ type: 'array', items });

export function object(properties: { readonly [name: string]: Schema }, required: readonly string[] = []): Schema {
  return { type: 'object', properties, required, additionalProperties: false };
}

/** One of the actions of a verb, with its own arguments. */
export function action(
  name: string,
  properties: { readonly [name: string]: Schema } = {},
  required: readonly string[] = []
): Schema {
  return object({ action: { const: name }, ...properties }, ['action', ...required]);
}

/** A verb that does one of several things. */
export function actions(...each: readonly Schema[]): Schema {
  return { type: 'object', required: ['action'], discriminator: { propertyName: 'action' }, oneOf: each };
}
