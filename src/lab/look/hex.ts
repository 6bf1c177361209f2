/** One line of a hex table: where it starts, its bytes, and those that are characters. */
export type HexLine = { readonly offset: string; readonly bytes: string; readonly text: string };

const perLine = 16;

/** Hexadecimal digits as lines of 16 bytes. An odd digit at the end is left out. */
export function hexLines(digits: string): readonly HexLine[] {
  const bytes = digits.match(/[0-9a-f]{2}/gi) ?? [];
  const lines: HexLine[] = [];
  for (let start = 0; start < bytes.length; start += perLine) {
    const part = bytes.slice(start, start + perLine);
    lines.push({
      offset: start.toString(16).padStart(4, '0'),
      bytes: `${part.slice(0, 8).join(' ')}  ${part.slice(8).join(' ')}`.trimEnd(),
      text: part.map(printable).join('')
    });
  }
  return lines;
}

function printable(byte: string): string {
  const code = parseInt(byte, 16);
  return code >= 32 && code < 127 ? String.fromCharCode(code) : '·';
}
