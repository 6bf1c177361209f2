import type { LabIcon } from '@jupyterlab/ui-components';
import type { MouseEvent } from 'react';

export type IconButtonProps = {
  readonly icon: LabIcon;
  /** Tooltip and name for screen readers. */
  readonly label: string;
  readonly onClick: () => void;
  readonly disabled?: boolean;
  readonly tabIndex?: number;
};

/** A small button that is only an icon; clicks do not reach the row around it. */
export function IconButton(props: IconButtonProps): JSX.Element {
  const onClick = (event: MouseEvent): void => {
    event.stopPropagation();
    props.onClick();
  };
  return (
    <button
      type="button"
      className="bb-IconButton"
      title={props.label}
      aria-label={props.label}
      disabled={props.disabled}
      tabIndex={props.tabIndex}
      onClick={onClick}
    >
      <props.icon.react tag="span" className="bb-IconButton-icon" />
    </button>
  );
}
