import { AudioDiff } from './audio-diff';
import type { ContentProps } from './props';
import { ImageDiff } from './image-diff';
import { LineDiff } from './line-diff';
import { ModelDiffView } from './model-diff';
import { NotebookDiffView } from './notebook-diff';
import { TableDiffView } from './table-diff';
import { TreeDiffView } from './tree-diff';

/** The view that fits what kind of file it is. */
export function ContentView(props: ContentProps): JSX.Element {
  const { content } = props;
  switch (content.kind) {
    case 'table':
      return <TableDiffView {...props} content={content} />;
    case 'model':
      return <ModelDiffView {...props} content={content} />;
    case 'tree':
      return <TreeDiffView {...props} content={content} />;
    case 'notebook':
      return <NotebookDiffView {...props} content={content} />;
    case 'text':
      return (
        <div className="bb-Diff-scroll">
          <LineDiff lines={content.lines} trans={props.trans} />
          {content.truncated && <p className="bb-Quiet">{props.trans.__('The rest is too long to show.')}</p>}
        </div>
      );
    case 'image':
      return <ImageDiff {...props} content={{ kind: 'image', mime: content.mime }} />;
    case 'audio':
      return <AudioDiff {...props} content={{ kind: 'audio', mime: content.mime }} />;
    case 'opaque':
      return (
        <div className="bb-Diff-scroll">
          <p>{props.trans.__('The files differ. What is inside them cannot be compared.')}</p>
          <p className="bb-Quiet">{content.reason}</p>
        </div>
      );
  }
}
