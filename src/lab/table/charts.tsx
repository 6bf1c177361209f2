import type { HistogramBin } from '../../core/model/table';
import { linePoints } from './distribution';

export type HistogramProps = {
  readonly bins: readonly HistogramBin[];
  /** What screen readers say for the whole picture. */
  readonly label: string;
  /** What a bin says when pointed at. */
  readonly titleOf: (bin: HistogramBin) => string;
  readonly width?: number;
  readonly height?: number;
};

/** Bars of equal width; as wide as its container, `width` × `height` is the drawing's own measure. */
export function Histogram({ bins, label, titleOf, width = 240, height = 80 }: HistogramProps): JSX.Element {
  const most = Math.max(...bins.map(bin => bin.count), 1);
  const step = width / Math.max(bins.length, 1);
  return (
    <svg
      className="bb-Histogram"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      {bins.map((bin, index) => {
        const bar = bin.count === 0 ? 0 : Math.max((bin.count / most) * height, 1);
        return (
          <g key={index}>
            <title>{titleOf(bin)}</title>
            {/* The whole column of a bin reacts to the pointer, however low its bar. */}
            <rect className="bb-Histogram-area" x={index * step} y={0} width={step} height={height} />
            <rect className="bb-Histogram-bar" x={index * step + 0.5} y={height - bar} width={step - 1} height={bar} />
          </g>
        );
      })}
    </svg>
  );
}

export type BarProps = { readonly share: number; readonly className?: string };

/** A share of 1 as a bar. Decoration: the number stands beside it. */
export function ShareBar({ share, className }: BarProps): JSX.Element {
  const percent = `${Math.min(Math.max(share, 0), 1) * 100}%`;
  return (
    <span className={`bb-ShareBar ${className ?? ''}`} aria-hidden="true">
      <span className="bb-ShareBar-part" style={{ width: percent }} />
    </span>
  );
}

export type SparklineProps = {
  /** Oldest first; null where the value is not known. */
  readonly values: readonly (number | null)[];
  readonly label: string;
  readonly width?: number;
  readonly height?: number;
};

/** A small line without axes: how a number went over the versions. Nothing for fewer than two values. */
export function Sparkline({ values, label, width = 64, height = 16 }: SparklineProps): JSX.Element | null {
  if (values.filter(value => value !== null).length < 2) {
    return null;
  }
  const points = linePoints(values, width, height);
  const [x, y] = points.slice(points.lastIndexOf(' ') + 1).split(',');
  return (
    <svg className="bb-Sparkline" width={width} height={height} role="img" aria-label={label}>
      <title>{label}</title>
      <polyline points={points} />
      <circle cx={x} cy={y} r={1.8} />
    </svg>
  );
}
