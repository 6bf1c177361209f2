import { useEffect, useState } from 'react';
import type { ContentProps } from './props';
import { messageOf } from './diff-model';

/** Addresses of both sides' bytes, to show; they are given back with the view. */
export type SideUrls =
  | { readonly kind: 'loading' }
  | { readonly kind: 'problem'; readonly message: string }
  | { readonly kind: 'loaded'; readonly urls: readonly [string, string] };

/** Load both sides of a file. They only ever become pictures or sound: `mime` is one of those. */
export function useSideUrls({ model, services, file }: ContentProps, mime: string): SideUrls {
  const [state, setState] = useState<SideUrls>({ kind: 'loading' });
  const { from, to } = model.target;
  useEffect(() => {
    const controller = new AbortController();
    const urls: string[] = [];
    const load = async (revision: string | null): Promise<string> => {
      const bytes =
        revision === null
          ? await onDisk(model.project.toContentsPath(file.path), services)
          : await model.project.file(`${file.path}@${revision}`, controller.signal);
      const url = URL.createObjectURL(new Blob([bytes], { type: mime }));
      urls.push(url);
      return url;
    };
    Promise.all([load(from), load(to)]).then(
      both => !controller.signal.aborted && setState({ kind: 'loaded', urls: both }),
      (error: unknown) => !controller.signal.aborted && setState({ kind: 'problem', message: messageOf(error) })
    );
    return () => {
      controller.abort();
      urls.forEach(url => URL.revokeObjectURL(url));
    };
  }, [model, services, file, from, to, mime]);
  return state;
}

async function onDisk(path: string | null, { contents }: ContentProps['services']): Promise<ArrayBuffer> {
  if (path === null) {
    return new ArrayBuffer(0);
  }
  const { content } = (await contents.get(path, { type: 'file', format: 'base64' })) as { readonly content: string };
  return Uint8Array.from(atob(content), character => character.charCodeAt(0)).buffer;
}
