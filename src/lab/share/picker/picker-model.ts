import type { TranslationBundle } from '@jupyterlab/translation';
import { type ISignal, Signal } from '@lumino/signaling';
import { BranchbookError, hasCode } from '../../../core/error';
import { covers } from '../../../core/model/access';
import { checkNamespaceName, checkProjectName, kindOfPlace } from '../../../core/model/place-address';
import type { NamespaceSummary, NamespaceView } from '../../../core/model/namespace';
import type { NamespaceListing } from '../../../core/model/sharing';
import type { IBranchbook } from '../../tokens';
import { SignInModel } from '../sign-in-model';

export type PickerProps = { readonly model: PickerModel; readonly trans: TranslationBundle };

/** What is looked for: a project to clone, or a namespace to publish the current project in. */
export type PickerMode = 'clone' | 'publish';

export type ProjectEntry = NamespaceView['projects'][number];
/** The projects of a namespace as the picker knows them. */
export type ProjectsState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'problem'; readonly message: string }
  | { readonly kind: 'loaded'; readonly projects: readonly ProjectEntry[] };

export type Choice = {
  /** `<place>/<namespace>/<project>`. */
  readonly address: string;
  /** Contents path of the new clone; '' when something is published. */
  readonly folder: string;
  readonly lazy: boolean;
};

/** Larger projects are cloned lazily unless the user says otherwise. */
export const largeProject = 2 ** 30;

export type PickerOptions = {
  readonly mode: PickerMode;
  readonly run: IBranchbook['run'];
  /** Name that the published project gets at first. */
  readonly projectName: string;
  /** Contents path of a folder that is not there yet, for a clone of a project of this name. */
  readonly folderFor: (name: string) => Promise<string>;
  /** `<place>/<namespace>/<project>` that is chosen at first, where it is there. */
  readonly wanted?: string;
  readonly trans: TranslationBundle;
};

/** The places of this user, what is in them, and what is chosen. One signal for all of it. */
export class PickerModel {
  constructor(readonly options: PickerOptions) {
    this._name = options.projectName;
  }

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** null until first loaded. */
  get places(): readonly NamespaceListing[] | null {
    return this._places;
  }

  get filter(): string {
    return this._filter;
  }

  /** Words that a namespace or one of its projects must have; projects not seen yet are loaded for it. */
  set filter(filter: string) {
    this._set(() => (this._filter = filter));
    if (filter) {
      for (const { place, namespaces } of this._places ?? []) {
        namespaces.forEach(({ name }) => void this._loadProjects(`${place}/${name}`));
      }
    }
  }

  /** Why the last thing did not work, in words. */
  get problem(): string | null {
    return this._problem;
  }

  get busy(): boolean {
    return this._busy;
  }

  /** Address of the chosen namespace or project. */
  get chosen(): string | null {
    return this._chosen;
  }

  /** The project that is published gets this name. */
  get name(): string {
    return this._name;
  }

  get folder(): string {
    return this._folder;
  }

  get lazy(): boolean {
    return this._lazy;
  }

  /** Bytes of the chosen project; null when none is chosen. */
  get bytes(): number | null {
    return this._bytes;
  }

  /** What the dialog gives back; null while something is missing or wrong. */
  get choice(): Choice | null {
    if (this._chosen === null) {
      return null;
    }
    if (this.options.mode === 'publish') {
      return checkProjectName(this._name) === null
        ? { address: `${this._chosen}/${this._name}`, folder: '', lazy: false }
        : null;
    }
    return this._folder.trim() ? { address: this._chosen, folder: this._folder.trim(), lazy: this._lazy } : null;
  }

  projects(namespace: string): ProjectsState | undefined {
    return this._projects.get(namespace);
  }

  isOpen(namespace: string): boolean {
    return this._open.has(namespace);
  }

  signIn(place: string): SignInModel | undefined {
    return this._signIns.get(place);
  }

  /** Namespaces and projects that match what is looked for, of those that are known. */
  shown(listing: NamespaceListing): readonly NamespaceSummary[] {
    const words = this._filter.toLowerCase().split(/\s+/).filter(Boolean);
    const matches = (text: string): boolean => words.every(word => text.toLowerCase().includes(word));
    const offered = listing.namespaces.filter(({ right }) => this.options.mode === 'clone' || covers(right, 'edit'));
    return offered.filter(namespace => {
      const state = this._projects.get(`${listing.place}/${namespace.name}`);
      const projects = state?.kind === 'loaded' ? state.projects.map(({ name }) => name) : [];
      return [namespace.name, namespace.title, ...projects].some(matches);
    });
  }

  async load(): Promise<void> {
    await this._attempt(async () => this._accept((await this.options.run('namespace', { action: 'list' })).places));
    await this._chooseWanted(this.options.wanted ?? '');
  }

  private async _chooseWanted(address: string): Promise<void> {
    const end = address.lastIndexOf('/');
    if (end < 0) {
      return;
    }
    const namespace = address.slice(0, end);
    this._open.add(namespace);
    await this._loadProjects(namespace);
    const state = this._projects.get(namespace);
    const project = state?.kind === 'loaded' && state.projects.find(({ name }) => name === address.slice(end + 1));
    if (project) {
      await this.chooseProject(namespace, project);
    }
  }

