/**
 * Who this tablet is: its secrets, one for each time it was paired, the pairing itself and its
 * screen, and the number that opens the staff screen. The present enrolment is the last; the earlier
 * ones stay, for the records that were answered under them. Notices when a browser that was paired
 * has lost what it kept.
 */
import { bigButton, el, heading } from './elements.js';

/** @import { Store } from './outbox.js' */
/** @import { Session } from './session.js' */
/** @import { Child, Enrolled, Pairing as Outcome, Pending, Said, Tries, Verifier, Visitor } from './shapes.js' */
/** @typedef {Pick<Store, 'get' | 'set' | 'look' | 'trouble'>} Disk */
/** @typedef {{ device: string, unsent: number }} Lost */

const KEPT = 'enrolments';
const PENDING = 'pending';
const WITNESS = 'hailong-kiosk'; // outlives a database that was cleared alone; holds an id and a number

const TRY_AGAIN = 5_000; // milliseconds, where the server was not reached

const FREE = 5; // wrong numbers without a pause
const FIRST_PAUSE = 60_000;
const LONGEST_PAUSE = 3_600_000;
const KEPT_TRIES = 'pin';

export class Enrolment {
  #store;
  /** @type {Pending | null} of the pairing that runs */
  #pending = null;
  /** @type {Enrolled[]} */
  all = [];

  /** @param {Disk} store */
  constructor(store) {
    this.#store = store;
  }

  /** Read what is kept; true where this tablet is paired. */
  async open() {
    this.all = (await this.#store.get(KEPT)) ?? [];
    return this.all.length > 0;
  }

  /** The enrolment under which answers are given now; undefined where there is none. */
  get present() {
    return this.all[this.all.length - 1];
  }

  /**
   * Whether this code has paired this tablet already, now or before.
   * @param {string} code
   */
  knows(code) {
    return this.all.some((one) => one.code === code);
  }

  /**
   * The tablet that was paired here and of which nothing is left; else null.
   * @returns {Lost | null}
   */
  get lost() {
    return this.all.length > 0 || this.#store.trouble ? null : readWitness();
  }

  /**
   * Ask to be paired, with a secret of our own that is written down before it is sent: where the
   * reply is lost, the same code and secret are asked again and get the same answer.
   * Resolves to what `ask` said.
   * @param {string} code
   * @param {(code: string, secret: string) => Promise<Outcome>} ask as `enrol` of sender.js
   */
  async pair(code, ask) {
    const before = this.#pending ?? (await this.#store.get(PENDING));
    const secret = before?.code === code ? before.secret : newSecret();
    await this.#note({ code, secret });
    const outcome = await ask(code, secret);
    if (outcome.error === 'secret_taken') await this.#note(null);
    if (outcome.device !== null) {
      await this.#take({ device: outcome.device, secret, code, counter: outcome.station.counter_id });
    }
    return outcome;
  }

  /** @param {Enrolled} present */
  async #take(present) {
    this.all = [...this.all.filter((one) => one.device !== present.device), present];
    await this.save();
    await this.#note(null);
    this.witness(0);
  }

  /** @param {Pending | null} pending */
  #note(pending) {
    this.#pending = pending;
    return this.#store.set(PENDING, pending);
  }

  /** Write down who we are: after pairing, and after the disk was wiped under an open page. */
  save() {
    return this.#store.set(KEPT, this.all);
  }

  /** Whether the disk was wiped; null where it cannot be read now. */
  async isWiped() {
    return this.#store.look('kept', (kept) => kept.get(KEPT)).then(
      (found) => !found,
      () => null,
    );
  }

  /** Whether another tab has paired this tablet anew. */
  async isOutdated() {
    const kept = (await this.#store.get(KEPT)) ?? [];
    const last = kept[kept.length - 1];
    // One that we had before is no other tab's: a pairing of this page is being written down.
    return last !== undefined && !this.all.some((one) => one.device === last.device);
  }

  /**
   * Leave word, apart from the database, that this is a paired tablet. Browsers keep the time of it.
   * @param {number} unsent
   */
  witness(unsent) {
    if (!this.present) return;
    try {
      localStorage.setItem(WITNESS, JSON.stringify({ device: this.present.device, unsent }));
    } catch {
      // no such place here: then nothing but the database can tell
    }
  }
}

/** @returns {Lost | null} */
function readWitness() {
  try {
    return JSON.parse(localStorage.getItem(WITNESS) ?? 'null');
  } catch {
    return null;
  }
}

/**
 * A pairing code as it is compared: people write it with a hyphen, spaces, or capitals.
 * @param {string} code
 */
export const plain = (code) => code.toLowerCase().replace(/[^a-z0-9]/g, '');

/** 32 random bytes, base64url. */
function newSecret() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const text = btoa(String.fromCharCode(...bytes));
  return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}

/**
 * The screen on which staff pair the tablet with a counter, by the code that `hailong kiosk enrol`
 * has printed. Owns its words and its trying again; what a code gives it is told.
 */
