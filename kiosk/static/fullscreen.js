/** Hides the browser's own bars, where it lets a tap do that. */

/** After the picture that answers the tap: laying everything out in another size takes its time. */
export function fillScreen() {
  if (document.fullscreenElement || matchMedia('(display-mode: fullscreen)').matches) return;
  requestAnimationFrame(() => setTimeout(() => {
    document.documentElement.requestFullscreen?.({ navigationUI: 'hide' })?.catch(() => {});
  }));
}

export function leaveFullScreen() {
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
}
