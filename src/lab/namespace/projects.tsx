import { closeIcon } from '@jupyterlab/ui-components';
import { type FormEvent, useState } from 'react';
import { covers, labels } from '../../core/model/access';
import type { BranchRule } from '../../core/model/namespace';
import { IconButton } from '../panel/icon-button';
import { numberInWords, sizeInWords } from '../panel/words';
import { Choice } from './choice';
import { Nothing, Section, type SectionProps, perform } from './section';
import { cellInWords, labelInWords, pushInWords } from './words';

type Project = SectionProps['view']['projects'][number];
type ProjectProps = SectionProps & { readonly project: Project };

/** What is in the namespace: open it, clone it, describe it, and say who may push where. */
export function Projects(props: SectionProps): JSX.Element {
  const { view, trans } = props;
  return (
    <Section title={trans.__('Projects')} note={numberInWords(view.projects.length)}>
      {view.projects.length === 0 ? (
        <Nothing text={trans.__('No projects yet. Open a project and publish it here.')} />
      ) : (
        <ul className="bb-Projects">
          {view.projects.map(project => (
            <ProjectItem key={project.name} {...props} project={project} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function ProjectItem(props: ProjectProps): JSX.Element {
  const { project, trans, model, services } = props;
  const [open, setOpen] = useState(false);
  const manages = covers(project.right, 'manage');
  return (
    <li className="bb-Project">
      <div className="bb-Project-line">
        <div className="bb-Project-names">
          <span className="bb-Project-name">{project.name}</span>
          {project.label === 'protected' && <span className="bb-Badge">{labelInWords(project.label, trans)}</span>}
          <span className="bb-Quiet bb-Project-description">{project.description}</span>
        </div>
        <span className="bb-Size">{sizeInWords(project.bytes)}</span>
        <span className="bb-Badge" title={trans.__('What you may do with it')}>
          {cellInWords(project.right, trans)}
        </span>
        <button
          type="button"
          className="bb-Button"
          aria-label={trans.__('Open %1 here', project.name)}
          onClick={() => void services.run('branchbook:clone', { address: `${model.address}/${project.name}` })}
        >
          {trans.__('Open')}
        </button>
        <button
          type="button"
          className="bb-Button"
          aria-expanded={open}
          aria-label={trans.__('Settings of %1', project.name)}
          disabled={!manages}
          title={manages ? trans.__('Settings of %1', project.name) : trans.__('Who manages it can change this.')}
          onClick={() => setOpen(!open)}
        >
          {trans.__('Settings')}
        </button>
      </div>
      {open && manages && <ProjectSettings {...props} />}
    </li>
  );
}

function ProjectSettings(props: ProjectProps): JSX.Element {
  const { project, trans, services } = props;
  const { changes } = services;
  return (
    <div className="bb-Project-settings" data-lm-suppress-shortcuts="true">
      <Description key={project.description} {...props} />
      <div className="bb-Namespace-line">
        <span>{trans.__('Label')}</span>
        <Choice
          label={trans.__('Label of %1', project.name)}
          value={project.label}
          options={labels.map(label => [label, labelInWords(label, trans)])}
          onChange={label => perform(props, changes.labelProject(project.name, label))}
        />
      </div>
      <BranchRules {...props} />
      <div className="bb-Namespace-line">
        <button type="button" className="bb-LinkButton bb-mod-danger" onClick={() => void removeProject(props)}>
          {trans.__('Delete this project…')}
        </button>
      </div>
    </div>
  );
}

async function removeProject({ project, trans, services, model, view }: ProjectProps): Promise<void> {
  const title = trans.__('Delete %1 from %2?', project.name, view.namespace.name);
  const text = trans.__('Its history and data there are gone for all. Copies that people have stay with them.');
  if (await services.confirm(title, text, trans.__('Delete'))) {
    void model.change(services.changes.deleteProject(project.name));
  }
}

function Description(props: ProjectProps): JSX.Element {
  const { project, trans, services } = props;
  const [text, setText] = useState(project.description);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    perform(props, services.changes.describeProject(project.name, text.trim()));
  };
  return (
    <form className="bb-Namespace-line" onSubmit={submit}>
      <label className="bb-Namespace-field">
        <span>{trans.__('Description')}</span>
        <input className="jp-mod-styled" value={text} onChange={event => setText(event.target.value)} />
      </label>
      <button type="submit" className="bb-Button" disabled={text.trim() === project.description}>
        {trans.__('Save')}
      </button>
    </form>
  );
}

const pushes = ['edit', 'manage', 'none'] as const;

/** Who may push to which branches. */
function BranchRules(props: ProjectProps): JSX.Element {
  const { project, trans, services } = props;
  const set = (pattern: string, push: BranchRule['push'] | null): void =>
    perform(props, services.changes.setBranchRule(project.name, pattern, push));
  return (
    <div className="bb-BranchRules">
      <h3>{trans.__('Who may push')}</h3>
      {project.branchRules.length === 0 && (
        <p className="bb-Quiet">{trans.__('Everyone who may edit pushes to every branch.')}</p>
      )}
      {project.branchRules.map(({ pattern, push }) => (
        <div key={pattern} className="bb-Namespace-line">
          <code className="bb-BranchRules-pattern">{pattern}</code>
          <Choice
            label={trans.__('Who may push to %1', pattern)}
            value={push}
            options={pushes.map(each => [each, pushInWords(each, trans)])}
            onChange={next => set(pattern, next)}
          />
          <IconButton
            icon={closeIcon}
            label={trans.__('Remove the rule for %1', pattern)}
            onClick={() => set(pattern, null)}
          />
        </div>
      ))}
      <NewRule {...props} />
    </div>
  );
}

function NewRule(props: ProjectProps): JSX.Element {
  const { project, trans, services } = props;
  const [pattern, setPattern] = useState('');
  const [push, setPush] = useState<BranchRule['push']>('manage');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    perform(props, services.changes.setBranchRule(project.name, pattern.trim(), push));
    setPattern('');
  };
  return (
    <form className="bb-Namespace-line" onSubmit={submit}>
      <input
        className="jp-mod-styled"
        aria-label={trans.__('Branches of the new rule')}
        placeholder={trans.__('prod or release/*')}
        value={pattern}
        onChange={event => setPattern(event.target.value)}
      />
      <Choice
        label={trans.__('Who may push there')}
        value={push}
        options={pushes.map(each => [each, pushInWords(each, trans)])}
        onChange={setPush}
      />
      <button type="submit" className="bb-Button" disabled={pattern.trim() === ''}>
        {trans.__('Add a rule')}
      </button>
    </form>
  );
}
