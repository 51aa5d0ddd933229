/** Hides the browser's own bars, where it lets a tap do that. */

export function fillScreen() {
  if (document.fullscreenElement || matchMedia('(display-mode: fullscreen)').matches) return;
  document.documentElement.requestFullscreen?.({ navigationUI: 'hide' })?.catch(() => {});
}

export function leaveFullScreen() {
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
}
