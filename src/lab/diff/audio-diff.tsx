import type { MediaDiff } from '../../core/model/diff';
import type { ContentProps } from './props';
import { Nothing } from './nothing';
import { useSideUrls } from './side-bytes';
import { sideNames } from './side-names';

/** Both sides to listen to. */
export function AudioDiff(props: ContentProps<MediaDiff>): JSX.Element {
  const { model, content, trans } = props;
  const state = useSideUrls(props, content.mime);
  const sides = sideNames(model, trans);
  if (state.kind !== 'loaded') {
    return <Nothing text={state.kind === 'problem' ? state.message : trans.__('Loading…')} />;
  }
  return (
    <div className="bb-Diff-scroll bb-Pair">
      {state.urls.map((url, index) => (
        <figure key={index}>
          <figcaption>{sides[index]}</figcaption>
          <audio controls src={url} aria-label={sides[index]} />
        </figure>
      ))}
    </div>
  );
}
