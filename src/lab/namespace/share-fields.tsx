import type { TranslationBundle } from '@jupyterlab/translation';
import { useId } from 'react';
import { roles } from '../../core/model/access';
import type { View } from './changes';
import { Choice } from './choice';
import type { ShareOptions } from './share-options';
import { type ShareChoice, type Span, type What, type Who, spanOf, spans, whats, whos } from './share-choice';
import { roleInWords } from './words';

export type FieldsProps = Pick<ShareOptions, 'scene' | 'workspace' | 'branches' | 'trans'> & {
  readonly view: View;
  readonly choice: ShareChoice;
  readonly change: (part: Partial<ShareChoice>) => void;
};

/** Who, what they may, what it is about, and until when. */
export function Fields(props: FieldsProps): JSX.Element {
  const { choice, change, trans } = props;
  return (
    <>
      <fieldset className="bb-Share-who">
        <legend>{trans.__('With')}</legend>
        {whos.map(who => (
          <label key={who} className="bb-Segment">
            <input type="radio" name="bb-share-who" checked={choice.who === who} onChange={() => change({ who })} />
            <span>{whoInWords(who, trans)}</span>
          </label>
        ))}
      </fieldset>
      <Name {...props} />
      <div className="bb-Share-row">
        <label className="bb-Share-field">
          <span>{trans.__('As')}</span>
          <Choice
            label={trans.__('Role')}
            value={choice.role}
            options={roles.map(role => [role, roleInWords(role, trans)])}
            onChange={role => change({ role })}
          />
        </label>
        <What {...props} />
        <Until {...props} />
      </div>
      {choice.who === 'link' && <LinkOptions {...props} />}
    </>
  );
}

function whoInWords(who: Who, trans: TranslationBundle): string {
  const words: Record<Who, string> = {
    user: trans.__('Person'),
    group: trans.__('Group'),
    everyone: trans.__('Everyone'),
    link: trans.__('Link')
  };
  return words[who];
}

/** Names that are known already are offered; any other may be typed. */
function Name({ choice, change, view, trans }: FieldsProps): JSX.Element | null {
  const list = useId();
  if (choice.who !== 'user' && choice.who !== 'group') {
    return null;
  }
  const known = [...view.members.map(({ principal }) => principal), ...view.grants.map(({ principal }) => principal)];
  const names = new Set(known.flatMap(each => ('name' in each && each.kind === choice.who ? [each.name] : [])));
  return (
    <label className="bb-Share-field bb-mod-wide">
      <span>{choice.who === 'user' ? trans.__('Name they sign in with') : trans.__('Name of the group')}</span>
      <input
        className="jp-mod-styled bb-Share-name"
        list={list}
        autoComplete="off"
        value={choice.name}
        onChange={event => change({ name: event.target.value })}
      />
      <datalist id={list}>
        {[...names].slice(0, mostNames).map(name => (
          <option key={name} value={name} />
        ))}
      </datalist>
    </label>
  );
}

/** A longer list of names would only be slow: typing finds the rest. */
const mostNames = 200;

function What(props: FieldsProps): JSX.Element {
  const { choice, change, scene, trans, view } = props;
  const offered = whats.filter(what =>
    what === 'compute' ? view.endpoints.length > 0 : what === 'namespace' || scene.project !== null
  );
  return (
    <>
      <label className="bb-Share-field bb-mod-grow">
        <span>{trans.__('What')}</span>
        <Choice<What>
          label={trans.__('What to share')}
          value={choice.what}
          options={offered.map(what => [what, whatInWords(what, props)])}
          onChange={what => change({ what, detail: what === 'compute' ? (view.endpoints[0]?.name ?? '') : '' })}
        />
      </label>
      <Detail {...props} />
    </>
  );
}

function whatInWords(what: What, { scene, trans }: FieldsProps): string {
  const words: Record<What, string> = {
    project: trans.__('Project %1', scene.project ?? ''),
    namespace: trans.__('All of %1', scene.namespace),
    asset: trans.__('A file or folder'),
    branch: trans.__('A branch'),
    pipeline: trans.__('A pipeline'),
    compute: trans.__('A compute endpoint')
  };
  return words[what];
}

function Detail({ choice, change, branches, view, trans }: FieldsProps): JSX.Element | null {
  const list = useId();
  if (choice.what === 'project' || choice.what === 'namespace') {
    return null;
  }
  if (choice.what === 'compute') {
    return (
      <label className="bb-Share-field">
        <span>{trans.__('Endpoint')}</span>
        <Choice
          label={trans.__('Endpoint')}
          value={choice.detail}
          options={view.endpoints.map(({ name, title }) => [name, title || name])}
          onChange={detail => change({ detail })}
        />
      </label>
    );
  }
  const words = {
    asset: [trans.__('Path'), 'data/raw'],
    branch: [trans.__('Branch or pattern'), 'release/*'],
    pipeline: [trans.__('Pipeline'), 'train']
  }[choice.what];
  return (
    <label className="bb-Share-field bb-mod-grow">
      <span>{words[0]}</span>
      <input
        className="jp-mod-styled"
        placeholder={words[1]}
        list={list}
        value={choice.detail}
        onChange={event => change({ detail: event.target.value })}
      />
      <datalist id={list}>
        {choice.what === 'branch' && branches.map(branch => <option key={branch} value={branch} />)}
      </datalist>
    </label>
  );
}

function Until({ choice, change, trans }: FieldsProps): JSX.Element {
  const words: Record<Span, string> = {
    '': trans.__('Until revoked'),
    '1d': trans.__('For a day'),
    '7d': trans.__('For 7 days'),
    '30d': trans.__('For 30 days'),
    '90d': trans.__('For 90 days'),
    day: trans.__('Until a day…')
  };
  // Links always end.
  const offered = spans.filter(span => span !== '' || choice.who !== 'link');
  return (
    <>
      <label className="bb-Share-field">
        <span>{trans.__('Until')}</span>
        <Choice<Span>
          label={trans.__('Until when')}
          value={spanOf(choice)}
          options={offered.map(span => [span, words[span]])}
          onChange={span => change({ span })}
        />
      </label>
      {choice.span === 'day' && (
        <label className="bb-Share-field">
          <span>{trans.__('Last day')}</span>
          <input
            type="date"
            className="jp-mod-styled"
            value={choice.day}
            onChange={event => change({ day: event.target.value })}
          />
        </label>
      )}
    </>
  );
}

function LinkOptions({ choice, change, workspace, trans }: FieldsProps): JSX.Element {
  return (
    <div className="bb-Share-options">
      <label className="bb-Check">
        <input type="checkbox" checked={choice.once} onChange={() => change({ once: !choice.once })} />
        {trans.__('Can be opened once only')}
      </label>
      {workspace !== null && choice.what !== 'compute' && (
        <label className="bb-Check">
          <input
            type="checkbox"
            checked={choice.withWorkspace}
            onChange={() => change({ withWorkspace: !choice.withWorkspace })}
          />
          {trans.__('Opens my branch, documents and layout')}
        </label>
      )}
    </div>
  );
}
