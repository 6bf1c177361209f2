import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMessage, factsOf, provenanceOf, subjectOf, textOf } from '../../../src/core/model/trailer';

const provenance = {
  notebook: 'notebooks/train model.ipynb',
  cell: 'a1b2',
  kernel: 'python3 (CPython 3.11.7)',
  libraries: { pandas: '2.2.0', 'scikit-learn': '1.5.0+cu12' }
};
const facts = [
  { path: 'data/sales.parquet', rows: 3, columns: 2, type: 'pandas' },
  { path: 'data/né w.npy', shape: [2, 3], type: 'numpy' }
];

describe('commit trailers', () => {
  it('give back what was put in', () => {
    const message = encodeMessage('clean\n\nwith a body', provenance, facts);
    expect(provenanceOf(message)).toEqual(provenance);
    expect(factsOf(message)).toEqual(facts);
    expect(textOf(message)).toBe('clean\n\nwith a body');
    expect(subjectOf(message)).toBe('clean');
  });

  it('never mistake the user’s text for ours, and never change it', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '',
        'Branchbook-Cell: fake',
        'Branchbook-Version: 1',
        'Branchbook-Asset: {"path":"x"}',
        'Signed-off-by: A <a@b>'
      )
    );
    const text = fc.array(line, { minLength: 1 }).map(lines => lines.join('\n').replace(/\s+$/, ''));
    fc.assert(
      fc.property(text, fc.boolean(), (body, withTrailers) => {
        const message = encodeMessage(body, withTrailers ? provenance : {}, withTrailers ? facts : []);
        expect(textOf(message)).toBe(body);
        expect(provenanceOf(message)).toEqual(withTrailers ? provenance : {});
        expect(factsOf(message)).toEqual(withTrailers ? facts : []);
      })
    );
  });

  it('survive trailers that git adds', () => {
    const message = `${encodeMessage('x', provenance, facts).trimEnd()}\nSigned-off-by: Ada <ada@example.org>\n`;
    expect(provenanceOf(message)).toEqual(provenance);
  });

  it('keep to one line what is one value', () => {
    const message = encodeMessage('x', { notebook: 'a\nBranchbook-Cell: fake' }, []);
    expect(provenanceOf(message)).toEqual({ notebook: 'a Branchbook-Cell: fake' });
  });

  it('leave out facts that are not valid', () => {
    expect(factsOf('x\n\nBranchbook-Asset: {"path":\nBranchbook-Asset: 3\nBranchbook-Version: 1\n')).toEqual([]);
  });
});
