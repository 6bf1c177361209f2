/** Width and height of pictures, from their headers. */

export type ImageSize = { readonly width: number; readonly height: number };

/** Pixels; null when the bytes are not such a picture, or its header is not among them. */
export function imageSize(mime: string, bytes: Uint8Array): ImageSize | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const text = (from: number, to: number): string => String.fromCharCode(...bytes.subarray(from, to));
  try {
    switch (mime) {
      case 'image/png':
        return text(1, 4) === 'PNG' && text(12, 16) === 'IHDR' ? size(view.getUint32(16), view.getUint32(20)) : null;
      case 'image/gif':
        return text(0, 4) === 'GIF8' ? size(view.getUint16(6, true), view.getUint16(8, true)) : null;
      case 'image/jpeg':
        return jpegSize(view);
      case 'image/webp':
        return text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP' ? webpSize(view, text(12, 16)) : null;
      case 'image/bmp':
        return text(0, 2) === 'BM' ? size(view.getInt32(18, true), Math.abs(view.getInt32(22, true))) : null;
      case 'image/svg+xml':
        return svgSize(text(0, 4096));
      default:
        return null;
    }
  } catch (error) {
    if (error instanceof RangeError) {
      return null;
    }
    throw error;
  }
}

function size(width: number, height: number): ImageSize | null {
  return width > 0 && height > 0 ? { width, height } : null;
}

/** Segments up to the first start of frame (ITU T.81, B.2). A RangeError ends the search. */
function jpegSize(view: DataView): ImageSize | null {
  if (view.getUint16(0) !== 0xffd8) {
    return null;
  }
  for (let at = 2; ;) {
    if (view.getUint8(at) !== 0xff) {
      return null;
    }
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      return size(view.getUint16(at + 7), view.getUint16(at + 5));
    }
    const standsAlone = marker === 0xff || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
    at += marker === 0xff ? 1 : standsAlone ? 2 : 2 + view.getUint16(at + 2);
  }
}

function webpSize(view: DataView, form: string): ImageSize | null {
  switch (form) {
    case 'VP8 ':
      return size(view.getUint16(26, true) & 0x3fff, view.getUint16(28, true) & 0x3fff);
    case 'VP8L': {
      const bits = view.getUint32(21, true);
      return size((bits & 0x3fff) + 1, ((bits >>> 14) & 0x3fff) + 1);
    }
    case 'VP8X': {
      const three = (at: number): number => view.getUint16(at, true) + view.getUint8(at + 2) * 65_536;
      return size(three(24) + 1, three(27) + 1);
    }
    default:
      return null;
  }
}

/** The attributes of the first tag; units other than pixels are not translated. */
function svgSize(text: string): ImageSize | null {
  const tag = /<svg\b[^>]*/i.exec(text)?.[0] ?? '';
  const length = (name: string): number => Number(new RegExp(`\\s${name}="([0-9.]+)(?:px)?"`).exec(tag)?.[1] ?? NaN);
  const box = /\sviewBox="[-0-9.]+[ ,]+[-0-9.]+[ ,]+([0-9.]+)[ ,]+([0-9.]+)"/.exec(tag);
  return size(length('width'), length('height')) ?? (box && size(Number(box[1]), Number(box[2])));
}
