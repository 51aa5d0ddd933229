/**
 * How long ago something was answered, on a tablet whose calendar may be wrong, may be put right in
 * between, and which sleeps. Owns the notes about the clock; reads no record's content.
 *
 * Two clocks: the calendar (Date) survives sleep and restarts but may jump; the steady one
 * (performance.now) never jumps but stands still in sleep and ends with the page. A stretch in which
 * the calendar was not seen to jump is an era. Within one, differences of the calendar are right,
 * however wrong the calendar is. Between two, each era's difference to the server's time is needed.
 *
 * A page knows the moment of its answers; the disk is told days alone, as it never quite forgets.
 */
import { newId } from './form.js';

/** @import { KeptDay, KeptNotes, Moment } from './shapes.js' */
/** @typedef {{ era: string, offset: number | null, contact: string | number | null }} Notes */

const DAY = 86_400_000;
const FUTURE = -60; // seconds; the age of a moment below this is no age
const BEFORE_NOON = FUTURE - DAY / 2000; // seconds; noon stands for the day
const OLDEST = 3650 * 86_400; // seconds; the server takes no higher age
const MOVED = 60; // seconds; a smaller change of the offset is not written down
const ASTRAY = 3_600; // seconds; a clock wrong by less moves no answer to another day

export class Clock {
  #keep;
  #session = newId();
  /** @type {{ steady: number, calendar: number } | null} */
  #last = null;
  /** @type {KeptNotes | null} */
  #kept = null;
  #isOpen = false;
  #isFresh = false;

  /**
   * The office's time zone; undefined: as the tablet is set.
   * @type {string | undefined}
   */
  zone = undefined;

  /** @type {Notes} */
  notes = { era: newId(), offset: null, contact: null };

  /** @param {(notes: KeptNotes) => void} keep told notes that must outlive the page, for `open` */
  constructor(keep = () => {}) {
    this.#keep = keep;
  }

  /**
   * Begin with the notes of the last session.
   * @param {KeptNotes | null} [notes]
   */
  open(notes) {
    this.#isOpen = true;
    if (notes) {
      const { era, offset, contact } = notes;
      this.notes = { era, offset, contact };
      this.#kept = notes;
      if (this.today < this.#day(notes.seen)) this.#change({ offset: null });
    }
    this.note();
  }

  /** The day by the calendar as it stands. */
  get today() {
    return dayOf(Date.now(), this.zone);
  }

  /** Look at both clocks: call it every few seconds, and whenever something is answered. */
  note() {
    this.#look();
  }

  #look() {
    const now = { steady: performance.now(), calendar: Date.now() };
    const last = this.#last ?? now;
    const drift = now.calendar - last.calendar - (now.steady - last.steady);
    this.#last = now;
    if (Math.abs(drift) > DAY) this.#change({ offset: null });
    else this.#remember();
    return now;
  }

  /**
   * The moment, for memory alone.
   * @returns {Moment}
   */
  moment() {
    const now = this.#look();
    const { era, offset } = this.notes;
    return { ...now, session: this.#session, era, offset, zone: this.zone };
  }

  /**
   * For the disk: the day, and by how many days the server was ahead; null: it is the calendar's.
   * @returns {KeptDay}
   */
  day() {
    const { calendar, era, offset } = this.moment();
    const day = dayOf(calendar + (offset ?? 0) * 1000, this.zone);
    return { day, era, shift: offset === null ? null : wholeDays(offset) };
  }

  /**
   * The server told its time in reply to a question.
   * @param {number} serverTime seconds
   * @param {number} asked milliseconds
   * @param {number} answered milliseconds
   */
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

  /**
   * The notes for the disk: `seen` and `contact` are days.
   * @returns {KeptNotes}
   */
  get kept() {
    const { era, offset, contact } = this.notes;
    return { era, offset: this.#settled(offset), seen: this.today, contact: this.#day(contact) };
  }

  /**
   * A difference that hardly moved stays as it was: each writing would be a tick on the disk.
   * @param {number | null} offset
   */
  #settled(offset) {
    const before = this.#kept?.offset ?? null;
    const stays = offset !== null && before !== null && Math.abs(offset - before) <= MOVED;
    return stays ? before : offset && Math.round(offset);
  }

  /**
   * @template {string | null} T
   * @param {T | number} moment
   */
  #day(moment) {
    return typeof moment === 'number' ? dayOf(moment, this.zone) : moment;
  }

