import { describe, expect, it } from 'vitest';
import { mergeText } from '../../../src/node/text/merge-text';

describe('merging text', () => {
  it('takes changes of both sides', () => {
    expect(mergeText('a\nb\nc\nd\ne\n', 'A\nb\nc\nd\ne\n', 'a\nb\nc\nd\nE\n')).toBe('A\nb\nc\nd\nE\n');
  });

  it('gives null when both changed a line differently, and the line when they agree', () => {
    expect(mergeText('a\n', 'b\n', 'c\n')).toBeNull();
    expect(mergeText('a\n', 'b\n', 'b\n')).toBe('b\n');
  });

  it('keeps CRLF', () => {
    expect(mergeText('a\r\nb\r\nc\r\n', 'A\r\nb\r\nc\r\n', 'a\r\nb\r\nC\r\n')).toBe('A\r\nb\r\nC\r\n');
  });

  it('keeps a missing newline at the end, and never joins two lines', () => {
    expect(mergeText('a\nb\nc', 'A\nb\nc', 'a\nb\nc')).toBe('A\nb\nc');
    expect(mergeText('a\nb\nc', 'A\nb\nc', 'a\nb\nc\nd')).toBe('A\nb\nc\nd');
    expect(mergeText('a', 'a\nb', 'z\na')).toBeNull();
  });

  it('treats lines named like object properties as lines', () => {
    const base = 'constructor\n__proto__\ntoString\nx\n';
    expect(mergeText(base, `new\n${base}`, `${base}end\n`)).toBe(`new\n${base}end\n`);
  });

  it('merges with an empty side', () => {
    expect(mergeText('', 'a\n', '')).toBe('a\n');
    expect(mergeText('a\n', '', 'a\n')).toBe('');
  });
});
