export type TableSource = {
  /** Absolute path of a file with the content; the session was opened with it. */
  readonly file: string;
  /** Project path: its ending says the format. */
  readonly path: string;
  /** Name in SQL that the table gets. Replaces one of the same name. */
  readonly name: string;
  /** How to read a text file, where it was told: `delimiter`, `quote`, `escape`, `header`, `encoding`, `skip`. */
  readonly dialect?: Readonly<Record<string, string>>;
  /**
   * Files of one format that are one table, with their paths below its folder and a column for each `key=value` in them;
   * the session was opened with them.
   */
  readonly parts?: readonly { readonly file: string; readonly path: string }[];
};
