/**
 * Provenance and facts as commit trailers: the last paragraph of the message, `Key: value` lines that
 * `git interpret-trailers` understands. Only our own keys are taken for ours, and only in that paragraph, so that a
 * user's text that happens to look like a trailer stays text.
 */
import type { AssetFacts, Provenance } from './asset';

const keys = {
  notebook: 'Branchbook-Notebook',
  cell: 'Branchbook-Cell',
  kernel: 'Branchbook-Kernel',
  libraries: 'Branchbook-Libraries',
  asset: 'Branchbook-Asset'
} as const;
/** Ends every block of ours, so that a user's paragraph of look-alike lines is never taken for one. */
const SEAL = 'Branchbook-Version: 1';

/** The whole commit message: the user's text as it is, then our trailers. */
export function encodeMessage(text: string, provenance: Provenance, facts: readonly AssetFacts[]): string {
  const lines = [
    ...single(keys.notebook, provenance.notebook),
    ...single(keys.cell, provenance.cell),
    ...single(keys.kernel, provenance.kernel),
    ...single(keys.libraries, encodeLibraries(provenance.libraries ?? {})),
    ...facts.map(fact => `${keys.asset}: ${JSON.stringify(fact)}`)
  ];
  const body = text.replace(/\s+$/, '');
  // Sealed also when there is nothing to say but the text's last paragraph looks like a block of ours.
  const block = lines.length > 0 || textOf(body) !== body ? `\n\n${[...lines, SEAL].join('\n')}` : '';
  return `${body}${block}\n`;
}

/** The user's text, without our trailers. */
export function textOf(message: string): string {
  return split(message).text;
}

/** The first line of the user's text. */
export function subjectOf(message: string): string {
  return textOf(message).split('\n', 1)[0] ?? '';
}

export function provenanceOf(message: string): Provenance {
  const { values } = split(message);
  const { notebook, cell, kernel, libraries } = {
    notebook: values(keys.notebook)[0],
    cell: values(keys.cell)[0],
    kernel: values(keys.kernel)[0],
    libraries: values(keys.libraries)[0]
  };
  return {
    ...(notebook !== undefined && { notebook }),
    ...(cell !== undefined && { cell }),
    ...(kernel !== undefined && { kernel }),
    ...(libraries !== undefined && { libraries: decodeLibraries(libraries) })
  };
}

/** Facts recorded for assets of this snapshot; lines that are not valid are left out. */
export function factsOf(message: string): readonly AssetFacts[] {
  return split(message)
    .values(keys.asset)
    .flatMap(line => {
      try {
        const facts = JSON.parse(line) as AssetFacts | null;
        return typeof facts?.path === 'string' ? [facts] : [];
      } catch {
        return [];
      }
    });
}

/** A trailer is one line. */
function single(key: string, value: string | undefined): readonly string[] {
  const line = value?.replace(/\s+/g, ' ').trim();
  return line ? [`${key}: ${line}`] : [];
}

function encodeLibraries(libraries: { readonly [name: string]: string }): string {
  return Object.entries(libraries)
    .map(([name, version]) => `${name}=${version}`)
    .join(', ');
}

function decodeLibraries(text: string): { readonly [name: string]: string } {
  const pairs = text.split(', ').map(pair => pair.split('=', 2) as [string, string | undefined]);
  return Object.fromEntries(pairs.flatMap(([name, version]) => (version === undefined ? [] : [[name, version]])));
}

function split(message: string): { readonly text: string; readonly values: (key: string) => readonly string[] } {
  const trimmed = message.replace(/\s+$/, '');
  const at = trimmed.lastIndexOf('\n\n');
  const block = at < 0 ? [] : trimmed.slice(at + 2).split('\n');
  // git tools may add trailers of their own (Signed-off-by, Change-Id) below or among ours.
  if (!block.includes(SEAL) || !block.every(line => /^[A-Za-z0-9-]+: /.test(line))) {
    return { text: trimmed, values: () => [] };
  }
  return {
    text: trimmed.slice(0, at),
    values: key => block.filter(line => line.startsWith(`${key}: `)).map(line => line.slice(key.length + 2))
  };
}
