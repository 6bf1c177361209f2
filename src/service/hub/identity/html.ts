/** Pages without scripts: everything that is put in is text. */
import { randomBytes } from 'node:crypto';

/** What is already HTML. Only `html` makes it. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | null | false | readonly Html[];

const ESCAPES: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;'
};

const escape = (text: string): string => text.replace(/[&<>"']/g, character => ESCAPES[character]!);

/** A template whose parts are escaped, unless they are HTML themselves. `null` and `false` are nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return new Html(strings.map((text, index) => (index === 0 ? text : `${render(parts[index - 1]!)}${text}`)).join(''));
}

function render(part: Part): string {
  if (part === null || part === false) {
    return '';
  }
  if (part instanceof Html) {
    return part.text;
  }
  return typeof part === 'object' ? part.map(one => one.text).join('\n') : escape(String(part));
}

const STYLE = `
:root { color-scheme: light dark; --ink: #1c1e21; --dim: #5b6168; --paper: #fff; --line: #c9ced4; --edge: #868e96; --accent: #0b62c4;
  --on-accent: #fff; --soft: #f3f5f7; --bad: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --dim: #a2a9b1; --paper: #16181b; --line: #444b53;
  --edge: #77808a; --accent: #6cb2ff; --on-accent: #0b1520; --soft: #1f2327; --bad: #ff8a80; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 36rem; margin: 3rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
label { display: block; margin: 1rem 0 .25rem; font-weight: 600; }
input, select { width: 100%; font: inherit; color: inherit; background: var(--paper); padding: .5rem .6rem;
  border: 1px solid var(--edge); border-radius: 4px; }
button, a.button { font: inherit; font-weight: 600; margin: 1rem .5rem 0 0; padding: .5rem 1rem; border-radius: 4px;
  border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent); cursor: pointer;
  display: inline-block; text-decoration: none; }
button.plain { background: transparent; color: var(--accent); }
td button.plain { margin: 0; padding: .1rem .6rem; font-weight: 400; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
code, pre { font: .95rem/1.5 ui-monospace, monospace; background: var(--soft); border-radius: 4px; }
code { padding: .1rem .3rem; overflow-wrap: anywhere; }
pre { padding: .75rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.code { font: 2rem/1.5 ui-monospace, monospace; letter-spacing: .1em; }
.brand { color: var(--dim); font-weight: 600; margin: 0 0 .5rem; }
.who { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1rem; }
.who > *, .who button { margin: 0; }
.dim { color: var(--dim); }
.bad { color: var(--bad); font-weight: 600; }
summary { cursor: pointer; color: var(--dim); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .4rem 1.25rem; margin: 0 0 1rem; }
dt { color: var(--dim); }
dd { margin: 0; overflow-wrap: anywhere; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; padding: .4rem 1rem .4rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
td:first-child { width: 100%; white-space: normal; overflow-wrap: anywhere; }
td:last-child { text-align: right; padding-right: 0; }
`;

export type Page = { readonly body: string; readonly headers: Readonly<Record<string, string>> };

/** A whole page. `formsTo`: origins besides our own that its forms may lead to. */
export function page(title: string, content: Html, formsTo: readonly string[] = []): Page {
  const nonce = randomBytes(16).toString('base64');
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} – Branchbook</title>
        <style nonce="${nonce}">
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <main>
          <p class="brand">Branchbook hub</p>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html> `;
  return {
    body: document.text,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': [
        "default-src 'none'",
        `style-src 'nonce-${nonce}'`,
        `form-action ${["'self'", ...formsTo].join(' ')}`,
        "base-uri 'none'",
        "frame-ancestors 'none'"
      ].join('; '),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      // The addresses of some pages are secrets.
      'referrer-policy': 'same-origin',
      'cache-control': 'no-store'
    }
  };
}
