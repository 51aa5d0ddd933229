/**
 * Who this tablet is: its secrets, one for each time it was paired, the pairing itself and its
 * screen, and the number that opens the staff screen. The present enrolment is the last; the earlier
 * ones stay, for the records that were answered under them. Notices when a browser that was paired
 * has lost what it kept.
 */
import { bigButton, el, heading } from './elements.js';

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
  #pending = null; // {code, secret} of the pairing that runs
  all = []; // [{device, secret, code, counter}]

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

  /** Whether this code has paired this tablet already, now or before. */
  knows(code) {
    return this.all.some((one) => one.code === code);
  }

  /** {device, unsent} of a tablet that was paired here and of which nothing is left; else null. */
  get lost() {
    return this.all.length > 0 || this.#store.trouble ? null : readWitness();
  }

  /**
   * Ask to be paired, with a secret of our own that is written down before it is sent: where the
   * reply is lost, the same code and secret are asked again and get the same answer.
   * `ask(code, secret)`: as `enrol` of sender.js. Resolves to what `ask` said.
   */
  async pair(code, ask) {
    const before = this.#pending ?? (await this.#store.get(PENDING));
    const secret = before?.code === code ? before.secret : newSecret();
    await this.#note({ code, secret });
    const outcome = await ask(code, secret);
    if (outcome.error === 'secret_taken') await this.#note(null);
    if (outcome.device !== null) await this.#take(code, secret, outcome);
    return outcome;
  }

  async #take(code, secret, { device, station }) {
    const others = this.all.filter((one) => one.device !== device);
    this.all = [...others, { device, secret, code, counter: station.counter_id }];
    await this.save();
    await this.#note(null);
    this.witness(0);
  }

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
    const read = (kept) => kept.get(KEPT);
    return this.#store.look('kept', read).then(
      (found) => !found,
      () => null,
    );
  }

  /** Whether another tab has paired this tablet anew. */
  async isOutdated() {
    const kept = (await this.#store.get(KEPT)) ?? [];
    const last = kept[kept.length - 1];
    // One that we had before is no other tab's: a pairing of this page is being written down.
    return kept.length > 0 && !this.all.some((one) => one.device === last.device);
  }

  /** Leave word, apart from the database, that this is a paired tablet. Browsers keep the time of it. */
  witness(unsent) {
    try {
      localStorage.setItem(WITNESS, JSON.stringify({ device: this.present.device, unsent }));
    } catch {
      // no such place here: then nothing but the database can tell
    }
  }
}

function readWitness() {
  try {
    return JSON.parse(localStorage.getItem(WITNESS));
  } catch {
    return null;
  }
}

/** A pairing code as it is compared: people write it with a hyphen, spaces, or capitals. */
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

/**
 * The number that opens the staff screen, checked on the tablet without network. Owns the counting
 * of wrong ones: after five a pause, doubled by each wrong one after it, kept over reloads.
 */
export class Pin {
  #store;
  #tries = { wrong: 0, until: 0, pause: 0 };

  constructor(store) {
    this.#store = store;
  }

  async open() {
    this.#tries = (await this.#store.get(KEPT_TRIES)) ?? this.#tries;
  }

  /** Seconds until the next try is taken; a calendar that was set back makes no longer pause. */
  get pause() {
    const { until, pause } = this.#tries;
    const left = until - Date.now();
    return Math.ceil(Math.max(0, Math.min(left, pause)) / 1000);
  }

  /**
   * Whether these digits are the number. Counted as wrong before it is known, so that a reload in
   * the middle is no free try. `verifier`: {salt, iterations, hash}, base64.
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

  async #note(tries) {
    this.#tries = tries;
    await this.#store.set(KEPT_TRIES, tries);
  }
}

/** PBKDF2-SHA-256, 32 bytes, base64. */
async function derive(digits, { salt, iterations }) {
  const { subtle } = crypto;
  const bytes = new TextEncoder().encode(digits);
  const key = await subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveBits']);
  const given = Uint8Array.from(atob(salt), (letter) => letter.charCodeAt(0));
  const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt: given, iterations };
  const derived = await subtle.deriveBits(algorithm, key, 256);
  return btoa(String.fromCharCode(...new Uint8Array(derived)));
}
