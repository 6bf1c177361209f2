/** What a chart is drawn with: the theme's colours as a canvas or SVG outside the page's CSS needs them. */
export type ChartColours = {
  readonly text: string;
  readonly dim: string;
  readonly line: string;
  /** The earlier side, and the later one. */
  readonly from: string;
  readonly to: string;
  /** One for each of several branches. */
  readonly series: readonly string[];
  readonly font: string;
};

/** Told apart by people who see no red or no green, on light and on dark ground. */
const series = ['#3b7dd8', '#e08a1e', '#2f9e6e', '#b65fc4', '#d1495b', '#7f8c3a', '#4fa3b5', '#8d6e63'];

/** Read the theme as it applies to `host`, which must be in the page. */
export function readColours(host: HTMLElement): ChartColours {
  const probe = document.createElement('span');
  probe.hidden = true;
  host.append(probe);
  const style = getComputedStyle(probe);
  const colour = (value: string): string => {
    probe.style.color = value;
    return style.color;
  };
  const colours = {
    text: colour('var(--jp-ui-font-color1)'),
    dim: colour('var(--jp-ui-font-color2)'),
    line: colour('var(--jp-border-color2)'),
    from: series[1]!,
    to: series[0]!,
    series,
    font: style.fontFamily
  };
  probe.remove();
  return colours;
}

/** Vega's configuration for a theme. */
export function chartConfig(colours: ChartColours): object {
  const words = { labelColor: colours.dim, titleColor: colours.text, labelFont: colours.font, titleFont: colours.font };
  return {
    background: 'transparent',
    font: colours.font,
    view: { stroke: null },
    axis: { ...words, gridColor: colours.line, domainColor: colours.line, tickColor: colours.line, labelFontSize: 11 },
    legend: { ...words, labelColor: colours.text, labelFontSize: 12 },
    range: { category: colours.series }
  };
}
