/** The keyboard, and switches that act as one: digits answer, Enter goes on, Escape goes back. */

/** `actions`: forward(), back(). A key held down counts once. */
export function listenToKeys(actions) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector('dialog[open]')) return;
    const place = document.activeElement;
    const writing = place?.tagName === 'TEXTAREA' || place?.tagName === 'INPUT';
    if (event.repeat && !writing && /^(Enter| |\d|Escape)$/.test(event.key)) event.preventDefault();
    else if (event.key === 'Escape') actions.back();
    else if (writing) return;
    else if (/^\d$/.test(event.key)) press(event.key);
    else if (event.key === 'Backspace') press('erase');
    else if (event.key === 'Enter' && place?.tagName !== 'BUTTON') actions.forward();
    else if (event.key.startsWith('Arrow')) walk(event, place);
  });
}

/** A key of the pad by its name; else the level or option of that number, 0 for 'not applicable'. */
function press(key) {
  const tiles = document.querySelectorAll('main .answers:not(.apart) .tile');
  const pad = document.querySelector(`main [data-key="${key}"]`);
  const tile = key === '0' ? document.querySelector('main .apart .tile') : tiles[Number(key) - 1];
  (pad ?? tile)?.click();
}

/** Arrows move between the tiles; Tab does too, as everywhere. */
function walk(event, place) {
  const tiles = [...document.querySelectorAll('main .answers button')];
  const at = tiles.indexOf(place);
  const by = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : -1;
  if (at < 0 && by < 0) return;
  tiles[Math.min(Math.max(at + by, 0), tiles.length - 1)]?.focus();
  event.preventDefault();
}
