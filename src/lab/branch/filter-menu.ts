import { DOMUtils } from '@jupyterlab/apputils';
import { type LabIcon, caretRightIcon, checkIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Message } from '@lumino/messaging';
import type { ISignal } from '@lumino/signaling';
import { Widget } from '@lumino/widgets';
import { placePopup } from './place-popup';

export type MenuEntry = {
  readonly label: string;
  /** Second line or right-hand text; '' for none. */
  readonly detail: string;
  readonly icon: LabIcon | null;
  readonly checked: boolean;
  /** Drawn with a line above. */
  readonly separated: boolean;
  readonly run: () => void;
  /** The page of further actions for this entry; null when it has none. */
  readonly more: IMenuPage | null;
};

/** What a filter menu shows: computed anew for every keystroke and every change. */
export interface IMenuPage {
  readonly title: string;
  readonly placeholder: string;
  entries(query: string): readonly MenuEntry[];
  /** Words to show above the entries, or instead of them; '' for none. */
  message(query: string): string;
}

/**
 * A popup with a filter box and a list, after the ARIA combobox pattern: the focus stays in the box, arrows move through
 * the list. Entries may lead to a page of actions (arrow right) and back (arrow left, Escape).
 */
export class FilterMenu extends Widget {
  constructor(root: IMenuPage, changed: ISignal<unknown, unknown> | null, trans: TranslationBundle) {
    super();
    this._pages = [root];
    this._trans = trans;
    this._changed = changed;
    this.id = DOMUtils.createDomID();
    this.addClass('bb-FilterMenu');
    this.node.setAttribute('role', 'dialog');
    // Lab's shortcuts listen above us; typing a branch name must not run them.
    this.node.dataset['lmSuppressShortcuts'] = 'true';
    this._build();
    this._changed?.connect(this.update, this);
    this._render();
  }

  /** Show below `anchor`, or in the middle of the window. Resolves when the menu has closed. */
  open(anchor: HTMLElement | null): Promise<void> {
    this._returnTo = document.activeElement instanceof HTMLElement ? document.activeElement : null;
    Widget.attach(this, document.body);
    placePopup(this.node, anchor);
    this._input.focus();
    return new Promise(resolve => this.disposed.connect(() => resolve()));
  }

