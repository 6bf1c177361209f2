import '../../../style/diff.css';
import '../../../style/namespace.css';
import { ReactWidget, UseSignal, refreshIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type Tab, Tabs } from '../diff/tabs';
import { IconButton } from '../panel/icon-button';
import { numberInWords, sizeInWords } from '../panel/words';
import { AccessTable } from './access-table';
import { Activity, Audit } from './audit';
import type { View } from './changes';
import { ComputeSection } from './compute-section';
import { Members } from './members';
import { LastChange } from './last-change';
import type { NamespaceModel } from './namespace-model';
import { Projects } from './projects';
import { Requests } from './requests';
import { type NamespaceServices, type SectionProps, mayManage, standing } from './section';
import { Shared } from './shared';
import { kindInWords, labelInWords } from './words';

/** The page of a namespace: who may do what, members, projects, shares, compute, and what happened. */
export class NamespacePage extends ReactWidget {
  constructor(
    readonly model: NamespaceModel,
    private readonly _services: NamespaceServices,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('bb-Namespace');
  }

  override dispose(): void {
    this.model.dispose();
    super.dispose();
  }

  protected override render(): JSX.Element {
    return (
      <UseSignal signal={this.model.stateChanged}>
        {() => <Page model={this.model} services={this._services} trans={this._trans} />}
      </UseSignal>
    );
  }
}

type PageProps = Omit<SectionProps, 'view'>;

function Page(props: PageProps): JSX.Element {
  const { model, trans } = props;
  const { state } = model;
  if (state.kind === 'loading') {
    return (
      <p className="bb-Namespace-page bb-Quiet" role="status">
        {trans.__('Loading…')}
      </p>
    );
  }
  if (state.kind === 'problem') {
    return (
      <div className="bb-Namespace-page">
        <div className="bb-Problem" role="alert">
          {state.message}
        </div>
        <div className="bb-Namespace-line">
          <button type="button" className="bb-Button" onClick={() => void model.load()}>
            {trans.__('Try again')}
          </button>
        </div>
      </div>
    );
  }
  return <Loaded {...props} view={state.view} />;
}

function Loaded(props: SectionProps): JSX.Element {
  const { trans, view, model } = props;
  return (
    <div className="bb-Namespace-page">
      <Heading {...props} />
      <LastChange {...props} />
      <Requests {...props} />
      <Tabs
        label={trans.__('What to see of %1', view.namespace.name)}
        tabs={tabs(props)}
        active={model.tab}
        onChange={tab => (model.tab = tab)}
      />
    </div>
  );
}

function tabs(props: SectionProps): readonly Tab[] {
  const { trans, view } = props;
  const shares = view.grants.length + view.links.filter(({ revoked }) => !revoked).length;
  const count = (value: number): { note?: string } => (value > 0 ? { note: numberInWords(value) } : {});
  const always: readonly Tab[] = [
    { id: 'access', label: trans.__('Access'), render: () => <AccessTable {...props} /> },
    { id: 'members', label: trans.__('Members'), ...count(view.members.length), render: () => <Members {...props} /> },
    {
      id: 'projects',
      label: trans.__('Projects'),
      ...count(view.projects.length),
      render: () => <Projects {...props} />
    },
    { id: 'shares', label: trans.__('Shares'), ...count(shares), render: () => <Shared {...props} /> },
    {
      id: 'compute',
      label: trans.__('Compute'),
      ...count(view.endpoints.length),
      render: () => <ComputeSection {...props} />
    },
    { id: 'activity', label: trans.__('Activity'), render: () => <Activity {...props} /> }
  ];
  const audit: Tab = { id: 'audit', label: trans.__('Audit log'), render: () => <Audit {...props} /> };
  return mayManage(props) ? [...always, audit] : always;
}

function Heading(props: SectionProps): JSX.Element {
  const { view, model, trans } = props;
  const { namespace } = view;
  return (
    <header className="bb-Namespace-heading">
      <div className="bb-Namespace-names">
        <h1>{namespace.title || namespace.name}</h1>
        <div className="bb-Namespace-facts">
          <span>{kindInWords(namespace.kind, trans)}</span>
          {namespace.label === 'protected' && <span className="bb-Badge">{labelInWords(namespace.label, trans)}</span>}
          <code className="bb-ShortId">{model.address}</code>
          <span>{standing(view.right, trans)}</span>
        </div>
      </div>
      <Quota view={view} trans={trans} />
      <IconButton icon={refreshIcon} label={trans.__('Refresh')} onClick={() => void model.load()} />
    </header>
  );
}

function Quota({ view, trans }: { readonly view: View; readonly trans: TranslationBundle }): JSX.Element {
  const { bytes } = view.namespace.quota;
  const used = sizeInWords(view.usedBytes);
  if (bytes === null) {
    return <span className="bb-Quota">{trans.__('%1 stored', used)}</span>;
  }
  const share = bytes === 0 ? 1 : Math.min(view.usedBytes / bytes, 1);
  return (
    <div className={share > 0.9 ? 'bb-Quota bb-mod-full' : 'bb-Quota'}>
      <span>{trans.__('%1 of %2 stored', used, sizeInWords(bytes))}</span>
      <progress aria-label={trans.__('Storage in use')} value={share} max={1} />
    </div>
  );
}
