import { Time } from '@jupyterlab/coreutils';
import { HTMLSelect } from '@jupyterlab/ui-components';
import type { TranslationBundle } from '@jupyterlab/translation';
import { revisionInWords, shortId } from '../panel/words';
import type { DiffModel } from './diff-model';

export type DiffProps = { readonly model: DiffModel; readonly trans: TranslationBundle };

/** Value of the option that stands for the work tree; no revision can be called so. */
const workTree = ':work-tree';

/** Which two versions are compared, as choices. */
export function Sides({ model, trans }: DiffProps): JSX.Element {
  const { target } = model;
  return (
    <div className="bb-Diff-sides">
      <Side model={model} trans={trans} label={trans.__('From')} value={target.from} side="from" />
      <button
        type="button"
        className="bb-Diff-swap"
        aria-label={trans.__('Swap the sides')}
        title={model.canSwap ? trans.__('Swap the sides') : trans.__('The files on disk are always the later side')}
        disabled={!model.canSwap}
        onClick={() => model.swap()}
      >
        ⇄
      </button>
      <Side model={model} trans={trans} label={trans.__('To')} value={target.to ?? workTree} side="to" />
    </div>
  );
}

type SideProps = DiffProps & { readonly label: string; readonly value: string; readonly side: 'from' | 'to' };

function Side({ model, trans, label, value, side }: SideProps): JSX.Element {
  const { project, versions } = model;
  const branches = project.branches.map(branch => branch.name);
  const ids = versions.map(version => version.id);
  const known = value === workTree || value === 'HEAD' || branches.includes(value) || ids.includes(value);
  return (
    <label className="bb-Diff-side">
      <span>{label}</span>
      <HTMLSelect
        value={value}
        onChange={({ target }) => model.set({ [side]: target.value === workTree ? null : target.value })}
      >
        {side === 'to' && <option value={workTree}>{trans.__('Files on disk')}</option>}
        {!known && <option value={value}>{revisionInWords(value)}</option>}
        <option value="HEAD">{trans.__('Last snapshot (HEAD)')}</option>
        <optgroup label={trans.__('Branches')}>
          {branches.map(name => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </optgroup>
        {versions.length > 0 && (
          <optgroup label={trans.__('Versions of this file')}>
            {versions.map(version => (
              <option key={version.id} value={version.id}>
                {trans.__(
                  '%1 · %2 · %3',
                  shortId(version.id),
                  version.subject,
                  Time.formatHuman(version.time, 'narrow')
                )}
              </option>
            ))}
          </optgroup>
        )}
      </HTMLSelect>
    </label>
  );
}
