import { describe, expect, it } from 'vitest';
import { directionOf, metricChange, metricDirection, readDirections } from '../../../src/core/model/metric';

describe('the direction of a metric', () => {
  it.each(
    'accuracy val_accuracy test.auc f1_score f1-macro roc_auc Recall@10 r2 explained_variance map.0 neg_log_loss mIoU'.split(
      ' '
    )
  )('%s: higher is better', name => expect(metricDirection(name)).toBe('higher'));

  it.each(
    'loss val.logLoss rmse mean_squared_error mean_absolute_percentage_error log_loss training_time ms fpr perplexity'.split(
      ' '
    )
  )('%s: lower is better', name => expect(metricDirection(name)).toBe('lower'));

  it.each('epoch step time_to_accuracy foo value recall_support constructor learning_rate'.split(' '))(
    '%s says nothing',
    name => expect(metricDirection(name)).toBeNull()
  );

  it('is what the project says, by name or pattern, the last one first', () => {
    const said = readDirections({
      cost: 'higher',
      '*loss': 'higher-is-better',
      'val.loss': 'lower',
      accuracy: null,
      x: 5
    });
    const told = (name: string): unknown => directionOf(name, said);
    expect([told('cost'), told('train.loss'), told('val.loss'), told('accuracy'), told('x'), told('auc')]).toEqual([
      'higher',
      'higher',
      'lower',
      null,
      null,
      'higher'
    ]);
    expect([readDirections([1]).size, readDirections('x').size, readDirections(null).size]).toEqual([0, 0, 0]);
  });
});

describe('the change of a metric', () => {
  it('is better, worse or the same, with difference and percent', () => {
    expect(metricChange('higher', 0.5, 0.75)).toEqual({ verdict: 'better', delta: 0.25, percent: 50 });
    expect(metricChange('lower', -4, -3)).toEqual({ verdict: 'worse', delta: 1, percent: 25 });
    expect(metricChange('lower', 4, 3)).toMatchObject({ verdict: 'better', percent: -25 });
    expect(metricChange(null, 0, 1)).toEqual({ verdict: 'different', delta: 1, percent: null });
    expect(metricChange('higher', 1, 1)).toMatchObject({ verdict: 'same', delta: 0 });
    expect([metricChange('higher', null, 1), metricChange('higher', 1, 'NaN')]).toEqual([null, null]);
  });
});
