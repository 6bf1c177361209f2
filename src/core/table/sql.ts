/** Names and texts inside SQL. Values that come from people go through parameters instead. */

export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

export function listOf(texts: readonly string[]): string {
  return `[${texts.map(quoteText).join(', ')}]`;
}
