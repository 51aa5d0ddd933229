/**
 * Whether somebody is at the tablet: watches touches, asks before a form is given up, and knows for
 * how long nobody has been there. Decides nothing about what happens then.
 */
import { IdleWatch } from './idle.js';
import { StillHere } from './stillhere.js';

export class Presence {
  #lastTouch = performance.now();
  #question;
  #idle;

  /** `words`: of the question; `after()`: key of what happens when nobody answers; `gone()`. */
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

  /** Watch from now on, as IdleWatch does; null: nobody is expected to do anything. */
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