export class Pairing {
  #session;
  #pair;
  #lost;
  #typed = '';
  /** @type {Said | null} the sentence below the box */
  #news = null;
  #busy = false;
  /** @type {number | undefined} */
  #timer;

  /**
   * @param {object} parts
   * @param {Pick<Session, 'screen' | 'words' | 'redraw'>} parts.session
   * @param {(code: string) => Promise<Outcome>} parts.pair
   * @param {() => Lost | null} parts.lost where this tablet was paired and has lost what it kept
   */
  constructor({ session, pair, lost }) {
    this.#session = session;
    this.#pair = pair;
    this.#lost = lost;
  }

  /**
   * The screen.
   * @param {Visitor['back']} back
   * @returns {Visitor}
   */
  screen(back = null) {
    return { name: 'enrol', body: () => this.#body(), back, stays: back === null };
  }

  /**
   * Pair with this code, and try again for as long as the server is not reached.
   * @param {string} code
   */
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

  /** @param {Said} news */
  #say(news) {
    this.#news = news;
    if (this.#session.screen === 'enrol') this.#session.redraw();
  }

  /** @returns {Child[]} */
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
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      if (plain(this.#typed)) this.begin(plain(this.#typed));
    };
    return [
      heading(words.say('enrol')),
      lost && el('p', { class: 'alert', text: words.say('storage_lost', { ...lost }) }),
      el('p', { text: words.say('enrol_how') }),
      el('p', { class: 'small', text: words.say('enrol_where') }),
      el(
        'form',
        { class: 'enrol', on: { submit } },
        el('label', { for: 'code', text: words.say('enrol_code') }),
        box,
        bigButton(words.say('enrol_do'), submit),
      ),
      el('p', { id: 'news', class: 'news', role: 'status', text: this.#sentence() }),
    ];
  }

  /** @param {string} text */
  #type(text) {
    this.#typed = text;
  }

  #sentence() {
    return this.#news ? this.#session.words.say(this.#news.key, this.#news.values) : '';
  }
}

/**
 * @param {Outcome} outcome
 * @returns {Said}
 */
function problem({ error, wait }) {
  if (error === 'unknown_code') return { key: 'enrol_unknown' };
  if (wait > 0) return { key: 'enrol_wait', values: { seconds: Math.ceil(wait / 1000) } };
  return { key: error === null ? 'enrol_no_server' : 'enrol_refused' };
}

/**
 * The number that opens the staff screen, checked on the tablet without network. Owns the counting
 * of wrong ones: after five a pause, doubled by each wrong one after it, kept over reloads.
 */
export class Pin {
  #store;
  /** @type {Tries} */
  #tries = { wrong: 0, until: 0, pause: 0 };
  #over = 0; // by the steady clock, which nobody sets

  /** @param {Pick<Disk, 'get' | 'set'>} store */
  constructor(store) {
    this.#store = store;
  }

  async open() {
    this.#tries = (await this.#store.get(KEPT_TRIES)) ?? this.#tries;
    const { until, pause } = this.#tries;
    this.#rest(Math.min(until - Date.now(), pause)); // the calendar may have been set back
  }

  /** Seconds until the next try is taken, whatever becomes of the calendar meanwhile. */
  get pause() {
    return Math.ceil(Math.max(0, this.#over - performance.now()) / 1000);
  }

  /** @param {number} milliseconds in which no try is taken */
  #rest(milliseconds) {
    this.#over = performance.now() + milliseconds;
  }

  /**
   * Whether these digits are the number. Counted as wrong before it is known, so that a reload in
   * the middle is no free try.
   * @param {string} digits
   * @param {Verifier} verifier
   */
  async check(digits, verifier) {
    if (this.pause > 0) return false;
    const wrong = this.#tries.wrong + 1;
    const pause = wrong < FREE ? 0 : Math.min(FIRST_PAUSE * 2 ** (wrong - FREE), LONGEST_PAUSE);
    await this.#note({ wrong, pause, until: pause > 0 ? Date.now() + pause : 0 });
    const right = (await derive(digits, verifier)) === verifier.hash;
    if (right) await this.#note({ wrong: 0, pause: 0, until: 0 });
    return right;
  }

  /** @param {Tries} tries */
  async #note(tries) {
    this.#tries = tries;
    this.#rest(tries.pause);
    await this.#store.set(KEPT_TRIES, tries);
  }
}

/**
 * PBKDF2-SHA-256, 32 bytes, base64.
 * @param {string} digits
 * @param {Verifier} verifier
 */
async function derive(digits, { salt, iterations }) {
  const { subtle } = crypto;
  const bytes = new TextEncoder().encode(digits);
  const key = await subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveBits']);
  const given = Uint8Array.from(atob(salt), (letter) => letter.charCodeAt(0));
  const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt: given, iterations };
  const derived = await subtle.deriveBits(algorithm, key, 256);
  return btoa(String.fromCharCode(...new Uint8Array(derived)));
}
