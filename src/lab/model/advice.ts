import type { CommandRegistry } from '@lumino/commands';

/** What is typed after `branchbook` in a terminal, and the command that does it here; the first that fits. */
const entries: readonly (readonly [typed: RegExp, command: string])[] = [
  [/^push --pull$/, 'sync'],
  [/^push --to /, 'publish'],
  [/^push$/, 'push'],
  [/^pull$/, 'pull'],
  [/^init$/, 'init'],
  [/^login( [^<]*)?$/, 'sign-in'],
  [/^clone /, 'clone'],
  [/^remote set/, 'remotes'],
  [/^share request/, 'request-access'],
  [/^(namespace (list|show)|member |share (list|revoke))/, 'namespace'],
  [/^share link/, 'share'],
  [/^snapshot( -m .*)?$/, 'snapshot'],
  [/^branch$|^switch [^-]*$/, 'switch'],
  [/^branch NAME( --from .*)?$/, 'create-branch'],
  [/^compare /, 'compare'],
  [/^versions /, 'show-panel'],
  [/^undo$/, 'undo'],
  [/^undo --redo$/, 'redo'],
  [/^gc$/, 'clean-up']
];

/** The core writes hints for terminals: name what has an entry in JupyterLab's palette by that entry. */
export function advice(text: string, commands: Pick<CommandRegistry, 'hasCommand' | 'label'>): string {
  return text.replace(/`branchbook ([^`]+)`/g, (whole, typed: string) => {
    const id = `branchbook:${entries.find(([pattern]) => pattern.test(typed))?.[1]}`;
    return commands.hasCommand(id) ? `“${commands.label(id, { isPalette: true })}”` : whole;
  });
}
