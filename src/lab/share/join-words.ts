import type { TranslationBundle } from '@jupyterlab/translation';
import type { Right } from '../../core/model/access';
import type { JoinResult } from '../../core/model/sharing';

/** Where a link leads, as much as it tells by itself. */
export function placeOfLink(link: string): string {
  try {
    const url = new URL(link);
    return url.host || url.pathname;
  } catch {
    return link.split('#')[0]!.replace(/\/join\/[^/]*$/, '');
  }
}

/** What a link gave: `You can view the project iris of ml-team at https://hub… It opens at main with analysis.ipynb.` */
export function givenInWords({ place, joined }: JoinResult, trans: TranslationBundle): string {
  const { right, namespace, workspace } = joined;
  const what = trans.__(
    'You can %1 %2 of %3 at %4.',
    rightInWords(right, trans),
    objectInWords(joined, trans),
    namespace,
    place
  );
  if (!workspace) {
    return what;
  }
  const documents = workspace.documents.join(', ');
  const opens = documents
    ? trans.__('It opens on the branch %1 with %2.', workspace.branch, documents)
    : trans.__('It opens on the branch %1.', workspace.branch);
  return [what, opens].join(' ');
}

function rightInWords(right: Right, trans: TranslationBundle): string {
  const words = {
    view: trans.__('view'),
    run: trans.__('view and run'),
    edit: trans.__('edit'),
    manage: trans.__('edit and manage')
  };
  return words[right];
}

function objectInWords({ object }: JoinResult['joined'], trans: TranslationBundle): string {
  switch (object.kind) {
    case 'namespace':
      return trans.__('everything');
    case 'project':
      return trans.__('the project %1', object.project);
    case 'branch':
      return trans.__('the branches %1 of the project %2', object.pattern, object.project);
    case 'asset':
      return trans.__('%1 in the project %2', object.path, object.project);
    case 'pipeline':
      return trans.__('the pipeline %1 of the project %2', object.pipeline, object.project);
    case 'compute':
      return trans.__('the compute endpoint %1', object.endpoint);
  }
}
