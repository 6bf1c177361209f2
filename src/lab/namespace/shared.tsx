import { closeIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Grant, Link } from '../../core/model/namespace';
import { IconButton } from '../panel/icon-button';
import { numberInWords } from '../panel/words';
import { Nothing, Section, type SectionProps, mayManage, perform } from './section';
import { type Column, VirtualTable } from './virtual-table';
import { cellInWords, expiryInWords, objectInWords, principalInWords } from './words';

/** What was shared beyond membership: grants and links, with their end, and revoking them. */
export function Shared(props: SectionProps): JSX.Element {
  const { view, trans, services } = props;
  const links = view.links.filter(link => !link.revoked);
  const share = (): void => void services.run('branchbook:share', { namespace: props.model.address });
  return (
    <>
      <Section title={trans.__('Shares')} note={numberInWords(view.grants.length)}>
        {mayManage(props) && (
          <div className="bb-Namespace-line">
            <button type="button" className="bb-Button" onClick={share}>
              {trans.__('Share…')}
            </button>
          </div>
        )}
        {view.grants.length === 0 ? (
          <Nothing text={trans.__('Nothing was shared beyond membership, or you do not see it.')} />
        ) : (
          <VirtualTable<Grant>
            name="grants"
            label={trans.__('Shares')}
            rows={view.grants}
            columns={grantColumns(props)}
            rowHeight={36}
            keyOf={({ id }) => id}
          />
        )}
      </Section>
      <Section title={trans.__('Links')} note={numberInWords(links.length)}>
        {links.length === 0 ? (
          <Nothing text={trans.__('No link is open. Links are made in the Share dialog.')} />
        ) : (
          <VirtualTable<Link>
            name="links"
            label={trans.__('Links')}
            rows={links}
            columns={linkColumns(props)}
            rowHeight={36}
            keyOf={({ id }) => id}
          />
        )}
      </Section>
    </>
  );
}

function grantColumns(props: SectionProps): readonly Column<Grant>[] {
  const { trans, services } = props;
  return [
    { id: 'name', title: trans.__('Who'), cell: ({ principal }) => principalInWords(principal, trans) },
    { id: 'right', title: trans.__('May'), cell: ({ right }) => cellInWords(right, trans) },
    { id: 'object', title: trans.__('What'), cell: ({ object }) => <Text text={objectInWords(object, trans)} /> },
    { id: 'until', title: trans.__('Until'), cell: ({ expires }) => expiryInWords(expires, Date.now(), trans) },
    {
      id: 'action',
      title: '',
      cell: grant => (
        <IconButton
          icon={closeIcon}
          label={trans.__('Revoke what %1 was given', principalInWords(grant.principal, trans))}
          disabled={!mayManage(props)}
          onClick={() => perform(props, services.changes.revokeGrant(grant))}
        />
      )
    }
  ];
}

function linkColumns(props: SectionProps): readonly Column<Link>[] {
  const { trans, services } = props;
  return [
    { id: 'name', title: trans.__('Made by'), cell: ({ by }) => <Text text={by} /> },
    { id: 'right', title: trans.__('May'), cell: ({ right }) => cellInWords(right, trans) },
    { id: 'object', title: trans.__('What'), cell: ({ object }) => <Text text={objectInWords(object, trans)} /> },
    { id: 'uses', title: trans.__('Opened'), cell: link => usesInWords(link, trans) },
    { id: 'until', title: trans.__('Until'), cell: ({ expires }) => expiryInWords(expires, Date.now(), trans) },
    {
      id: 'action',
      title: '',
      cell: link => (
        <IconButton
          icon={closeIcon}
          label={trans.__('Revoke the link of %1: %2', link.by, objectInWords(link.object, trans))}
          disabled={!mayManage(props)}
          onClick={() => perform(props, services.changes.revokeLink(link))}
        />
      )
    }
  ];
}

function usesInWords({ used, uses }: Link, trans: TranslationBundle): string {
  return uses === 'single' ? trans.__('%1 of 1 time', used) : trans._n('%1 time', '%1 times', used);
}

function Text({ text }: { readonly text: string }): JSX.Element {
  return <span title={text}>{text}</span>;
}
