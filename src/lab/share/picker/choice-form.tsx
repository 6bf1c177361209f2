import { checkProjectName } from '../../../core/model/place-address';
import { sizeInWords } from '../../panel/words';
import type { PickerProps } from './picker-model';

/** What is still to say about what was chosen: where a clone goes and what comes along, or how a project is called. */
export function ChoiceForm({ model, trans }: PickerProps): JSX.Element {
  if (model.chosen === null) {
    const wanted = model.options.mode === 'clone' ? trans.__('Choose a project.') : trans.__('Choose a namespace.');
    return <p className="bb-Picker-note">{wanted}</p>;
  }
  return model.options.mode === 'clone' ? (
    <CloneForm model={model} trans={trans} />
  ) : (
    <PublishForm model={model} trans={trans} />
  );
}

function CloneForm({ model, trans }: PickerProps): JSX.Element {
  const size = sizeInWords(model.bytes);
  return (
    <div className="bb-Picker-choice">
      <label className="bb-Picker-field">
        <span>{trans.__('New folder')}</span>
        <input className="jp-mod-styled" value={model.folder} onChange={event => model.setFolder(event.target.value)} />
      </label>
      <label className="bb-Picker-check">
        <input type="checkbox" checked={model.lazy} onChange={event => model.setLazy(event.target.checked)} />
        <span>{trans.__('Bring data and models only when they are opened')}</span>
      </label>
      <p className="bb-Quiet" role="status">
        {model.lazy
          ? trans.__('Notebooks, code and history come now; up to %1 stay there until they are needed.', size)
          : trans.__('Everything on the branch comes now: up to %1.', size)}
      </p>
    </div>
  );
}

function PublishForm({ model, trans }: PickerProps): JSX.Element {
  const reason = checkProjectName(model.name);
  const namespace = model.chosen?.split('/').pop() ?? '';
  return (
    <div className="bb-Picker-choice">
      <label className="bb-Picker-field">
        <span>{trans.__('Name there')}</span>
        <input
          className="jp-mod-styled"
          aria-invalid={reason !== null}
          value={model.name}
          onChange={event => model.setName(event.target.value)}
        />
      </label>
      <p className="bb-Quiet" role="status">
        {reason === null
          ? trans.__('Members of %1 will see the current branch with its history, data and models.', namespace)
          : trans.__('That name will not do: %1.', reason)}
      </p>
    </div>
  );
}
