/**
 * What staff do at the tablet, with no network needed: open their screen by the PIN, see how the
 * tablet is, send, export, print, pair anew, leave. Owns the order and the look of these screens,
 * and the file that carries what is not sent.
 */
import { age, dayOf } from './clock.js';
import { bigButton, el, heading } from './elements.js';
import { leaveFullScreen } from './frame.js';

/** @import { Clock } from './clock.js' */
/** @import { Contact } from './contact.js' */
/** @import { Words } from './elements.js' */
/** @import { Enrolment, Pairing, Pin } from './enrolment.js' */
/** @import { Outbox } from './outbox.js' */
/** @import { Sender } from './sender.js' */
/** @import { Session } from './session.js' */
/** @import { AsideEntry, Child, Enrolled, Entry, Facts, Moment, Said, Values } from './shapes.js' */
/** @typedef {Facts & { alerts: Said[] }} State */
/** @typedef {Record<'send' | 'export' | 'print' | 'pair' | 'leave', () => void>} Deeds */
/** @typedef {Said & { deed: 'send' | 'export' }} News what became of a deed */
/** @typedef {{ class?: string, disabled?: string | null }} Look */
/** @typedef {{ name: string, text: string }} Saved a file */
/**
 * @typedef {object} Parts
 * @property {Session} session
 * @property {Pin} pin
 * @property {Contact} contact
 * @property {Sender} sender
 * @property {Outbox} outbox
 * @property {Enrolment} enrolment
 * @property {Clock} clock
 * @property {Pairing} pairing
 * @property {() => Promise<State>} facts
 */

const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const LENGTH = 6;
export const FORMAT = 'hailong.kiosk-export/1';

export class Staff {
  #parts;
  #digits = '';
  #wrong = false;
  /** @type {State | null} */
  #facts = null;
  /** @type {News | null} */
  #news = null;
  /** @type {string | null} */
  #shown = null;
  /** @type {number | undefined} */
  #timer;

