/**
 * Whether somebody is at the tablet, and the question that is asked before a form is given up.
 * Decides nothing about what happens then.
 */
import { el, ring } from './elements.js';

/** @import { Words } from './elements.js' */
/** @import { Patience } from './shapes.js' */

const TICK = 250; // milliseconds between looks at who is there
const SAID_ALOUD = new Set([10, 5]); // of the seconds that are left

/** Watches touches, asks, and knows for how long nobody has been there. */
export class Presence {
  #lastTouch = performance.now();
  #question;
  #idle;

  /**
   * @param {{ words: Words, after: () => string, gone: () => void }} parts `after`: the key of what
   *   happens when nobody answers
   */
  constructor({ words, after, gone }) {
    this.#question = new StillHere(words);
    this.#idle = new IdleWatch({
      left: (seconds, of) => this.#question.show(seconds, of, after()),
      gone,
    });
    for (const sign of ['pointerdown', 'click', 'keydown', 'input']) {
      document.addEventListener(sign, () => this.#touch(), true);
    }
  }

  /** Milliseconds since the last touch. */
  get untouched() {
    return performance.now() - this.#lastTouch;
  }

  /**
   * Watch from now on, as IdleWatch does; null: nobody is expected to do anything.
   * @param {Patience | null} seconds
   */
  watch(seconds) {
    if (seconds === null) this.#idle.rest();
    else this.#idle.watch(seconds);
  }

  /** Take the question away. */
  close() {
    this.#question.close();
  }

  #touch() {
    this.#lastTouch = performance.now();
    this.#idle.touch();
  }
}

/**
 * Notices that nobody is there any more. Counts from the last touch, not from the start of the form.
 * Knows no screen; what a warning looks like, and what 'gone' means, it is told.
 */
export class IdleWatch {
  #last = performance.now();
  /** @type {number | null} */
  #hiddenAt = null;
  /** @type {Patience | null} */
  #seconds = null;
  #handlers;

  /**
   * @param {{ left: (seconds: number, of: number) => void, gone: () => void }} handlers `left`: while
   *   the countdown runs; `gone`: when nobody is there
   */
  constructor(handlers) {
    this.#handlers = handlers;
    setInterval(() => this.#tick(), TICK);
    document.addEventListener('visibilitychange', () => this.#seen());
  }

  /**
   * Watch from now on.
   * @param {Patience} seconds
   */
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
      const away = Date.now() - this.#hiddenAt;
      if (away < 0 || away >= this.#seconds.idle * 1000) this.#leave(); // put back meanwhile: who knows
    }
  }

  #leave() {
    this.rest();
    this.#handlers.gone();
  }
}

/** The question whether someone is there, over everything else, with the seconds that are left. */
class StillHere {
  ring = ring();
  title = el('h2', { id: 'still-title' });
  text = el('p', { id: 'still-text' });
  news = el('p', { class: 'unseen', role: 'status' });
  button = el('button', { type: 'button', class: 'big' });

  /** @param {Words} words */
  constructor(words) {
    this.words = words;
    this.dialog = el(
      'dialog',
      { 'aria-labelledby': 'still-title', 'aria-describedby': 'still-text' },
      this.ring.drawing,
      this.title,
      this.text,
      this.button,
      this.news,
    );
    // Any tap or key says that someone is there. Not on pointerdown: the tap that follows would then
    // fall on an answer beneath. The key is used up: it must not press what lay beneath either.
    document.addEventListener('click', () => this.close(), true);
    document.addEventListener('keydown', (event) => this.#key(event), true);
    this.dialog.addEventListener('cancel', () => this.close());
  }

  /**
   * Show `left` seconds of `of`; opens the first time.
   * @param {number} left
   * @param {number} of
   * @param {string} after the key of what happens then
   */
  show(left, of, after) {
    this.ring.show(left, of);
    const sentence = this.words.say('seconds_left', { seconds: left });
    this.text.textContent = `${sentence} ${this.words.say(after)}`;
    if (!this.dialog.open) this.#open();
    else if (SAID_ALOUD.has(left)) this.news.textContent = sentence;
  }

  close() {
    if (!this.dialog.open) return;
    this.dialog.close();
    this.dialog.remove();
  }

  #open() {
    this.title.textContent = this.words.say('still_here');
    this.button.textContent = this.words.say('continue');
    this.news.textContent = '';
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.button.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!this.dialog.open || event.key === 'Tab' || event.key === 'Shift') return;
    event.preventDefault();
    event.stopPropagation();
    this.close();
  }
}
