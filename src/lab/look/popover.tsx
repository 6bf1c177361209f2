import { type ReactNode, useEffect, useRef, useState } from 'react';

export type PopoverProps = {
  readonly label: string;
  /** What the button says beside the label: a number, for example. */
  readonly note?: string;
  readonly children: (close: () => void) => ReactNode;
};

/** A button that shows something below it; Escape and a click elsewhere hide that again. */
export function Popover({ label, note, children }: PopoverProps): JSX.Element {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  useEffect(() => {
    if (!open) {
      return undefined;
    }
    root.current?.querySelector<HTMLElement>('.bb-Popover-content :is(input, select, button)')?.focus();
    const onPointer = (event: PointerEvent): void => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) {
        setOpen(false);
      }
    };
    document.addEventListener('pointerdown', onPointer, true);
    return () => document.removeEventListener('pointerdown', onPointer, true);
  }, [open]);
  return (
    <div
      className="bb-Popover"
      ref={root}
      onKeyDown={event => {
        if (open && event.key === 'Escape') {
          event.stopPropagation();
          close();
        }
      }}
    >
      <button
        type="button"
        ref={button}
        className="bb-ToggleButton"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {label}
        {note && <span className="bb-Quiet">{note}</span>}
      </button>
      {open && <div className="bb-Popover-content">{children(close)}</div>}
    </div>
  );
}
