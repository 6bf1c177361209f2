import { MenuSvg } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyJSONObject } from '@lumino/coreutils';
import type { Menu } from '@lumino/widgets';
import type { IBranchbook } from '../tokens';

/** Commands by group; those that this JupyterLab does not have are left out. */
const groups = [
  ['pull', 'push', 'sync'],
  ['share', 'namespace', 'fork', 'request-access'],
  ['publish', 'clone', 'join'],
  ['run-there', 'share-server'],
  ['sign-in', 'sign-out', 'remotes']
];

/** Open what one can do about sharing below `anchor`. Resolves when the menu has closed. */
export function openShareMenu(commands: CommandRegistry, branchbook: IBranchbook, anchor: HTMLElement): Promise<void> {
  const menu = new MenuSvg({ commands });
  menu.addClass('bb-ShareMenu');
  const path: ReadonlyJSONObject = branchbook.current
    ? { path: `${branchbook.current.located.contentsPath ?? ''}/` }
    : {};
  for (const group of groups) {
    const known = group
      .map(name => `branchbook:${name}`)
      .filter(id => commands.hasCommand(id) && commands.isVisible(id));
    known.forEach(command => menu.addItem({ command, args: path }));
    if (known.length > 0) {
      menu.addItem({ type: 'separator' });
    }
  }
  const box = anchor.getBoundingClientRect();
  return new Promise(resolve => {
    menu.aboutToClose.connect(() => {
      anchor.focus();
      resolve();
      // The command runs after the menu closed; a menu that is gone would not run it.
      requestAnimationFrame(() => menu.dispose());
    });
    menu.open(box.left, box.bottom);
    activateFirst(menu);
  });
}

/** Opened from the keyboard or not, the arrows start at the top. */
function activateFirst(menu: Menu): void {
  menu.activeIndex = menu.items.findIndex(({ type, isEnabled }) => type === 'command' && isEnabled);
}
