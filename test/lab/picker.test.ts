import { describe, expect, it, vi } from 'vitest';
import { BranchbookError } from '../../src/core/error';
import { PickerModel, type PickerOptions } from '../../src/lab/share/picker/picker-model';
import { pageIn, SignInModel } from '../../src/lab/share/sign-in-model';
import { trans } from './translation';

const gib = 2 ** 30;
const summary = (name: string, right: string | null = 'edit') => ({
  name,
  kind: 'team',
  title: name,
  label: 'unclassified',
  right,
  projects: 1,
  members: 1
});
const listing = (place: string, ...namespaces: readonly object[]) => ({
  place,
  kind: 'folder',
  identity: null,
  namespaces
});
const entry = (name: string, bytes = 0) => ({ name, bytes, right: 'view', description: '' });

type Answers = { readonly [request: string]: object };

/** A picker whose places answer by `verb action where`. */
function picker(answers: Answers, options: Partial<PickerOptions> = {}) {
  const run = vi.fn((verb: string, args: { action?: string; place?: string; namespace?: string }) => {
    const request = [verb, args.action, args.place ?? args.namespace].filter(Boolean).join(' ');
    const answer = answers[request];
    return answer ? Promise.resolve(answer) : Promise.reject(new BranchbookError('PLACE_UNKNOWN', `No ${request}.`));
  });
  const model = new PickerModel({
    mode: 'clone',
    run: run as unknown as PickerOptions['run'],
    projectName: 'wine',
    folderFor: name => Promise.resolve(`work/${name}`),
    trans,
    ...options
  });
  return { model, run };
}

const team = {
  'namespace list': { places: [listing('/srv/team', summary('ml'), summary('guests', 'view'))] },
  'namespace show /srv/team/ml': { view: { projects: [entry('iris', 3 * gib), entry('small', 5)] } },
  'namespace show /srv/team/guests': { view: { projects: [] } }
};

describe('picking a project', () => {
  it('clones large ones lazily, into a folder of their name', async () => {
    const { model } = picker(team);
    await model.load();
    expect(model.choice).toBeNull();
    await model.chooseProject('/srv/team/ml', entry('iris', 3 * gib) as never);
    expect(model.choice).toEqual({ address: '/srv/team/ml/iris', folder: 'work/iris', lazy: true });
    await model.chooseProject('/srv/team/ml', entry('small', 5) as never);
    expect(model.choice?.lazy).toBe(false);
    model.setFolder(' ');
    expect(model.choice).toBeNull();
  });

  it('begins with the project that is wanted', async () => {
    const { model } = picker(team, { wanted: '/srv/team/ml/small' });
    await model.load();
    expect(model.isOpen('/srv/team/ml')).toBe(true);
    expect(model.choice).toEqual({ address: '/srv/team/ml/small', folder: 'work/small', lazy: false });
    const gone = picker(team, { wanted: '/srv/team/ml/gone' }).model;
    await gone.load();
    expect([gone.choice, gone.problem]).toEqual([null, null]);
  });

  it('finds projects by name, in namespaces not opened yet', async () => {
    const { model } = picker(team);
    await model.load();
    const [place] = model.places!;
    model.filter = 'iris';
    await vi.waitFor(() => expect(model.shown(place!).map(({ name }) => name)).toEqual(['ml']));
  });

  it('opens the only namespace there is', async () => {
    const { model } = picker({ ...team, 'namespace list': { places: [listing('/srv/team', summary('ml'))] } });
    await model.load();
    expect(model.isOpen('/srv/team/ml')).toBe(true);
    await vi.waitFor(() => expect(model.projects('/srv/team/ml')?.kind).toBe('loaded'));
  });

  it('keeps what is known when a place that is added does not answer', async () => {
    const { model } = picker(team);
    await model.load();
    expect(await model.addPlace('https://nowhere.example/')).toBe(false);
    expect(model.problem).toContain('https://nowhere.example');
    expect(await model.addPlace('relative/folder')).toBe(false);
    expect(model.problem).toContain('no address');
    expect(model.places).toHaveLength(1);
  });

  it('asks to sign in at a hub that is added and wants to know who asks', async () => {
    const place = 'https://hub.example.org';
    const run = vi.fn((verb: string) =>
      verb === 'login'
        ? new Promise(() => undefined)
        : Promise.reject(new BranchbookError('SIGNED_OUT', 'Who are you?'))
    );
    const { model } = picker({}, { run: run as unknown as PickerOptions['run'] });
    expect(await model.addPlace(place)).toBe(true);
    expect(model.places).toMatchObject([{ place, namespaces: [], error: 'Who are you?' }]);
    expect(model.signIn(place)?.state.kind).toBe('waiting');
    expect(model.problem).toBeNull();
  });

  it('says why a namespace’s projects cannot be seen, and asks again the next time', async () => {
    const { model, run } = picker({ 'namespace list': team['namespace list'] });
    await model.load();
    model.toggle('/srv/team/ml');
    await vi.waitFor(() => expect(model.projects('/srv/team/ml')?.kind).toBe('problem'));
    const asked = run.mock.calls.length;
    model.toggle('/srv/team/ml');
    model.toggle('/srv/team/ml');
    expect(run.mock.calls.length).toBe(asked + 1);
  });
});

