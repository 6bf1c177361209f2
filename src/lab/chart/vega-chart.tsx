import { type IRenderMimeRegistry, MimeModel } from '@jupyterlab/rendermime';
import { Debouncer } from '@lumino/polling';
import { Widget } from '@lumino/widgets';
import { useLayoutEffect, useRef } from 'react';
import { followTheme } from '../table/theme';
import { chartConfig, type ChartColours, readColours } from './colours';

/** What JupyterLab's Vega renderer takes. */
const mime = 'application/vnd.vegalite.v5+json';

/** Milliseconds that a width must hold before a chart is drawn anew for it. */
const settleTime = 120;

export type VegaChartProps = {
  /** null, or without a renderer for charts: `fallback` says so in words. */
  readonly rendermime: IRenderMimeRegistry | null;
  /** What the chart shows, for screen readers. */
  readonly label: string;
  readonly fallback: string;
  /** The specification in a theme's colours; null when there is nothing to draw. Called again for another theme. */
  readonly spec: (colours: ChartColours) => object | null;
};

/** A chart drawn by JupyterLab's Vega renderer, when it is first seen: the renderer is large and loads with it. */
export function VegaChart(props: VegaChartProps): JSX.Element {
  const host = useRef<HTMLDivElement>(null);
  const latest = useRef(props);
  latest.current = props;
  // Cleaned up before React takes the host out of the page: Lumino detaches only what is in it.
  useLayoutEffect(() => {
    const node = host.current!;
    let drawing: Widget | null = null;
    let drawnWidth = 0;
    let isSeen = false;
    const draw = (): void => {
      const { rendermime, fallback } = latest.current;
      // While hidden it has no width to draw in.
      if (!isSeen || node.offsetWidth === 0) {
        return;
      }
      drawnWidth = node.offsetWidth;
      drawing?.dispose();
      drawing = drawChart(node, rendermime, latest.current.spec) ?? words(fallback);
      Widget.attach(drawing, node);
    };
    const seen = new IntersectionObserver(entries => {
      if (entries.some(entry => entry.isIntersecting)) {
        seen.disconnect();
        isSeen = true;
        draw();
      }
    });
    seen.observe(node);
    const resized = new Debouncer(() => node.offsetWidth !== drawnWidth && draw(), settleTime);
    const size = new ResizeObserver(() => void resized.invoke().catch(() => undefined));
    size.observe(node);
    const theming = followTheme(() => {
      drawnWidth = 0;
      draw();
    });
    return () => {
      seen.disconnect();
      size.disconnect();
      resized.dispose();
      theming.dispose();
      drawing?.dispose();
    };
  }, []);
  return <div ref={host} className="bb-Chart" role="img" aria-label={props.label} />;
}

/** The renderer's widget; null when there is none for charts, or nothing to draw. */
function drawChart(
  node: HTMLElement,
  rendermime: IRenderMimeRegistry | null,
  specOf: VegaChartProps['spec']
): Widget | null {
  const colours = readColours(node);
  const spec = specOf(colours);
  if (!rendermime || !spec || !rendermime.mimeTypes.includes(mime)) {
    return null;
  }
  const data = { [mime]: { ...spec, config: chartConfig(colours) } } as unknown as MimeModel.IOptions['data'];
  const metadata = { [mime]: { embed_options: { actions: false, renderer: 'svg' } } } as MimeModel.IOptions['metadata'];
  const renderer = rendermime.createRenderer(mime);
  void renderer.renderModel(new MimeModel({ data: data!, metadata: metadata!, trusted: true }));
  return renderer;
}

function words(text: string): Widget {
  const widget = new Widget();
  widget.addClass('bb-Quiet');
  widget.node.textContent = text;
  return widget;
}
