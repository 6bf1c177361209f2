import type { DataGrid } from '@lumino/datagrid';
import type { IDisposable } from '@lumino/disposable';

/** The theme's colours as a canvas needs them: resolved, not as CSS variables. */
export type GridTheme = {
  readonly background: string;
  readonly stripe: string;
  readonly header: string;
  readonly line: string;
  readonly text: string;
  readonly dim: string;
  readonly accent: string;
  /** The accent as a wash behind text, and as bars. */
  readonly wash: string;
  readonly bar: string;
  /** What bars lie on. */
  readonly track: string;
  /** Nulls. */
  readonly missing: string;
  readonly added: string;
  readonly removed: string;
  readonly changed: string;
  /** Font of values, of names, and of names' small print. */
  readonly valueFont: string;
  readonly nullFont: string;
  readonly nameFont: string;
  readonly smallFont: string;
};

const colours = {
  background: 'var(--jp-layout-color1)',
  stripe: 'color-mix(in srgb, var(--jp-layout-color2) 45%, var(--jp-layout-color1))',
  header: 'var(--jp-layout-color2)',
  line: 'var(--jp-border-color2)',
  text: 'var(--jp-ui-font-color1)',
  dim: 'color-mix(in srgb, var(--jp-ui-font-color1) 66%, var(--jp-layout-color1))',
  accent: 'var(--jp-brand-color1)',
  wash: 'color-mix(in srgb, var(--jp-brand-color1) 18%, transparent)',
  bar: 'color-mix(in srgb, var(--jp-brand-color1) 62%, var(--jp-layout-color2))',
  track: 'color-mix(in srgb, var(--jp-ui-font-color1) 16%, var(--jp-layout-color2))',
  missing: 'var(--jp-warn-color1)',
  added: 'color-mix(in srgb, var(--jp-success-color1) 20%, var(--jp-layout-color1))',
  removed: 'color-mix(in srgb, var(--jp-error-color1) 18%, var(--jp-layout-color1))',
  changed: 'color-mix(in srgb, var(--jp-warn-color1) 22%, var(--jp-layout-color1))'
} as const;

/** Read the theme as it applies to `host`, which must be in the page. */
export function readTheme(host: HTMLElement): GridTheme {
  const probe = document.createElement('span');
  probe.hidden = true;
  host.append(probe);
  const style = getComputedStyle(probe);
  const colour = (name: keyof typeof colours): string => {
    probe.style.color = colours[name];
    return style.color;
  };
  const resolved = Object.fromEntries(
    (Object.keys(colours) as (keyof typeof colours)[]).map(name => [name, colour(name)])
  ) as Record<keyof typeof colours, string>;
  const font = (weight: string, size: string, family: string): string => {
    probe.style.font = `${weight} ${size} ${family}`;
    return `${style.fontStyle} ${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
  };
  const code = 'var(--jp-code-font-family)';
  const ui = 'var(--jp-ui-font-family)';
  const size = 'var(--jp-ui-font-size1)';
  const theme = {
    ...resolved,
    valueFont: font('400', size, code),
    nullFont: font('italic 400', size, ui),
    nameFont: font('600', size, ui),
    smallFont: font('400', 'var(--jp-ui-font-size0)', ui)
  };
  probe.remove();
  return theme;
}

/** The grid's own colours: backgrounds, lines, selection. */
export function gridStyle(theme: GridTheme): DataGrid.Style {
  return {
    voidColor: theme.background,
    backgroundColor: theme.background,
    rowBackgroundColor: index => (index % 2 === 0 ? theme.background : theme.stripe),
    gridLineColor: theme.line,
    headerBackgroundColor: theme.header,
    headerGridLineColor: theme.line,
    selectionFillColor: theme.wash,
    selectionBorderColor: theme.accent,
    cursorFillColor: 'transparent',
    cursorBorderColor: theme.accent,
    headerSelectionFillColor: theme.wash,
    headerSelectionBorderColor: theme.accent,
    scrollShadow: { size: 6, color1: 'rgba(0,0,0,0.10)', color2: 'rgba(0,0,0,0.04)', color3: 'rgba(0,0,0,0)' }
  };
}

/** Call `onChange` whenever JupyterLab shows another theme. */
export function followTheme(onChange: () => void): IDisposable {
  const observer = new MutationObserver(onChange);
  observer.observe(document.body, { attributes: true, attributeFilter: ['data-jp-theme-name'] });
  let isDisposed = false;
  return {
    get isDisposed() {
      return isDisposed;
    },
    dispose: () => {
      isDisposed = true;
      observer.disconnect();
    }
  };
}
