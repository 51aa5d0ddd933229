/**
 * How long ago something was answered, on a tablet whose calendar may be wrong, may be put right in
 * between, and which sleeps. Owns the notes about the clock; reads no record's content.
 *
 * Two clocks: the calendar (Date) survives sleep and restarts but may jump; the steady one
 * (performance.now) never jumps but stands still in sleep and ends with the page. A stretch in which
 * the calendar was not seen to jump is an era. Within one, differences of the calendar are right,
 * however wrong the calendar is. Between two, each era's difference to the server's time is needed.
 */
import { newId } from './form.js';

const DAY = 86_400_000;
const BACKWARDS = 60_000; // milliseconds; a time service sets a clock back by seconds every day
const KEPT_EVERY = 300_000; // milliseconds between two notes of an ordinary moment
const FUTURE = -60; // seconds; an age below this is no age
const OLDEST = 3650 * 86_400; // seconds; the server takes no higher age

export class Clock {
  #keep;
  #session = newId();
  #last = null;
  #kept = -Infinity;
  #isFresh = false;

  /** `keep(notes)`: called with notes that must outlive the page, to be given back to `open`. */
  constructor(keep = () => {}) {
    this.#keep = keep;
    this.notes = { era: newId(), offset: null, seen: null, contact: null };
  }

  /** Begin with the notes of the last session. */
  open(notes) {
    if (notes) this.notes = notes;
    const { seen } = this.notes;
    if (seen !== null && Date.now() < seen - BACKWARDS) this.#change({ offset: null });
    this.note();
  }

  /** Look at both clocks: call it every few seconds, and whenever something is answered. */
  note() {
    const now = { steady: performance.now(), calendar: Date.now() };
    const last = this.#last ?? now;
    const drift = now.calendar - last.calendar - (now.steady - last.steady);
    this.#last = now;
    this.notes = { ...this.notes, seen: now.calendar };
    if (Math.abs(drift) > DAY) this.#change({ offset: null });
    else if (now.steady - this.#kept > KEPT_EVERY) this.#remember();
  }

  /** The moment, to be kept with a record. */
  moment() {
    this.note();
    const { era, offset } = this.notes;
    return { ...this.#last, session: this.#session, era, offset };
  }

  /** The server told its time (seconds) in reply to a question; both moments in milliseconds. */
  heard(serverTime, asked, answered) {
    this.note();
    const offset = serverTime - (asked + answered) / 2000;
    const before = this.notes.offset;
    const news = { offset, contact: answered };
    this.#isFresh = true;
    if (before !== null && Math.abs(offset - before) * 1000 > DAY) this.#change(news);
    else this.#remember(news);
  }

  /** Seconds by which the server is ahead; null while it was not heard in this era. */
  get offset() {
    return this.notes.offset;
  }

  /** Whether the server was heard in this session, since the calendar last jumped. */
  get isFresh() {
    return this.#isFresh && this.notes.offset !== null;
  }

  #change(news) {
    this.#remember({ era: newId(), ...news });
  }

  #remember(news = {}) {
    this.notes = { ...this.notes, ...news };
    this.#kept = performance.now();
    this.#keep(this.notes);
  }
}

/**
 * {seconds, doubtful}: the age of what was kept at the moment `then`, at the moment `now`; both as
 * Clock.moment gives them. Doubtful where the calendar jumped and nothing tells surely by how much.
 */
export function age(then, now) {
  const calendar = (now.calendar - then.calendar) / 1000;
  const known = then.offset !== null && now.offset !== null;
  const corrected = known ? calendar + now.offset - then.offset : null;
  if (known && possible(corrected)) return sure(corrected);
  if (!known && then.era === now.era && possible(calendar)) return sure(calendar);
  if (then.session === now.session) return doubtful((now.steady - then.steady) / 1000);
  // Put right unseen before it was answered: the era's old difference is impossible, not the calendar.
  return doubtful(known && possible(calendar) ? calendar : 0);
}

const possible = (seconds) => seconds >= FUTURE && seconds <= OLDEST;
const sure = (seconds) => ({ seconds: Math.max(0, Math.round(seconds)), doubtful: false });
const doubtful = (seconds) => ({ seconds: Math.max(0, Math.round(seconds)), doubtful: true });