  override dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._changed?.disconnect(this.update, this);
    super.dispose();
    if (this._returnTo?.isConnected) {
      this._returnTo.focus({ preventScroll: true });
    }
  }

  handleEvent(event: Event): void {
    switch (event.type) {
      case 'keydown':
        this._onKey(event as KeyboardEvent);
        event.stopPropagation();
        break;
      case 'input':
        this._select(0);
        this._render();
        break;
      case 'pointerdown':
      case 'focusin':
        if (!this.node.contains(event.target as Node)) {
          // The user went elsewhere: the focus stays where they put it.
          this._returnTo = null;
          this.dispose();
        }
        break;
      case 'resize':
        this.dispose();
        break;
    }
  }

  protected override onAfterAttach(message: Message): void {
    super.onAfterAttach(message);
    this.node.addEventListener('keydown', this);
    this._input.addEventListener('input', this);
    document.addEventListener('pointerdown', this, true);
    document.addEventListener('focusin', this, true);
    window.addEventListener('resize', this);
  }

  protected override onBeforeDetach(message: Message): void {
    this.node.removeEventListener('keydown', this);
    this._input.removeEventListener('input', this);
    document.removeEventListener('pointerdown', this, true);
    document.removeEventListener('focusin', this, true);
    window.removeEventListener('resize', this);
    super.onBeforeDetach(message);
  }

  protected override onUpdateRequest(message: Message): void {
    super.onUpdateRequest(message);
    this._render();
  }

  private get _page(): IMenuPage {
    return this._pages[this._pages.length - 1]!;
  }

  private _onKey(event: KeyboardEvent): void {
    const action = this._keys[event.key];
    if (action && !event.isComposing && action() !== false) {
      event.preventDefault();
    }
  }

  /** What each key does; false = let the text box have it. */
  private readonly _keys: { readonly [key: string]: () => void | boolean } = {
    ArrowDown: () => this._move(1),
    ArrowUp: () => this._move(-1),
    Home: () => this._move(-Infinity),
    End: () => this._move(Infinity),
    Enter: () => this._run(this._entries[this._selected]),
    Escape: () => this._back(),
    Tab: () => this.dispose(),
    ArrowRight: () =>
      this._input.selectionStart === this._input.value.length && this._enter(this._entries[this._selected]),
    ArrowLeft: () => this._pages.length > 1 && this._input.selectionEnd === 0 && this._back()
  };

  private _move(by: number): void {
    const last = this._entries.length - 1;
    // One step wraps around; Home and End do not.
    const next = this._selected + by;
    const wrapped = next < 0 ? last : next > last ? 0 : next;
    this._select(Number.isFinite(by) ? wrapped : by < 0 ? 0 : last);
    this._render();
  }

  private _run(entry: MenuEntry | undefined): void {
    if (entry) {
      this.dispose();
      entry.run();
    }
  }

  private _enter(entry: MenuEntry | undefined): boolean {
    if (!entry?.more) {
      return false;
    }
    this._pages.push(entry.more);
    this._restart();
    return true;
  }

  private _back(): void {
    if (this._pages.length === 1) {
      this.dispose();
      return;
    }
    this._pages.pop();
    this._restart();
  }

  private _restart(): void {
    this._input.value = '';
    this._select(0);
    this._render();
    this._input.focus();
  }

  private _select(index: number): void {
    this._selected = Math.max(index, 0);
  }

  private _build(): void {
    this._backButton.type = 'button';
    this._backButton.className = 'bb-FilterMenu-back';
    this._backButton.setAttribute('aria-label', this._trans.__('Back to all branches'));
    this._backButton.textContent = '‹';
    this._backButton.addEventListener('click', () => this._back());
    this._title.className = 'bb-FilterMenu-title';
    const header = document.createElement('div');
    header.className = 'bb-FilterMenu-header';
    header.append(this._backButton, this._title);
    this._input.className = 'bb-FilterMenu-input';
    this._input.type = 'text';
    this._input.spellcheck = false;
    this._input.autocomplete = 'off';
    this._input.setAttribute('role', 'combobox');
    this._input.setAttribute('aria-expanded', 'true');
    this._input.setAttribute('aria-autocomplete', 'list');
    this._input.setAttribute('aria-controls', `${this.id}-list`);
    this._message.className = 'bb-FilterMenu-message';
    this._message.setAttribute('role', 'status');
    this._list.id = `${this.id}-list`;
    this._list.className = 'bb-FilterMenu-list';
    this._list.setAttribute('role', 'listbox');
    this.node.append(header, this._input, this._message, this._list);
  }

  private _render(): void {
    const page = this._page;
    const query = this._input.value.trim();
    this._entries = page.entries(query);
    this._selected = Math.min(this._selected, Math.max(this._entries.length - 1, 0));
    this.node.setAttribute('aria-label', page.title);
    this._list.setAttribute('aria-label', page.title);
    this._title.textContent = page.title;
    this._backButton.hidden = this._pages.length === 1;
    this._input.placeholder = page.placeholder;
    this._message.textContent = page.message(query);
    this._message.hidden = this._message.textContent === '';
    this._list.replaceChildren(...this._entries.map((entry, index) => this._option(entry, index)));
    this._list.hidden = this._entries.length === 0;
    const active = this._list.children[this._selected];
    this._input.setAttribute('aria-activedescendant', active?.id ?? '');
    active?.scrollIntoView({ block: 'nearest' });
  }

  private _option(entry: MenuEntry, index: number): HTMLElement {
    const option = document.createElement('li');
    option.id = `${this.id}-option-${index}`;
    option.className = 'bb-FilterMenu-option';
    option.setAttribute('role', 'option');
    option.setAttribute('aria-selected', String(index === this._selected));
    option.classList.toggle('bb-mod-separated', entry.separated && index > 0);
    const icon = document.createElement('span');
    icon.className = 'bb-FilterMenu-icon';
    (entry.checked ? checkIcon : entry.icon)?.element({ container: icon, stylesheet: 'menuItem' });
    option.append(icon, text('bb-FilterMenu-label', entry.label), text('bb-FilterMenu-detail', entry.detail));
    option.title = [entry.label, entry.detail].filter(Boolean).join('\n');
    option.addEventListener('click', () => this._run(entry));
    if (entry.more) {
      option.append(this._moreButton(entry));
    }
    return option;
  }

  /** For the mouse only: the keyboard's way is arrow right, and an option may hold no second tab stop. */
  private _moreButton(entry: MenuEntry): HTMLElement {
    const more = document.createElement('span');
    more.className = 'bb-FilterMenu-more';
    more.title = this._trans.__('More actions for %1 (arrow right)', entry.label);
    caretRightIcon.element({ container: more, stylesheet: 'menuItem' });
    more.addEventListener('click', event => {
      event.stopPropagation();
      this._enter(entry);
    });
    return more;
  }

  private readonly _trans: TranslationBundle;
  private readonly _pages: IMenuPage[];
  private readonly _changed: ISignal<unknown, unknown> | null;
  private _entries: readonly MenuEntry[] = [];
  private _selected = 0;
  private _returnTo: HTMLElement | null = null;
  private readonly _backButton = document.createElement('button');
  private readonly _title = document.createElement('span');
  private readonly _input = document.createElement('input');
  private readonly _message = document.createElement('p');
  private readonly _list = document.createElement('ul');
}

function text(className: string, content: string): HTMLElement {
  const node = document.createElement('span');
  node.className = className;
  node.textContent = content;
  return node;
}
