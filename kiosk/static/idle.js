/**
 * Notices that nobody is there any more. Counts from the last touch, not from the start of the form.
 * Knows no screen; what a warning looks like, and what 'gone' means, it is told.
 */

const TICK = 250;

export class IdleWatch {
  #last = performance.now();
  #hiddenAt = null;
  #seconds = null;
  #handlers;

  /**
   * `handlers`: `left(seconds, of)` while the countdown runs, `gone()` when nobody is there.
   */
  constructor(handlers) {
    this.#handlers = handlers;
    setInterval(() => this.#tick(), TICK);
    document.addEventListener('visibilitychange', () => this.#seen());
  }

  /** Watch from now on: `idle` seconds of nothing, then `countdown` seconds of warning (0: none). */
  watch({ idle, countdown }) {
    this.#seconds = { idle, countdown };
    this.#last = performance.now();
  }

  /** Nobody is expected to do anything: watch no more. */
  rest() {
    this.#seconds = null;
  }

  /** Somebody is there. */
  touch() {
    this.#last = performance.now();
  }

  #tick() {
    if (!this.#seconds) return;
    const { idle, countdown } = this.#seconds;
    const left = Math.ceil(idle + countdown - (performance.now() - this.#last) / 1000);
    if (left <= 0) this.#leave();
    else if (left <= countdown) this.#handlers.left(left, countdown);
  }

  // While a tablet sleeps, timers and performance.now() may stand still; the calendar does not.
  #seen() {
    if (document.hidden) {
      this.#hiddenAt = Date.now();
    } else if (this.#seconds && this.#hiddenAt !== null) {
      if (Date.now() - this.#hiddenAt >= this.#seconds.idle * 1000) this.#leave();
    }
  }

  #leave() {
    this.rest();
    this.#handlers.gone();
  }
}
