import { MessageLoop } from '@lumino/messaging';
import { Widget } from '@lumino/widgets';
import { useLayoutEffect, useRef } from 'react';

export type LuminoHostProps = {
  /** Made once, when the host is in the page; disposed with it. */
  readonly create: () => Widget;
  readonly className?: string;
};

/** A Lumino widget inside React: attached, told of its size, disposed. Another one comes with another React `key`. */
export function LuminoHost({ create, className }: LuminoHostProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const make = useRef(create);
  // Cleaned up before React takes the host out of the page: Lumino detaches only what is in it.
  useLayoutEffect(() => {
    const node = host.current!;
    const widget = make.current();
    Widget.attach(widget, node);
    const observer = new ResizeObserver(() => MessageLoop.sendMessage(widget, Widget.ResizeMessage.UnknownSize));
    observer.observe(node);
    return () => {
      observer.disconnect();
      widget.dispose();
    };
  }, []);
  return <div ref={host} className={className ?? 'bb-Host'} />;
}
