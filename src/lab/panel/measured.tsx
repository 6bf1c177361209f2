import { type ReactNode, useLayoutEffect, useRef } from 'react';

export type MeasuredProps = {
  readonly children: ReactNode;
  /** Pixels that the content needs, at first and whenever they change. Not called while it is hidden. */
  readonly onHeight: (height: number) => void;
};

/** Tells how high its content is. */
export function Measured({ children, onHeight }: MeasuredProps): JSX.Element {
  const content = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const node = content.current!;
    const observer = new ResizeObserver(() => {
      if (node.offsetHeight > 0) {
        onHeight(node.offsetHeight);
      }
    });
    observer.observe(node);
    return () => observer.disconnect();
  }, [onHeight]);
  return (
    <div className="bb-Measured" ref={content}>
      {children}
    </div>
  );
}
