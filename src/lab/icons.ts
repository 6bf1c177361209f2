import { LabIcon, fileIcon, imageIcon, notebookIcon, textEditorIcon } from '@jupyterlab/ui-components';
import compareSvg from '../../style/icons/compare.svg';
import datasetSvg from '../../style/icons/dataset.svg';
import metricsSvg from '../../style/icons/metrics.svg';
import modelSvg from '../../style/icons/model.svg';
import peopleSvg from '../../style/icons/people.svg';
import snapshotSvg from '../../style/icons/snapshot.svg';
import versionsSvg from '../../style/icons/versions.svg';
import type { AssetKind } from '../core/model/asset';

export const versionsIcon = new LabIcon({ name: 'branchbook:versions', svgstr: versionsSvg });
export const snapshotIcon = new LabIcon({ name: 'branchbook:snapshot', svgstr: snapshotSvg });
export const peopleIcon = new LabIcon({ name: 'branchbook:people', svgstr: peopleSvg });
export const compareIcon = new LabIcon({ name: 'branchbook:compare', svgstr: compareSvg });

export type FileKind = AssetKind | 'notebook' | 'code';

/** The icon that stands for each kind of file, everywhere. */
export const kindIcons: Readonly<Record<FileKind, LabIcon>> = {
  dataset: new LabIcon({ name: 'branchbook:dataset', svgstr: datasetSvg }),
  model: new LabIcon({ name: 'branchbook:model', svgstr: modelSvg }),
  metrics: new LabIcon({ name: 'branchbook:metrics', svgstr: metricsSvg }),
  image: imageIcon,
  file: fileIcon,
  notebook: notebookIcon,
  code: textEditorIcon
};