  /** Look what is at an address, and keep it in the list. False when nothing of ours is. */
  async addPlace(address: string): Promise<boolean> {
    const place = address.trim().replace(/\/+$/, '');
    if (kindOfPlace(place) === null) {
      this._set(() => (this._problem = this.options.trans.__('“%1” is no address of a hub, bucket or folder.', place)));
      return false;
    }
    return this._attempt(async () => {
      const places = await this._ask(place);
      const others = (this._places ?? []).filter(known => !places.some(found => found.place === known.place));
      this._accept([...places, ...others]);
    });
  }

  /** What is at a place; a hub that wants to know who asks is signed in to, there and then. */
  private async _ask(place: string): Promise<readonly NamespaceListing[]> {
    try {
      return (await this.options.run('namespace', { action: 'list', place })).places ?? [];
    } catch (error) {
      if (!hasCode(error, 'SIGNED_OUT')) {
        throw error;
      }
      this.startSignIn(place);
      return [{ place, kind: 'hub', identity: null, namespaces: [], error: error.message }];
    }
  }

  /** Make a namespace, and choose it where one is looked for. False when it did not work: `problem` says why. */
  async createNamespace(place: string, name: string, title: string): Promise<boolean> {
    const reason = checkNamespaceName(name);
    if (reason !== null) {
      this._set(() => (this._problem = this.options.trans.__('“%1” cannot be the name: %2.', name, reason)));
      return false;
    }
    return this._attempt(async () => {
      const namespace = `${place}/${name}`;
      await this.options.run('namespace', { action: 'create', namespace, kind: 'team', ...(title ? { title } : {}) });
      const { places = [] } = await this.options.run('namespace', { action: 'list', place });
      this._accept((this._places ?? []).map(known => places.find(found => found.place === known.place) ?? known));
      this._open.add(namespace);
      this._projects.set(namespace, { kind: 'loaded', projects: [] });
      this._chosen = this.options.mode === 'publish' ? namespace : this._chosen;
    });
  }

  /** Ask who the user is at a place; its namespaces are listed once that is known. */
  startSignIn(place: string): void {
    const model = new SignInModel(place, this.options.run);
    model.changed.connect(() => {
      if (model.state.kind === 'done') {
        this._signIns.delete(place);
        void this.addPlace(place);
      }
    });
    this._set(() => this._signIns.set(place, model));
    void model.start();
  }

  toggle(namespace: string): void {
    this._set(() => (this._open.has(namespace) ? this._open.delete(namespace) : this._open.add(namespace)));
    if (this._open.has(namespace)) {
      void this._loadProjects(namespace);
    }
  }

  chooseNamespace(namespace: string): void {
    this._set(() => (this._chosen = namespace));
  }

  /** Resolves when a folder is proposed too. */
  async chooseProject(namespace: string, { name, bytes }: ProjectEntry): Promise<void> {
    const address = `${namespace}/${name}`;
    this._set(() => {
      this._chosen = address;
      this._bytes = bytes;
      this._lazy = bytes > largeProject;
      this._folder = '';
    });
    const folder = await this.options.folderFor(name);
    if (this._chosen === address && this._folder === '') {
      this.setFolder(folder);
    }
  }

  setName(name: string): void {
    this._set(() => (this._name = name));
  }

  setFolder(folder: string): void {
    this._set(() => (this._folder = folder));
  }

  setLazy(lazy: boolean): void {
    this._set(() => (this._lazy = lazy));
  }

  dispose(): void {
    this._signIns.forEach(model => model.cancel());
    Signal.clearData(this);
  }

  private async _loadProjects(namespace: string): Promise<void> {
    if (this._projects.has(namespace) && this._projects.get(namespace)?.kind !== 'problem') {
      return;
    }
    this._set(() => this._projects.set(namespace, { kind: 'loading' }));
    try {
      const { view } = await this.options.run('namespace', { action: 'show', namespace });
      this._set(() => this._projects.set(namespace, { kind: 'loaded', projects: view?.projects ?? [] }));
    } catch (cause) {
      const { message } = BranchbookError.from(cause);
      this._set(() => this._projects.set(namespace, { kind: 'problem', message }));
    }
  }

  private _accept(places: readonly NamespaceListing[] | undefined): void {
    this._places = places ?? [];
    // One namespace is hardly worth a click.
    const all = this._places.flatMap(({ place, namespaces }) => namespaces.map(({ name }) => `${place}/${name}`));
    if (all.length === 1 && this._open.size === 0) {
      this._open.add(all[0]!);
      void this._loadProjects(all[0]!);
    }
  }

  private async _attempt(work: () => Promise<void>): Promise<boolean> {
    this._set(() => {
      this._busy = true;
      this._problem = null;
    });
    try {
      await work();
      return true;
    } catch (cause) {
      const { message, hint } = BranchbookError.from(cause);
      this._problem = [message, hint].filter(Boolean).join(' ');
      return false;
    } finally {
      this._set(() => (this._busy = false));
    }
  }

  private _set(change: () => void): void {
    change();
    this._changed.emit();
  }

  private _places: readonly NamespaceListing[] | null = null;
  private _filter = '';
  private _problem: string | null = null;
  private _busy = false;
  private _chosen: string | null = null;
  private _name: string;
  private _folder = '';
  private _lazy = false;
  private _bytes: number | null = null;
  private readonly _projects = new Map<string, ProjectsState>();
  private readonly _open = new Set<string>();
  private readonly _signIns = new Map<string, SignInModel>();
  private readonly _changed = new Signal<this, void>(this);
}