describe('picking where to publish', () => {
  it('offers what may be edited, and wants a name that will do', async () => {
    const { model } = picker(team, { mode: 'publish' });
    await model.load();
    expect(model.shown(model.places![0]!).map(({ name }) => name)).toEqual(['ml']);
    model.chooseNamespace('/srv/team/ml');
    expect(model.choice?.address).toBe('/srv/team/ml/wine');
    model.setName('No Good');
    expect(model.choice).toBeNull();
  });

  it('makes a namespace and chooses it', async () => {
    const after = { places: [listing('/srv/team', summary('ml'), summary('new'))] };
    const { model, run } = picker(
      { ...team, 'namespace create /srv/team/new': {}, 'namespace list /srv/team': after },
      { mode: 'publish' }
    );
    await model.load();
    expect(await model.createNamespace('/srv/team', 'Not This', '')).toBe(false);
    expect(run).toHaveBeenCalledOnce();
    expect(await model.createNamespace('/srv/team', 'new', '')).toBe(true);
    expect(model.choice?.address).toBe('/srv/team/new/wine');
  });
});

describe('signing in', () => {
  const identity = { user: 'ada', displayName: 'Ada' };

  it('shows the page and what to do there, then who it is', async () => {
    let told: (phase: string) => void = () => undefined;
    let done: (result: object) => void = () => undefined;
    const run = vi.fn((_verb: string, _args: object, options: { onProgress(line: object): void }) => {
      told = phase => options.onProgress({ phase });
      return new Promise(resolve => (done = resolve));
    });
    const model = new SignInModel('https://hub', run as never);
    const finished = model.start();
    told('Open https://hub/device?c=1. and confirm the code ABCD');
    expect(model.state).toMatchObject({ kind: 'waiting', page: 'https://hub/device?c=1' });
    done({ identity });
    await finished;
    expect(model.state).toEqual({ kind: 'done', identity });
  });

  it('says why it failed, and forgets what comes after it was given up', async () => {
    const failing = new SignInModel('https://hub', () => Promise.reject(new BranchbookError('SIGN_IN_FAILED', 'No.')));
    await failing.start();
    expect(failing.state).toEqual({ kind: 'failed', message: 'No.' });
    const late = new SignInModel('https://hub', () => Promise.resolve({ place: '', identity } as never));
    const start = late.start();
    late.cancel();
    await start;
    expect(late.state.kind).toBe('waiting');
  });

  it.each([
    ['javascript:alert(1)', 'https://hub', null],
    ['Go to http://hub/x', 'https://hub', null],
    ['Go to http://localhost:8000/x', 'http://localhost:8000', 'http://localhost:8000/x'],
    ['no page', 'https://hub', null]
  ])('makes no link of “%s” from %s but a page to sign in at', (text, place, page) => {
    expect(pageIn(text, place)).toBe(page);
  });
});
