const parameter = 'branchbook-join';

/** The link that this page's address asks to open; it is taken out of the address, so that reloading does not ask again. */
export function takeJoinLink(): string | null {
  const url = new URL(window.location.href);
  const link = url.searchParams.get(parameter);
  if (link === null) {
    return null;
  }
  url.searchParams.delete(parameter);
  window.history.replaceState(window.history.state, '', url);
  return link || null;
}

/** Where a link leads, as much as it tells by itself. */
export function placeOfLink(link: string): string {
  try {
    const url = new URL(link);
    return url.host || url.pathname;
  } catch {
    return link.split('#')[0]!.replace(/\/join\/[^/]*$/, '');
  }
}
