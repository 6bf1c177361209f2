import { describe, expect, it } from 'vitest';
import { fillTemplate } from '../../src/lab/dialogs/snapshot-settings';
import { isChosen } from '../../src/lab/dialogs/take-snapshot';

describe('the message template', () => {
  const values = { branch: 'experiment-1', files: 3, date: new Date('2026-11-01T23:30:00Z') };

  it('is filled in', () => {
    expect(fillTemplate('{branch}: {files} files, {date}', values)).toBe('experiment-1: 3 files, 2026-11-01');
  });

  it('keeps what it does not know, and takes values literally', () => {
    expect(fillTemplate('{who} {constructor} {}', values)).toBe('{who} {constructor} {}');
    expect(fillTemplate('{branch}', { ...values, branch: '$& {files}' })).toBe('$& {files}');
  });
});

describe('the files chosen beforehand', () => {
  it('are the files themselves and those below a folder', () => {
    expect(isChosen('data/a.csv', ['data'])).toBe(true);
    expect(isChosen('data/a.csv', ['data/a.csv'])).toBe(true);
    expect(isChosen('data2/a.csv', ['data'])).toBe(false);
    expect(isChosen('a.csv', [''])).toBe(true);
  });

  it('are all without a choice, none with an empty one', () => {
    expect(isChosen('a.csv', undefined)).toBe(true);
    expect(isChosen('a.csv', [])).toBe(false);
  });
});
