import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReactNode } from 'react';
import type { ModelContent } from '../../core/model/content';
import { numberInWords } from '../panel/words';
import { countInWords } from './column-words';

export type ModelLookProps = {
  readonly content: ModelContent;
  readonly commands: CommandRegistry;
  readonly trans: TranslationBundle;
};

/** What a model's file says of it, read without running any of it. */
export function ModelLook(props: ModelLookProps): JSX.Element {
  const { content, trans } = props;
  const settings = Object.entries(content.settings);
  return (
    <div className="bb-Page bb-ModelLook">
      {content.notices.map(notice => (
        <p key={notice} className="bb-Notice">
          {notice}
        </p>
      ))}
      <div className="bb-Cards">
        <Summary {...props} />
        {content.metrics.length > 0 && <Metrics {...props} />}
        {content.trainedOn.length > 0 && <TrainedOn {...props} />}
        {settings.length > 0 && (
          <Card title={trans.__('Settings')}>
            <Pairs pairs={settings.map(([name, value]) => [name, value === null ? 'null' : String(value)])} />
          </Card>
        )}
        {content.features && (
          <Card title={trans._n('%1 feature', '%1 features', content.features.length)}>
            <ol className="bb-Features">
              {content.features.map((feature, index) => (
                <li key={index}>{feature}</li>
              ))}
            </ol>
          </Card>
        )}
      </div>
      {content.tensors.length > 0 && <Tensors {...props} />}
    </div>
  );
}

function Summary({ content, trans }: ModelLookProps): JSX.Element {
  const { format, framework, estimator, parameters } = content;
  const pairs: (readonly [string, string])[] = [[trans.__('Format'), format]];
  if (framework !== null) {
    pairs.push([trans.__('Framework'), framework]);
  }
  if (parameters !== null) {
    pairs.push([trans.__('Parameters'), countInWords(parameters)]);
  }
  return (
    <Card title={estimator ?? trans.__('Model')}>
      <Pairs pairs={pairs} />
    </Card>
  );
}

function Metrics({ content, trans }: ModelLookProps): JSX.Element {
  return (
    <Card title={trans.__('Metrics of this snapshot')}>
      <dl className="bb-Figures">
        {content.metrics.map(({ path, name, value }) => (
          <div key={`${path}\0${name}`} title={path}>
            <dt>{name}</dt>
            <dd>{typeof value === 'number' ? numberInWords(value) : value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function TrainedOn({ content, commands, trans }: ModelLookProps): JSX.Element {
  return (
    <Card title={trans.__('Data in this snapshot')}>
      <ul className="bb-Links">
        {content.trainedOn.map(({ path, address }) => (
          <li key={address}>
            <button
              type="button"
              className="bb-LinkButton"
              title={address}
              onClick={() => void commands.execute('branchbook:open-version', { address })}
            >
              {path}
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Tensors({ content, trans }: ModelLookProps): JSX.Element {
  const { tensors, tensorCount } = content;
  return (
    <Card title={trans._n('%2 tensor', '%2 tensors', tensorCount, countInWords(tensorCount))} wide>
      <table className="bb-Listing">
        <thead>
          <tr>
            <th scope="col">{trans.__('Name')}</th>
            <th scope="col">{trans.__('Type')}</th>
            <th scope="col">{trans.__('Shape')}</th>
            <th scope="col" className="bb-Number">
              {trans.__('Parameters')}
            </th>
          </tr>
        </thead>
        <tbody>
          {tensors.map(({ name, type, shape }, index) => (
            <tr key={index}>
              <td>{name}</td>
              <td>{type}</td>
              <td>{shape.length === 0 ? trans.__('scalar') : shape.join(' × ')}</td>
              <td className="bb-Number">{countInWords(shape.reduce((product, size) => product * size, 1))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {tensorCount > tensors.length && (
        <p className="bb-Quiet">{trans.__('The first %1 are shown.', countInWords(tensors.length))}</p>
      )}
    </Card>
  );
}

type CardProps = { readonly title: string; readonly wide?: boolean; readonly children: ReactNode };

function Card({ title, wide, children }: CardProps): JSX.Element {
  return (
    <section className={wide ? 'bb-Card bb-mod-wide' : 'bb-Card'} aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}

function Pairs({ pairs }: { readonly pairs: readonly (readonly [string, string])[] }): JSX.Element {
  return (
    <dl className="bb-Figures">
      {pairs.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd title={value}>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
