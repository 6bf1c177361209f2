import { caretRightIcon, folderIcon } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type Right, roleOf } from '../../../core/model/access';
import type { NamespaceSummary } from '../../../core/model/namespace';
import { versionsIcon } from '../../icons';
import { sizeInWords } from '../../panel/words';
import type { PickerModel, ProjectEntry } from './picker-model';

type RowProps = {
  readonly place: string;
  readonly namespace: NamespaceSummary;
  readonly model: PickerModel;
  readonly trans: TranslationBundle;
};

/** A namespace: to open where a project is looked for, to choose where one is published. */
export function NamespaceRow({ place, namespace, model, trans }: RowProps): JSX.Element {
  const address = `${place}/${namespace.name}`;
  const publish = model.options.mode === 'publish';
  const open = model.isOpen(address) || (model.filter !== '' && !publish);
  const chosen = publish && model.chosen === address;
  const onClick = (): void => (publish ? model.chooseNamespace(address) : model.toggle(address));
  return (
    <li>
      <button
        type="button"
        className={chosen ? 'bb-Picker-row bb-mod-chosen' : 'bb-Picker-row'}
        {...(publish ? { 'aria-pressed': chosen } : { 'aria-expanded': open })}
        title={namespace.title}
        onClick={onClick}
      >
        {!publish && <caretRightIcon.react tag="span" className={open ? 'bb-Caret bb-mod-open' : 'bb-Caret'} />}
        <folderIcon.react tag="span" className="bb-KindIcon" />
        <span className="bb-Picker-name">{namespace.name}</span>
        <span className="bb-Picker-title">{namespace.title === namespace.name ? '' : namespace.title}</span>
        <span className="bb-Quiet">{trans._n('%1 project', '%1 projects', namespace.projects)}</span>
        {namespace.label !== 'unclassified' && <span className="bb-Badge">{trans.__('Protected')}</span>}
        {namespace.right && <span className="bb-Badge">{roleInWords(namespace.right, trans)}</span>}
      </button>
      {open && !publish && <Projects namespace={address} model={model} trans={trans} />}
    </li>
  );
}

type ProjectsProps = Pick<RowProps, 'model' | 'trans'> & { readonly namespace: string };

function Projects({ namespace, model, trans }: ProjectsProps): JSX.Element {
  const state = model.projects(namespace);
  if (state?.kind === 'problem') {
    return (
      <p className="bb-Problem" role="alert">
        {state.message}
      </p>
    );
  }
  if (state?.kind !== 'loaded') {
    return <p className="bb-Picker-note">{trans.__('Loading…')}</p>;
  }
  if (state.projects.length === 0) {
    return <p className="bb-Picker-note">{trans.__('No project is in it yet.')}</p>;
  }
  return (
    <ul className="bb-Picker-projects">
      {state.projects.map(project => (
        <Project key={project.name} namespace={namespace} project={project} model={model} trans={trans} />
      ))}
    </ul>
  );
}

function Project(props: ProjectsProps & { readonly project: ProjectEntry }): JSX.Element {
  const { namespace, project, model, trans } = props;
  const chosen = model.chosen === `${namespace}/${project.name}`;
  return (
    <li>
      <button
        type="button"
        className={chosen ? 'bb-Picker-row bb-mod-chosen' : 'bb-Picker-row'}
        aria-pressed={chosen}
        title={project.description}
        onClick={() => void model.chooseProject(namespace, project)}
      >
        <versionsIcon.react tag="span" className="bb-KindIcon" />
        <span className="bb-Picker-name">{project.name}</span>
        <span className="bb-Picker-title">{project.description}</span>
        <span className="bb-Size">{sizeInWords(project.bytes)}</span>
        <span className="bb-Badge">{roleInWords(project.right, trans)}</span>
      </button>
    </li>
  );
}

/** What somebody with a right is called. */
export function roleInWords(right: Right, trans: TranslationBundle): string {
  const words = {
    viewer: trans.__('Viewer'),
    runner: trans.__('Runner'),
    editor: trans.__('Editor'),
    owner: trans.__('Owner')
  };
  return words[roleOf(right)];
}