  /** @param {Partial<Notes>} news */
  #change(news) {
    this.#remember({ era: newId(), ...news });
  }

  /**
   * Write the notes down where they say something new: a few times a day.
   * @param {Partial<Notes>} news
   */
  #remember(news = {}) {
    this.notes = { ...this.notes, ...news };
    if (!this.#isOpen) return; // what the last session noted comes first
    const { kept } = this;
    const before = new Map(Object.entries(this.#kept ?? {}));
    if (Object.entries(kept).every(([name, value]) => before.get(name) === value)) return;
    this.#kept = kept;
    this.#keep(kept);
  }
}

/**
 * The age, at the moment `now`, of what was kept with `then`. Doubtful where the calendar jumped and
 * nothing tells surely by how much.
 * @param {Moment | KeptDay} then
 * @param {Moment} now
 * @returns {{ seconds: number, doubtful: boolean }}
 */
export function age(then, now) {
  const { calendar, corrected, least, isVague } = elapsed(then, now);
  const possible = (/** @type {number} */ seconds) => seconds >= least && seconds <= OLDEST;
  const known = corrected !== null;
  if (known && possible(corrected)) return reckoned(corrected, false);
  if (!known && then.era === now.era && possible(calendar)) return reckoned(calendar, isVague);
  const isOfThisPage = 'session' in then && then.session === now.session;
  if (isOfThisPage) return reckoned((now.steady - then.steady) / 1000, true);
  // Put right unseen before it was answered: the era's old difference is impossible, not the calendar.
  return reckoned(known && possible(calendar) ? calendar : 0, true);
}

/**
 * Seconds by the calendar, and corrected by both offsets or null. `isVague`: perhaps another day.
 * @param {Moment | KeptDay} then
 * @param {Moment} now
 */
function elapsed(then, now) {
  if ('day' in then) return sinceDay(then, now);
  const calendar = (now.calendar - then.calendar) / 1000;
  const [before, after] = [then.offset, now.offset];
  const corrected = before === null || after === null ? null : calendar + after - before;
  return { calendar, corrected, least: FUTURE, isVague: false };
}

/**
 * The same for a day: since its noon, far from both midnights.
 * @param {KeptDay} then
 * @param {Moment} at
 */
function sinceDay({ day, shift }, { calendar: now, offset, zone }) {
  const since = (/** @type {number} */ moment) => (wall(moment, zone) - noonOf(day)) / 1000;
  return {
    calendar: since(now) + (shift ?? 0) * (DAY / 1000),
    corrected: shift === null || offset === null ? null : since(now + offset * 1000),
    least: BEFORE_NOON,
    isVague: offset === null || Math.abs(offset - wholeDays(offset) * (DAY / 1000)) > ASTRAY,
  };
}

/** @param {number} seconds */
const wholeDays = (seconds) => Math.round((seconds * 1000) / DAY);

/**
 * @param {number} seconds
 * @param {boolean} doubtful
 */
const reckoned = (seconds, doubtful) => ({ seconds: Math.max(0, Math.round(seconds)), doubtful });

// Days of the office, whatever zone the tablet is set to, are ISO texts: '2026-10-05'.

/**
 * Milliseconds of a zone's wall clock, counted as if it were UTC's; undefined: the tablet's zone.
 * @param {number} milliseconds
 * @param {string} [timeZone]
 */
export function wall(milliseconds, timeZone) {
  const parts = shape(timeZone).formatToParts(milliseconds);
  const part = (/** @type {Intl.DateTimeFormatPartTypes} */ name) =>
    Number(parts.find(({ type }) => type === name)?.value);
  const day = /** @type {const} */ ([part('year'), part('month') - 1, part('day')]);
  return Date.UTC(...day, part('hour'), part('minute'), part('second'));
}

/**
 * The day of a moment.
 * @param {number} milliseconds
 * @param {string} [timeZone]
 */
export const dayOf = (milliseconds, timeZone) =>
  new Date(wall(milliseconds, timeZone)).toISOString().slice(0, 10);

/**
 * The noon of a day, comparable with `wall`.
 * @param {string} day
 */
export const noonOf = (day) => Date.parse(`${day}T12:00:00Z`);

/**
 * @param {string} [timeZone]
 * @returns {Intl.DateTimeFormat}
 */
function shape(timeZone) {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      dateStyle: 'short',
      timeStyle: 'medium',
      hourCycle: 'h23',
      timeZone,
    });
  } catch {
    return shape(); // a zone that this browser does not know
  }
}
