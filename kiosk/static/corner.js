/** The way to the staff screen that citizens do not meet: five taps in a corner, or three keys. */

const SIDE = 96; // pixels
const TAPS = 5;
const WITHIN = 3_000; // milliseconds

/** `open()` after five taps in the top left corner within three seconds, or Ctrl+Alt+K. */
export function watchCorner(open) {
  let taps = [];
  document.addEventListener('pointerdown', ({ clientX, clientY }) => {
    const now = performance.now();
    const inside = clientX < SIDE && clientY < SIDE;
    taps = inside ? [...taps.filter((at) => now - at < WITHIN), now] : [];
    if (taps.length < TAPS) return;
    taps = [];
    open();
  });
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey && event.altKey && event.code === 'KeyK') || event.repeat) return;
    event.preventDefault();
    open();
  });
}
