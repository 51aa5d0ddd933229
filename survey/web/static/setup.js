/** Asks until a phone has opened the address, then shows the page that says so. */
(function () {
  'use strict';
  const waiting = document.getElementById('waiting');
  const ask = waiting === null ? undefined : waiting.dataset['ask'];
  const EVERY = 2000;

  /** @param {string} address */
  async function look(address) {
    try {
      const reply = await fetch(address, { cache: 'no-store' });
      const state = reply.ok ? await reply.json() : { opened: false };
      if (state.opened === true) {
        window.location.reload();
        return;
      }
    } catch {
      // The next time will do.
    }
    window.setTimeout(() => void look(address), EVERY);
  }

  if (ask !== undefined) void look(ask);
})();
