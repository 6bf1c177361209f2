import { Dialog, showDialog } from '@jupyterlab/apputils';
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactNode } from 'react';
import type { AssetVersion, ShowResult } from '../../core/model/result';
import { extentInWords, kindInWords, sizeInWords } from '../panel/words';

/** Everything that is known of one version. */
export async function showVersionDetails(
  details: ShowResult & { kind: 'version' },
  trans: TranslationBundle
): Promise<void> {
  await showDialog({
    title: details.version.address,
    body: <Details details={details} trans={trans} />,
    buttons: [Dialog.okButton({ label: trans.__('Close') })]
  });
}

type DetailsProps = { readonly details: ShowResult & { kind: 'version' }; readonly trans: TranslationBundle };

function Details({ details, trans }: DetailsProps): JSX.Element {
  const { version, assetKind, xetHash, usedBy } = details;
  const { author, facts, provenance } = version;
  return (
    <div className="bb-Details">
      <p className="bb-Details-message">{version.message}</p>
      <dl>
        <Fact name={trans.__('Author')}>{trans.__('%1 <%2>', author.name, author.email)}</Fact>
        <Fact name={trans.__('Time')}>{Time.format(version.time)}</Fact>
        <Fact name={trans.__('Kind')}>{kindInWords(assetKind, trans)}</Fact>
        <Fact name={trans.__('Size')}>{sizeInWords(version.size)}</Fact>
        {facts && <Fact name={trans.__('Content')}>{extentInWords(facts, version.size, trans)}</Fact>}
        {facts?.type && <Fact name={trans.__('Written by')}>{facts.type}</Fact>}
        {provenance.notebook && <Fact name={trans.__('Notebook')}>{provenance.notebook}</Fact>}
        {provenance.kernel && <Fact name={trans.__('Kernel')}>{provenance.kernel}</Fact>}
        {provenance.libraries && <Fact name={trans.__('Libraries')}>{librariesInWords(version)}</Fact>}
        {usedBy && (
          <Fact name={trans.__('In use on')}>
            {usedBy.length === 0 ? trans.__('no branch or tag') : usedBy.map(({ name }) => name).join(', ')}
          </Fact>
        )}
        <Fact name={trans.__('Snapshot')}>
          <code>{version.id}</code>
        </Fact>
        {version.sha256 && (
          <Fact name="SHA-256">
            <code>{version.sha256}</code>
          </Fact>
        )}
        {xetHash && (
          <Fact name={trans.__('Xet hash')}>
            <code>{xetHash}</code>
          </Fact>
        )}
      </dl>
    </div>
  );
}

function Fact(props: { readonly name: string; readonly children: ReactNode }): JSX.Element {
  return (
    <>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </>
  );
}

function librariesInWords({ provenance }: AssetVersion): string {
  return Object.entries(provenance.libraries ?? {})
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');
}
