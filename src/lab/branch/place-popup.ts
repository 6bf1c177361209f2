/** Pixels between a popup and its anchor, and between a popup and the window's edge. */
const gap = 4;

/** Put an attached popup under its anchor (above it where there is more room), or at the top middle without one. */
export function placePopup(popup: HTMLElement, anchor: HTMLElement | null): void {
  const { innerWidth, innerHeight } = window;
  const width = popup.offsetWidth;
  const box = anchor?.getBoundingClientRect();
  if (!box || box.width === 0) {
    popup.style.left = `${Math.max((innerWidth - width) / 2, gap)}px`;
    popup.style.top = `${Math.round(innerHeight / 8)}px`;
    popup.style.maxHeight = `${Math.round(innerHeight * 0.7)}px`;
    return;
  }
  const below = innerHeight - box.bottom - 2 * gap;
  const above = box.top - 2 * gap;
  popup.style.left = `${Math.max(Math.min(box.left, innerWidth - width - gap), gap)}px`;
  if (below >= Math.min(popup.offsetHeight, 320) || below >= above) {
    popup.style.top = `${box.bottom + gap}px`;
    popup.style.maxHeight = `${below}px`;
  } else {
    popup.style.bottom = `${innerHeight - box.top + gap}px`;
    popup.style.maxHeight = `${above}px`;
  }
}
