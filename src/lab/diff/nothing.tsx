/** Why there is nothing to show, in place of it. */
export function Nothing({ text }: { readonly text: string }): JSX.Element {
  return (
    <p className="bb-Quiet bb-Diff-notice" role="status">
      {text}
    </p>
  );
}