  /** @param {Parts} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Ask for the PIN; not while a citizen is answering, nor on a tablet that was never paired. */
  open() {
    const { session, contact } = this.#parts;
    const open = ['pin', 'staff', 'left'].includes(session.screen);
    if (session.isTaken || open || !contact.document?.pin) return;
    this.#digits = '';
    this.#wrong = false;
    session.visit({ name: 'pin', body: () => this.#pinPad(), back: () => this.#leave() });
    this.#tick();
  }

  /** Something has changed: show it, where the status stands open. */
  async refresh() {
    const { session, facts } = this.#parts;
    if (session.screen !== 'staff') return;
    const found = await facts();
    const isNews = JSON.stringify([found, this.#news]) !== this.#shown;
    this.#facts = found;
    if (isNews && session.screen === 'staff') session.redraw();
  }

  #leave() {
    clearTimeout(this.#timer);
    this.#digits = '';
    this.#facts = null;
    this.#parts.session.reset();
  }

  #pinPad() {
    const { session, pin } = this.#parts;
    return pinPad({
      words: session.words,
      given: this.#digits.length,
      of: LENGTH,
      wrong: this.#wrong,
      pause: pin.pause,
      press: (digit) => this.#press(digit),
      erase: () => this.#type(this.#digits.slice(0, -1)),
    });
  }

  /** @param {string} digit */
  #press(digit) {
    if (this.#digits.length >= LENGTH || this.#parts.pin.pause > 0) return;
    this.#wrong = false;
    this.#type(this.#digits + digit);
    if (this.#digits.length === LENGTH) this.#check();
  }

  /** @param {string} digits */
  #type(digits) {
    this.#digits = digits;
    this.#parts.session.redraw();
  }

  async #check() {
    const { session, pin, contact } = this.#parts;
    const verifier = contact.document?.pin;
    const right = verifier !== undefined && (await pin.check(this.#digits, verifier));
    if (session.screen !== 'pin') return;
    this.#wrong = !right;
    this.#type('');
    if (right) this.#show();
    else this.#tick();
  }

  /** Count the pause down where people see it. */
  #tick() {
    clearTimeout(this.#timer);
    const { session, pin } = this.#parts;
    if (pin.pause === 0) return;
    this.#timer = setTimeout(() => {
      if (session.screen !== 'pin') return;
      session.redraw();
      this.#tick();
    }, 1_000);
  }

  async #show() {
    const { session, facts } = this.#parts;
    this.#facts = await facts();
    this.#news = null;
    session.visit({ name: 'staff', body: () => this.#status(), back: () => this.#leave() });
  }

  /** @returns {Child[]} */
  #status() {
    const { session } = this.#parts;
    if (!this.#facts) return [];
    const actions = {
      send: () => this.#send(),
      export: () => this.#export(),
      print: () => print(),
      pair: () => this.#pairAnew(),
      leave: () => this.#quit(),
    };
    this.#shown = JSON.stringify([this.#facts, this.#news]);
    return status({ words: session.words, facts: this.#facts, news: this.#news, actions });
  }

  async #send() {
    const { contact, sender, outbox } = this.#parts;
    this.#say('send', 'sending_now');
    await outbox.tryAside();
    sender.flush();
    await contact.beat();
    this.#say('send', contact.state.connected ? 'asked_server' : 'not_connected');
  }

  async #export() {
    const { outbox, enrolment, contact, clock } = this.#parts;
    const { unsent, quarantined } = await outbox.all();
    const file = await exportFile({
      entries: [...unsent, ...quarantined],
      enrolments: enrolment.all,
      now: clock.moment(),
      timezone: contact.document?.timezone,
    });
    save(file);
    this.#say('export', 'exported', { name: file.name });
  }

  /**
   * @param {News['deed']} deed
   * @param {string} key
   * @param {Values} values
   */
  #say(deed, key, values = {}) {
    this.#news = { deed, key, values };
    this.refresh();
  }

  #pairAnew() {
    const { session, pairing } = this.#parts;
    session.visit(pairing.screen(() => this.#show()));
  }

  #quit() {
    const { session } = this.#parts;
    leaveFullScreen();
    const body = () => left({ words: session.words, enter: () => this.#leave() });
    session.visit({ name: 'left', body, back: null, stays: true });
  }
}

// How the screens look. These change nothing.

/**
 * `given` of `of` digits typed.
 * @param {object} pad
 * @param {Words} pad.words
 * @param {number} pad.given
 * @param {number} pad.of
 * @param {boolean} pad.wrong
 * @param {number} pad.pause seconds until the next try is taken
 * @param {(digit: string) => void} pad.press
 * @param {() => void} pad.erase
 */
function pinPad({ words, given, of, wrong, pause, press, erase }) {
  const disabled = pause > 0 ? '' : null;
  /** @type {(text: string, key: string, click: () => void) => Child} */
  const button = (text, key, click) =>
    el('button', { type: 'button', class: 'key', text, 'data-key': key, disabled, on: { click } });
  const digit = (/** @type {number} */ number) =>
    button(String(number), String(number), () => press(String(number)));
  const dots = Array.from({ length: of }, (_, at) => el('span', { class: at < given ? 'full' : '' }));
  const news = pause > 0 ? words.say('pin_pause', { seconds: pause }) : wrong ? words.say('pin_wrong') : '';
  return [
    heading(words.say('pin')),
    el('p', { class: 'pin', 'aria-hidden': 'true' }, ...dots),
    el('p', { class: 'unseen', role: 'status', text: words.say('pin_given', { given, of }) }),
    el('p', { class: 'news', role: 'status', text: news }),
    el(
      'div',
      { class: 'answers pad' },
      ...DIGITS.map(digit),
      el('span', {}),
      digit(0),
      button(words.say('erase'), 'erase', erase),
    ),
  ];
}

/**
 * What became of a deed stands on its own button, where whoever pressed it looks.
 * @param {{ words: Words, facts: State, news: News | null, actions: Deeds }} shown
 * @returns {Child[]}
 */
function status({ words, facts, news, actions }) {
  const disabled = facts.unsent + facts.quarantined > 0 ? null : '';
  const said = news ? words.say(news.key, news.values) : '';
  /** @type {(key: string, click: () => void, more?: Look, deed?: News['deed']) => Child} */
  const button = (key, click, more, deed) =>
    el(
      'button',
      { type: 'button', class: 'tile', on: { click }, ...more },
      el('span', { text: words.say(key) }),
      news !== null && news.deed === deed && el('small', { 'aria-hidden': 'true', text: said }),
    );
  return [
    heading(words.say('staff')),
    facts.alerts.length > 0 && alerts(words, facts.alerts),
    el(
      'div',
      { class: 'state' },
      el('dl', { class: 'facts' }, ...rows(words, facts)),
      el(
        'div',
        { class: 'deeds' },
        button('send_now', actions.send, { class: 'tile primary' }, 'send'),
        button('export', actions.export, { disabled }, 'export'),
        button('print', actions.print),
        button('pair_anew', actions.pair),
        button('leave', actions.leave),
      ),
    ),
    el('p', { class: 'news unseen', role: 'status', text: said }),
    facts.aside.length > 0 && aside(words, facts),
  ];
}

/** @param {Words} words @param {Said[]} found */
function alerts(words, found) {
  const lines = found.map(({ key, values }) => el('li', { text: words.say(key, values) }));
  return el('ul', { class: 'alert' }, ...lines);
}

/** @param {Words} words @param {Facts} facts */
function rows(words, facts) {
  const row = (/** @type {string} */ key, /** @type {string | number} */ value) =>
    el('div', {}, el('dt', { text: words.say(key) }), el('dd', { text: value }));
  const never = words.say('never');
  return [
    row('fact_unsent', facts.unsent),
    row('fact_sent', facts.sent),
    row('fact_quarantined', facts.quarantined),
    row('fact_oldest', facts.unsent > 0 ? span(words, facts.oldest) : words.say('none')),
    row('fact_contact', facts.contact ? when(words, facts.contact, facts.timezone) : never),
    row('fact_clock', facts.offset === null ? never : difference(words, -facts.offset)),
    row('fact_storage', storage(words, facts)),
    row('fact_device', facts.device),
    row('fact_counter', facts.counter),
    row('fact_questionnaire', facts.questionnaire),
    row('fact_build', facts.build),
    row('fact_now', when(words, Date.now(), facts.timezone)),
  ];
}

/**
 * What the server would not take: when, why, and the beginning of its id.
 * @param {Words} words
 * @param {Facts} facts
 */
function aside(words, { aside: entries, timezone }) {
  const line = (/** @type {AsideEntry} */ { record, receipt, problems, on }) => {
    const reasons = problems.map(({ place, code }) => `${place}: ${code}`).join(', ');
    const why = [words.say(`aside_${receipt}`), reasons].filter(Boolean).join(' · ');
    return el(
      'li',
      {},
      el('strong', { text: when(words, on, timezone) }),
      el('span', { text: why }),
      el('code', { text: record.response_id.slice(0, 8) }),
    );
  };
  return el(
    'section',
    { class: 'aside' },
    el('h2', { text: words.say('aside') }),
    el('p', { text: words.say('aside_what') }),
    el('ul', {}, ...entries.map(line)),
  );
}

/**
 * After leaving the kiosk mode.
 * @param {{ words: Words, enter: () => void }} shown
 */
function left({ words, enter }) {
  return [
    heading(words.say('left')),
    el('p', { text: words.say('left_how') }),
    el('div', { class: 'answers one' }, bigButton(words.say('enter'), enter)),
  ];
}

/**
 * @param {Words} words
 * @param {number | string} moment milliseconds, or a day (ISO text)
 * @param {string} timeZone
 */
function when(words, moment, timeZone) {
  /** @type {Intl.DateTimeFormatOptions} */
  const day = { day: '2-digit', month: '2-digit' };
  /** @type {(shape: Intl.DateTimeFormatOptions, at: number) => string} */
  const format = (shape, at) =>
    // Browsers write a Vietnamese day and month as 29-11 or 29/11; offices write 29/11.
    new Intl.DateTimeFormat(localeOf(words), shape).format(at).replace('-', '/');
  if (typeof moment === 'string') return format({ ...day, timeZone: 'UTC' }, Date.parse(moment));
  return format({ ...day, timeZone, hour: '2-digit', minute: '2-digit' }, moment);
}

/**
 * A stretch of time in its largest unit.
 * @param {Words} words
 * @param {number} seconds
 */
function span(words, seconds) {
  if (seconds < MINUTE) return words.say('seconds', { count: Math.round(seconds) });
  if (seconds < HOUR) return words.say('minutes', { count: Math.round(seconds / MINUTE) });
  if (seconds < DAY) return words.say('hours', { count: Math.round(seconds / HOUR) });
  return words.say('days', { count: Math.round(seconds / DAY) });
}

/**
 * By how much this clock is ahead of the server's; below two seconds it is right.
 * @param {Words} words
 * @param {number} ahead seconds
 */
function difference(words, ahead) {
  if (Math.abs(ahead) < 2) return words.say('clock_right');
  const key = ahead > 0 ? 'clock_ahead' : 'clock_behind';
  return words.say(key, { span: span(words, Math.abs(ahead)) });
}

/** @param {Words} words @param {Facts} facts */
function storage(words, { storage: state, room }) {
  const used = room && words.say('used', { used: megabytes(words, room.used) });
  return [words.say(`storage_${state}`), used].filter(Boolean).join(' · ');
}

/** @param {Words} words */
const localeOf = (words) => (words.lang === 'vi' ? 'vi-VN' : 'en-GB');

/** @param {Words} words @param {number} bytes */
const megabytes = (words, bytes) =>
  new Intl.NumberFormat(localeOf(words), { maximumFractionDigits: 1 }).format(bytes / 1e6);

// The file for `hailong kiosk import`, each part signed with the secret under which its answers were
// given.

/**
 * @param {object} given
 * @param {Entry[]} given.entries of the outbox and the quarantine
 * @param {Enrolled[]} given.enrolments of this tablet, the present one last
 * @param {Moment} given.now
 * @param {string | undefined} given.timezone the office's, in whose days answers are dated
 * @returns {Promise<Saved>}
 */
export async function exportFile({ entries, enrolments, now, timezone }) {
  const parts = [];
  for (const { device, secret, counter } of enrolments) {
    const mine = entries.filter((entry) => entry.enrolment === device);
    if (mine.length === 0) continue;
    const responses = mine.map((entry) => dated(entry, counter, now, timezone));
    const clock = now.calendar / 1000;
    const payload = JSON.stringify({ clock, offset_s: now.offset, responses });
    parts.push({ device, payload, signature: await sign(secret, payload) });
  }
  const device = enrolments[enrolments.length - 1]?.device ?? '';
  const name = `hailong-kiosk-${device}-${dayOf(trueTime(now), timezone)}.json`;
  return { name, text: JSON.stringify({ format: FORMAT, device, parts }) };
}

/**
 * Offer a text as a file to be saved.
 * @param {Saved} file
 */
function save({ name, text }) {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/**
 * @param {Entry} entry
 * @param {string} counter
 * @param {Moment} now
 * @param {string | undefined} timezone
 */
function dated({ record, kept }, counter, now, timezone) {
  const { seconds, doubtful } = age(kept, now);
  const answered = dayOf(trueTime(now) - seconds * 1000, timezone);
  const clock = doubtful || now.offset === null;
  return { ...record, answered_on: answered, clock_doubtful: clock, counter };
}

/**
 * The server's time as far as we know it, in milliseconds.
 * @param {Moment} now
 */
const trueTime = ({ calendar, offset }) => calendar + (offset ?? 0) * 1000;

/**
 * HMAC-SHA-256 under SHA-256(secret), which is all that the server has of the secret; hex.
 * @param {string} secret
 * @param {string} text
 */
async function sign(secret, text) {
  const { subtle } = crypto;
  const bytes = (/** @type {string} */ string) => new TextEncoder().encode(string);
  const material = await subtle.digest('SHA-256', bytes(secret));
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await subtle.importKey('raw', material, algorithm, false, ['sign']);
  const signature = await subtle.sign('HMAC', key, bytes(text));
  return Array.from(new Uint8Array(signature), (b) => b.toString(16).padStart(2, '0')).join('');
}
