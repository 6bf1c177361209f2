import { LabIcon } from '@jupyterlab/ui-components';
import svgstr from '../../../style/icons/branch.svg';

export const branchIcon = new LabIcon({ name: 'branchbook:branch', svgstr });
