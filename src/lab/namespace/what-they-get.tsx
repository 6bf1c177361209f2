import type { TranslationBundle } from '@jupyterlab/translation';
import { rightOf } from '../../core/model/access';
import { grantSentence } from '../../core/model/grant-words';
import type { SharedWorkspace } from '../../core/model/namespace';
import { type ShareChoice, type ShareScene, endOf, missing, objectOf, principalOf } from './share-choice';

type WhatTheyGetProps = {
  readonly choice: ShareChoice;
  readonly scene: ShareScene;
  readonly workspace: SharedWorkspace | null;
  readonly trans: TranslationBundle;
};

/** What the choice gives, as a sentence; nothing while it is not known whom or what. */
export function WhatTheyGet({ choice, scene, workspace, trans }: WhatTheyGetProps): JSX.Element | null {
  const now = Date.now();
  const object = objectOf(choice, scene);
  if (object === null || missing(choice, scene, now, trans) !== null) {
    return null;
  }
  const { namespace } = scene;
  const sentence = grantSentence({
    principal: principalOf(choice),
    right: rightOf(choice.role),
    object,
    until: endOf(choice, now),
    namespace
  });
  return (
    <div className="bb-Share-sentence" role="status">
      <p>{sentence}</p>
      {choice.who === 'link' && choice.withWorkspace && choice.what !== 'compute' && workspace !== null && (
        <p>{opensInWords(workspace, trans)}</p>
      )}
    </div>
  );
}

function opensInWords({ branch, documents }: SharedWorkspace, trans: TranslationBundle): string {
  return documents.length === 0
    ? trans.__('It opens branch %1.', branch)
    : trans._n(
        'It opens branch %2 with your document.',
        'It opens branch %2 with your %1 documents.',
        documents.length,
        branch
      );
}
