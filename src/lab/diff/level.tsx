import type { DriftLevel } from '../../core/model/diff';

/** A word with a shape before it: the colour alone would not tell everyone. */
export function Level({ level, text }: { readonly level: DriftLevel; readonly text: string }): JSX.Element {
  const shapes: Readonly<Record<DriftLevel, string>> = { none: '●', warn: '▲', fail: '■' };
  return (
    <span className={`bb-Level bb-mod-${level}`}>
      <span aria-hidden="true">{shapes[level]}</span> {text}
    </span>
  );
}
