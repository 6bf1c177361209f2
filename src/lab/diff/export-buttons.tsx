import { InputDialog, Notification, showErrorMessage } from '@jupyterlab/apputils';
import { PathExt } from '@jupyterlab/coreutils';
import { BranchbookError } from '../../core/error';
import { messageOf } from './diff-model';
import type { TableProps } from './props';

/** Write all rows that differ to a file in the project. */
export function ExportButtons(props: TableProps): JSX.Element {
  const { trans } = props;
  return (
    <div className="bb-Export">
      <button type="button" className="bb-LinkButton" onClick={() => void exportRows(props, '.csv')}>
        {trans.__('Export CSV…')}
      </button>
      <button type="button" className="bb-LinkButton" onClick={() => void exportRows(props, '.parquet')}>
        {trans.__('Export Parquet…')}
      </button>
    </div>
  );
}

async function exportRows({ model, trans }: TableProps, ending: '.csv' | '.parquet'): Promise<void> {
  const name = PathExt.basename(model.target.path ?? '', PathExt.extname(model.target.path ?? ''));
  const { button, value } = await InputDialog.getText({
    title: trans.__('Export the rows that differ'),
    label: trans.__('Path in the project'),
    text: `${name}-diff${ending}`,
    okLabel: trans.__('Export')
  });
  if (!button.accept || !value) {
    return;
  }
  const path = value.endsWith(ending) ? value : value + ending;
  try {
    if (path.startsWith('/') || PathExt.normalize(path).startsWith('..')) {
      throw new BranchbookError('PATH_UNSAFE', `'${path}' lies outside the project.`, {}, 'Choose a path inside it.');
    }
    await model.export(`${model.project.located.root}/${path}`);
    Notification.success(trans.__('All rows that differ are in %1.', path), { autoClose: 6000 });
  } catch (error) {
    await showErrorMessage(trans.__('The rows were not exported'), messageOf(error));
  }
}
