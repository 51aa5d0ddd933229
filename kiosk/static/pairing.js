/**
 * The screen on which staff pair the tablet with a counter, by the code that `hailong kiosk enrol`
 * has printed. Owns its words and its trying again; what a code gives it is told.
 */
import { el } from './dom.js';
import { plain } from './enrolment.js';
import { bigButton, heading } from './screens.js';

const TRY_AGAIN = 5_000; // milliseconds, where the server was not reached

export class Pairing {
  #session;
  #pair;
  #lost;
  #typed = '';
  #news = null; // {key, values} of the sentence below the box
  #busy = false;
  #timer = null;

  /**
   * `pair(code)`: resolves to {device, error, reached, wait}; `lost()`: {device, unsent} where this
   * tablet was paired and has lost what it kept, else null.
   */
  constructor({ session, pair, lost }) {
    this.#session = session;
    this.#pair = pair;
    this.#lost = lost;
  }

  /** The screen; `back`: the way out, null for none. */
  screen(back = null) {
    return { name: 'enrol', body: () => this.#body(), back, stays: back === null };
  }

  /** Pair with this code, and try again for as long as the server is not reached. */
  async begin(code) {
    clearTimeout(this.#timer);
    if (this.#busy) return;
    this.#say({ key: 'pairing' });
    this.#busy = true;
    const outcome = await this.#pair(code);
    this.#busy = false;
    if (outcome.device !== null) return this.#done();
    this.#say(problem(outcome));
    if (outcome.error === null) this.#timer = setTimeout(() => this.begin(code), TRY_AGAIN);
  }

  #done() {
    this.#typed = '';
    this.#news = null;
  }

  #say(news) {
    this.#news = news;
    if (this.#session.screen === 'enrol') this.#session.redraw();
  }

  #body() {
    const { words } = this.#session;
    const lost = this.#lost();
    const box = el('input', {
      id: 'code',
      class: 'code',
      autocomplete: 'off',
      autocapitalize: 'none',
      autocorrect: 'off',
      spellcheck: 'false',
      inputmode: 'text',
      maxlength: 12,
      placeholder: 'abcd-efgh',
      'aria-describedby': 'news',
      on: { input: () => this.#type(box.value) },
    });
    box.value = this.#typed;
    const submit = (event) => {
      event.preventDefault();
      if (plain(this.#typed)) this.begin(plain(this.#typed));
    };
    return [
      heading(words.say('enrol')),
      lost && el('p', { class: 'alert', text: words.say('storage_lost', lost) }),
      el('p', { text: words.say('enrol_how') }),
      el(
        'form',
        { class: 'enrol', on: { submit } },
        el('label', { for: 'code', text: words.say('enrol_code') }),
        box,
        bigButton(words.say('enrol_do'), submit),
      ),
      el('p', { id: 'news', class: 'news', role: 'status', text: this.#sentence() }),
    ].filter(Boolean);
  }

  #type(text) {
    this.#typed = text;
  }

  #sentence() {
    return this.#news ? this.#session.words.say(this.#news.key, this.#news.values) : '';
  }
}

function problem({ error, wait }) {
  if (error === 'unknown_code') return { key: 'enrol_unknown' };
  if (wait > 0) return { key: 'enrol_wait', values: { seconds: Math.ceil(wait / 1000) } };
  return { key: error === null ? 'enrol_no_server' : 'enrol_refused' };
}
