import { closeIcon, runIcon } from '@jupyterlab/ui-components';
import { covers } from '../../core/model/access';
import { IconButton } from '../panel/icon-button';
import { numberInWords } from '../panel/words';
import { Nothing, Section, type SectionProps, mayManage, perform } from './section';
import { cellInWords } from './words';

type Endpoint = SectionProps['view']['endpoints'][number];

/** Machines that members may run notebooks on. */
export function ComputeSection(props: SectionProps): JSX.Element {
  const { view, trans, services, model } = props;
  const add = (): void => void services.run('branchbook:add-compute', { namespace: model.address });
  return (
    <Section title={trans.__('Compute')} note={numberInWords(view.endpoints.length)}>
      <p className="bb-Quiet">
        {trans.__('Machines to run notebooks on. Whoever may run there never sees the password or token.')}
      </p>
      {mayManage(props) && (
        <div className="bb-Namespace-line">
          <button type="button" className="bb-Button" onClick={add}>
            {trans.__('Add an endpoint…')}
          </button>
        </div>
      )}
      {view.endpoints.length === 0 ? (
        <Nothing text={trans.__('No endpoints yet: a Jupyter Server or Kernel Gateway can be added by an owner.')} />
      ) : (
        <ul className="bb-Endpoints">
          {view.endpoints.map(endpoint => (
            <EndpointItem key={endpoint.name} {...props} endpoint={endpoint} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function EndpointItem(props: SectionProps & { readonly endpoint: Endpoint }): JSX.Element {
  const { endpoint, trans, services, model } = props;
  const mayRun = covers(endpoint.right, 'run');
  return (
    <li className="bb-Endpoint">
      <div className="bb-Project-names">
        <span className="bb-Project-name">{endpoint.title || endpoint.name}</span>
        <span className="bb-Quiet">
          {endpoint.kind === 'jupyter-server' ? trans.__('Jupyter Server') : trans.__('Kernel Gateway')}
        </span>
        {endpoint.url !== null && <code className="bb-ShortId">{endpoint.url}</code>}
      </div>
      <span className="bb-Badge">{cellInWords(endpoint.right, trans)}</span>
      <button
        type="button"
        className="bb-Button"
        disabled={!mayRun}
        title={mayRun ? trans.__('Run a notebook on %1', endpoint.name) : trans.__('You may look, not run here.')}
        onClick={() => void services.run('branchbook:run-there', { namespace: model.address, endpoint: endpoint.name })}
      >
        <runIcon.react tag="span" className="bb-IconButton-icon" />
        {trans.__('Run a notebook…')}
      </button>
      {mayManage(props) && (
        <IconButton
          icon={closeIcon}
          label={trans.__('Remove the endpoint %1', endpoint.name)}
          onClick={() => void remove(props, endpoint)}
        />
      )}
    </li>
  );
}

async function remove(props: SectionProps, { name }: Endpoint): Promise<void> {
  const { services, trans } = props;
  const text = trans.__('Nobody can run notebooks there through this namespace any more. Its token is forgotten.');
  if (await services.confirm(trans.__('Remove the endpoint %1?', name), text, trans.__('Remove'))) {
    perform(props, services.changes.removeEndpoint(name));
  }
}
