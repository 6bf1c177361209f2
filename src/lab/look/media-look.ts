import { type IRenderMimeRegistry, MimeModel } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject, ReadonlyPartialJSONValue } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';
import { BranchbookError } from '../../core/error';
import type { MediaContent } from '../../core/model/content';
import { splitPath } from '../panel/words';

export type Media = {
  readonly content: MediaContent;
  readonly path: string;
  /** The bytes of the whole file. */
  readonly bytes: () => Promise<ArrayBuffer>;
};

/** Text longer than this would keep the page from answering. */
const longestText = 4_000_000;

/** Text, Markdown, JSON and the like through JupyterLab's renderers. Nothing in it is trusted: no script runs. */
export async function textLook(
  { content, path, bytes }: Media,
  rendermime: IRenderMimeRegistry,
  trans: TranslationBundle
): Promise<Widget> {
  const whole = content.truncated || content.text === undefined;
  const text = whole ? new TextDecoder().decode((await bytes()).slice(0, longestText)) : (content.text ?? '');
  const model = modelOf(content, text, path);
  const mime = rendermime.preferredMimeType(model.data, 'ensure') ?? 'text/plain';
  const renderer = rendermime.createRenderer(mime);
  await renderer.renderModel(new MimeModel({ data: model.data, trusted: false }));
  renderer.addClass('bb-Rendered');
  renderer.node.tabIndex = 0;
  renderer.node.setAttribute('role', 'region');
  renderer.node.setAttribute('aria-label', trans.__('Content of %1', path));
  return renderer;
}

/** What the renderers choose from: the file's own type where they know it, and always its text. */
function modelOf(content: MediaContent, text: string, path: string): { readonly data: ReadonlyPartialJSONObject } {
  const plain = { 'text/plain': text };
  if (content.kind === 'json') {
    try {
      return { data: { 'application/json': JSON.parse(text) as ReadonlyPartialJSONValue, ...plain } };
    } catch {
      // Cut in the middle, or not JSON after all.
      return { data: plain };
    }
  }
  const isMarkdown = content.mime === 'text/markdown' || /\.(md|markdown)$/i.test(splitPath(path).name);
  return { data: isMarkdown ? { 'text/markdown': text, ...plain } : plain };
}

/** An image or a sound, as the browser shows and plays it. Scripts in an SVG do not run in an image. */
export async function mediaLook({ content, path, bytes }: Media, trans: TranslationBundle): Promise<Widget> {
  const url = URL.createObjectURL(new Blob([await bytes()], { type: content.mime }));
  const element = content.kind === 'audio' ? document.createElement('audio') : document.createElement('img');
  const name = splitPath(path).name;
  if (element instanceof HTMLAudioElement) {
    element.controls = true;
    element.setAttribute('aria-label', name);
  } else {
    element.alt = name;
  }
  const widget = new MediaWidget(element, url);
  try {
    await loaded(element, url);
  } catch {
    widget.dispose();
    const message = trans.__('The browser cannot show %1: the file is damaged or of another type.', path);
    throw new BranchbookError('FORMAT_INVALID', message, { path });
  }
  return widget;
}

function loaded(element: HTMLAudioElement | HTMLImageElement, url: string): Promise<void> {
  return new Promise((done, failed) => {
    const ready = element instanceof HTMLAudioElement ? 'loadedmetadata' : 'load';
    element.addEventListener(ready, () => done(), { once: true });
    element.addEventListener('error', () => failed(new Error('not decoded')), { once: true });
    element.src = url;
  });
}

class MediaWidget extends Widget {
  constructor(
    element: HTMLElement,
    private readonly _url: string
  ) {
    super();
    this.addClass('bb-Media');
    this.node.append(element);
  }

  override dispose(): void {
    URL.revokeObjectURL(this._url);
    super.dispose();
  }
}
