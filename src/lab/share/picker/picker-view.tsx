import { Button, InputGroup } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type FormEvent, type ReactNode, useState } from 'react';
import type { NamespaceListing } from '../../../core/model/sharing';
import { SignInView } from '../sign-in-view';
import { NamespaceRow } from './namespace-row';
import { ChoiceForm } from './choice-form';
import type { PickerModel } from './picker-model';
import type { PickerProps } from './picker-model';

/** Everything one can get at: places, their namespaces, and the projects in them. */
export function PickerView({ model, trans }: PickerProps): JSX.Element {
  const { places, problem } = model;
  return (
    <div className="bb-Picker" data-lm-suppress-shortcuts="true">
      <InputGroup
        type="search"
        rightIcon="ui-components:search"
        aria-label={trans.__('Find a namespace or project')}
        placeholder={trans.__('Find a namespace or project')}
        value={model.filter}
        onChange={event => (model.filter = event.target.value)}
      />
      <div className="bb-Picker-places" aria-busy={model.busy}>
        {places === null && problem === null && (
          <p className="bb-Quiet" role="status">
            {trans.__('Asking the places you know…')}
          </p>
        )}
        {places?.length === 0 && <NoPlaces trans={trans} />}
        {places?.map(listing => (
          <Place key={listing.place} listing={listing} model={model} trans={trans} />
        ))}
      </div>
      <AddPlace model={model} trans={trans} first={places?.length === 0} />
      {problem !== null && (
        <p className="bb-Problem" role="alert">
          {problem}
        </p>
      )}
      <ChoiceForm model={model} trans={trans} />
    </div>
  );
}

function NoPlaces({ trans }: { readonly trans: TranslationBundle }): JSX.Element {
  return (
    <div className="bb-Picker-none">
      <p>{trans.__('You know no shared place yet. Add the one your team uses:')}</p>
      <ul>
        <li>{trans.__('a hub: the address your team gave you, as https://hub.example.org')}</li>
        <li>{trans.__('a folder that you all can reach, as /srv/shared')}</li>
        <li>{trans.__('a bucket, as s3://name/prefix, az://account/container or gs://name')}</li>
      </ul>
    </div>
  );
}

type PlaceProps = PickerProps & { readonly listing: NamespaceListing };

function Place({ listing, model, trans }: PlaceProps): JSX.Element {
  const { place, identity, error } = listing;
  const [adding, setAdding] = useState(false);
  const signIn = model.signIn(place);
  const shown = model.shown(listing);
  return (
    <section className="bb-Picker-place" aria-label={place}>
      <h3 className="bb-Picker-placeTitle">
        <span className="bb-Picker-address" title={place}>
          {place}
        </span>
        {identity && <span className="bb-Quiet">{identity.displayName || identity.user}</span>}
        {error === undefined && (
          <button type="button" className="bb-LinkButton" onClick={() => setAdding(!adding)}>
            {trans.__('New namespace…')}
          </button>
        )}
      </h3>
      {error !== undefined && !signIn && (
        <Note>
          {error}
          {listing.kind === 'hub' && (
            <button type="button" className="bb-LinkButton" onClick={() => model.startSignIn(place)}>
              {trans.__('Sign in')}
            </button>
          )}
          <button type="button" className="bb-LinkButton" onClick={() => void model.addPlace(place)}>
            {trans.__('Try again')}
          </button>
        </Note>
      )}
      {signIn && <SignInView model={signIn} trans={trans} />}
      {adding && <NewNamespace place={place} model={model} trans={trans} onDone={() => setAdding(false)} />}
      {error === undefined && shown.length === 0 && <Note>{emptyInWords(listing, model, trans)}</Note>}
      <ul className="bb-Picker-namespaces">
        {shown.map(namespace => (
          <NamespaceRow key={namespace.name} place={place} namespace={namespace} model={model} trans={trans} />
        ))}
      </ul>
    </section>
  );
}

function emptyInWords(listing: NamespaceListing, model: PickerModel, trans: TranslationBundle): string {
  if (model.filter) {
    return trans.__('Nothing here matches “%1”.', model.filter);
  }
  return listing.namespaces.length > 0
    ? trans.__('No namespace here that you may publish in. Make one of your own.')
    : trans.__('Nothing is shared with you here yet. Make a namespace, or ask for a link.');
}

export function Note({ children }: { readonly children: ReactNode }): JSX.Element {
  return (
    <p className="bb-Picker-note" role="status">
      {children}
    </p>
  );
}

type AddPlaceProps = PickerProps & { readonly first: boolean };

function AddPlace({ model, trans, first }: AddPlaceProps): JSX.Element {
  const [address, setAddress] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void model.addPlace(address).then(added => added && setAddress(''));
  };
  return (
    <form className="bb-Picker-form" onSubmit={submit}>
      <input
        className="jp-mod-styled bb-Picker-grow"
        aria-label={trans.__('Address of a place')}
        placeholder={
          first ? trans.__('https://hub.example.org') : trans.__('Add a place: hub address, folder or bucket')
        }
        value={address}
        onChange={event => setAddress(event.target.value)}
      />
      <Button className="jp-mod-styled" type="submit" disabled={model.busy || !address.trim()}>
        {trans.__('Add place')}
      </Button>
    </form>
  );
}

type NewNamespaceProps = PickerProps & { readonly place: string; readonly onDone: () => void };

function NewNamespace({ place, model, trans, onDone }: NewNamespaceProps): JSX.Element {
  const [name, setName] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void model.createNamespace(place, name.trim(), '').then(made => made && onDone());
  };
  return (
    <form className="bb-Picker-form" onSubmit={submit}>
      <input
        className="jp-mod-styled bb-Picker-grow"
        aria-label={trans.__('Name of the namespace')}
        placeholder={trans.__('Name, for example ml-team')}
        autoFocus
        value={name}
        onChange={event => setName(event.target.value)}
      />
      <Button className="jp-mod-styled" type="submit" disabled={model.busy || !name.trim()}>
        {trans.__('Make it')}
      </Button>
    </form>
  );
}
