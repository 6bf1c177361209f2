import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { type ReactNode, Fragment } from 'react';
import type { CompareResult } from '../../core/model/result';
import { IconButton } from '../panel/icon-button';
import { revisionInWords } from '../panel/words';
import { compareIcon } from '../icons';
import type { CompareModel } from './compare-model';
import type { Directions } from './directions';

/** What the page needs from JupyterLab. */
export type CompareServices = {
  /** null: charts are told in words. */
  readonly rendermime: IRenderMimeRegistry | null;
  readonly directions: Directions;
  /** Run a command in the project that is compared. */
  readonly run: (command: string, args: { readonly [name: string]: string }) => void;
};

/** What every section of the page is drawn from. */
export type SectionProps = {
  readonly model: CompareModel;
  readonly result: CompareResult;
  readonly services: CompareServices;
  readonly trans: TranslationBundle;
};

export type SectionFrameProps = {
  readonly title: string;
  /** Beside the title: how many. */
  readonly note?: string;
  readonly children: ReactNode;
};

export function Section({ title, note, children }: SectionFrameProps): JSX.Element {
  return (
    <section className="bb-Compare-section" aria-label={title}>
      <h2>
        {title}
        {note !== undefined && <span className="bb-Compare-count">{note}</span>}
      </h2>
      {children}
    </section>
  );
}

/** Why a section is empty, and how it would fill. */
export function Empty({ text, code }: { readonly text: string; readonly code?: string }): JSX.Element {
  return (
    <p className="bb-Compare-empty">
      {text} {code !== undefined && <code>{code}</code>}
    </p>
  );
}

/** Head of a table with two columns for each revision but the baseline: the value, and the difference. */
export function RevisionHead(props: {
  readonly result: CompareResult;
  readonly first: string;
  readonly children?: ReactNode;
}): JSX.Element {
  return (
    <thead>
      <tr>
        <th scope="col">{props.first}</th>
        {props.children}
        {props.result.revisions.map((revision, index) => (
          <Fragment key={index}>
            <th scope="col" className="bb-Table-number" title={revision.commit}>
              {revisionInWords(revision.name)}
            </th>
            {index > 0 && <td />}
          </Fragment>
        ))}
      </tr>
    </thead>
  );
}

export function GroupRow(props: { readonly label: string; readonly columns: number }): JSX.Element {
  return (
    <tr className="bb-Table-group">
      <th scope="colgroup" colSpan={props.columns}>
        {props.label}
      </th>
    </tr>
  );
}

/** Opens the diff of a file between the baseline and one of the others. */
export function DiffButton({
  result,
  services,
  trans,
  path,
  index
}: SectionProps & { readonly path: string; readonly index: number }): JSX.Element {
  const from = result.revisions[0]!.name;
  const to = result.revisions[index]!.name;
  return (
    <IconButton
      icon={compareIcon}
      label={trans.__('Diff %1 between %2 and %3', path, revisionInWords(from), revisionInWords(to))}
      onClick={() => services.run('branchbook:diff', { file: path, from, to })}
    />
  );
}
