import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReactNode } from 'react';
import type { Right } from '../../core/model/access';
import { covers } from '../../core/model/access';
import type { Build, Changes, View } from './changes';
import type { NamespaceModel } from './namespace-model';
import { cellInWords } from './words';

/** What the page needs from JupyterLab. */
export type NamespaceServices = {
  readonly changes: Changes;
  readonly run: (command: string, args: { readonly [name: string]: string }) => Promise<void>;
  /** Ask before something that hurts; true = go on. */
  readonly confirm: (title: string, text: string, ok: string) => Promise<boolean>;
};

/** What every section of the page is drawn from. */
export type SectionProps = {
  readonly model: NamespaceModel;
  readonly view: View;
  readonly services: NamespaceServices;
  readonly trans: TranslationBundle;
};

export const mayManage = ({ view }: Pick<SectionProps, 'view'>): boolean => covers(view.right, 'manage');

/** Why the user may not change something here; undefined when they may. */
export function whyDisabled({ view, trans }: Pick<SectionProps, 'view' | 'trans'>): string | undefined {
  return mayManage({ view }) ? undefined : trans.__('Only owners can change this. %1', standing(view.right, trans));
}

/** What the user has in the namespace, as a sentence. */
export function standing(right: Right | null, trans: TranslationBundle): string {
  return right === null
    ? trans.__('You were given only some things in this namespace.')
    : trans.__('You may: %1', cellInWords(right, trans));
}

export function perform({ model }: Pick<SectionProps, 'model'>, build: Build): void {
  void model.change(build);
}

export function Section(props: {
  readonly title: string;
  readonly note?: string;
  readonly children: ReactNode;
}): JSX.Element {
  return (
    <section className="bb-Namespace-section" aria-label={props.title}>
      <h2>
        {props.title}
        {props.note !== undefined && <span className="bb-Tab-note">{props.note}</span>}
      </h2>
      {props.children}
    </section>
  );
}

/** Why there is nothing, and how it would fill. */
export function Nothing({ text }: { readonly text: string }): JSX.Element {
  return <p className="bb-Namespace-nothing">{text}</p>;
}

/** A line that says what only others may do. */
export function Reason(props: Pick<SectionProps, 'view' | 'trans'>): JSX.Element | null {
  const reason = whyDisabled(props);
  return reason === undefined ? null : <p className="bb-Namespace-reason">{reason}</p>;
}
