/** Pictures, sound, text, notebooks, and everything else: what a file is by its name and first bytes. */
import type { BinaryContent, Content, MediaContent } from '../model/content';
import type { IByteSource } from './byte-source';
import { decodeText } from './cursor';
import { imageSize } from './image-size';
import { describeHead } from './magic';

/** Text that is shown. */
const TEXT_HEAD_BYTES = 256 * 1024;
const HEX_HEAD_BYTES = 256;
const IMAGE_HEAD_BYTES = 1024 * 1024;

const images: { readonly [extension: string]: string } = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
  bmp: 'image/bmp'
};
const sounds: { readonly [extension: string]: string } = {
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  flac: 'audio/flac',
  m4a: 'audio/mp4',
  aac: 'audio/aac'
};
/** Never fails for what a file says: what is nothing known is `binary`. */
export async function readMedia(path: string, source: IByteSource): Promise<Content> {
  const extension = extensionOf(path);
  const mime = Object.hasOwn(images, extension) ? images[extension] : undefined;
  if (mime) {
    return readImage(mime, source);
  }
  const sound = Object.hasOwn(sounds, extension) ? sounds[extension] : undefined;
  if (sound) {
    return { kind: 'audio', mime: sound };
  }
  const head = await source.read(0, TEXT_HEAD_BYTES);
  const text = textOf(head, source.size > head.length);
  return text === null ? binary(head) : textContent(extension, text, source.size > head.length);
}

export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  return name.split('.').slice(1).pop() ?? '';
}

async function readImage(mime: string, source: IByteSource): Promise<Content> {
  const head = await source.read(0, IMAGE_HEAD_BYTES);
  const size = imageSize(mime, head);
  if (!size && mime !== 'image/svg+xml' && mime !== 'image/bmp') {
    return unreadable(`It is not the ${mime.slice(6).toUpperCase()} image that its name says.`, head);
  }
  const text =
    mime === 'image/svg+xml' ? textOf(head.subarray(0, TEXT_HEAD_BYTES), source.size > TEXT_HEAD_BYTES) : null;
  return {
    kind: 'image',
    mime,
    ...(size && { width: size.width, height: size.height }),
    // For people who want to read it: showing it is up to a renderer that runs no scripts.
    ...(text !== null && { text, truncated: source.size > TEXT_HEAD_BYTES })
  };
}

function textContent(extension: string, text: string, truncated: boolean): MediaContent {
  if (extension === 'ipynb') {
    return { kind: 'notebook', mime: 'application/x-ipynb+json', text, truncated };
  }
  if (extension === 'json' || extension === 'geojson') {
    return { kind: 'json', mime: 'application/json', text, truncated };
  }
  const mimes: { readonly [extension: string]: string } = {
    md: 'text/markdown',
    py: 'text/x-python',
    html: 'text/html',
    csv: 'text/csv',
    yaml: 'application/yaml',
    yml: 'application/yaml'
  };
  return { kind: 'text', mime: Object.hasOwn(mimes, extension) ? mimes[extension]! : 'text/plain', text, truncated };
}

const strict = new TextDecoder('utf-8', { fatal: true });

/** UTF-8 without NUL; null for all else. A head that was cut may end inside a character. */
function textOf(head: Uint8Array, isCut: boolean): string | null {
  if (head.includes(0)) {
    return null;
  }
  for (let dropped = 0; dropped <= (isCut ? 3 : 0); dropped++) {
    try {
      return strict.decode(head.subarray(0, head.length - dropped));
    } catch {
      continue;
    }
  }
  return null;
}

function hexOf(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, HEX_HEAD_BYTES), byte => byte.toString(16).padStart(2, '0')).join('');
}

export function binary(head: Uint8Array): BinaryContent {
  return { kind: 'binary', type: head.length === 0 ? 'empty' : describeHead(head), head: hexOf(head) };
}

export function unreadable(reason: string, head: Uint8Array): Content {
  return { kind: 'unreadable', reason, head: hexOf(head) };
}

/** Text of a file that is shown in full or not at all; null when it is longer than `limit` bytes or no UTF-8. */
export async function wholeText(source: IByteSource, limit: number): Promise<string | null> {
  if (source.size > limit) {
    return null;
  }
  const bytes = await source.read(0, source.size);
  return textOf(bytes, false) === null ? null : decodeText(bytes);
}
