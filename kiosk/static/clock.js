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

const DAY = 86_400_000;
const FUTURE = -60; // seconds; the age of a moment below this is no age
const BEFORE_NOON = FUTURE - DAY / 2000; // seconds; noon stands for the day
const OLDEST = 3650 * 86_400; // seconds; the server takes no higher age
const MOVED = 60; // seconds; a smaller change of the offset is not written down
const ASTRAY = 3_600; // seconds; a clock wrong by less moves no answer to another day

export class Clock {
  #keep;
  #session = newId();
  #last = null;
  #kept = null;
  #isOpen = false;
  #isFresh = false;

  /** The office's time zone; undefined: as the tablet is set. */
  zone = undefined;

  /** `keep(notes)`: called with notes that must outlive the page, to be given back to `open`. */
  constructor(keep = () => {}) {
    this.#keep = keep;
    this.notes = { era: newId(), offset: null, contact: null };
  }

  /** Begin with the notes of the last session. */
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
    const now = { steady: performance.now(), calendar: Date.now() };
    const last = this.#last ?? now;
    const drift = now.calendar - last.calendar - (now.steady - last.steady);
    this.#last = now;
    if (Math.abs(drift) > DAY) this.#change({ offset: null });
    else this.#remember();
  }

  /** The moment, for memory alone. */
  moment() {
    this.note();
    const { era, offset } = this.notes;
    return { ...this.#last, session: this.#session, era, offset, zone: this.zone };
  }

  /** For the disk: the day, and by how many days the server was ahead; null: it is the calendar's. */
  day() {
    const { calendar, era, offset } = this.moment();
    const day = dayOf(calendar + (offset ?? 0) * 1000, this.zone);
    return { day, era, shift: offset === null ? null : wholeDays(offset) };
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

  /** The notes for the disk: `seen` and `contact` are days. */
  get kept() {
    const { era, offset, contact } = this.notes;
    return { era, offset: this.#settled(offset), seen: this.today, contact: this.#day(contact) };
  }

  /** A difference that hardly moved stays as it was: each writing would be a tick on the disk. */
  #settled(offset) {
    const before = this.#kept?.offset ?? null;
    const stays = offset !== null && before !== null && Math.abs(offset - before) <= MOVED;
    return stays ? before : offset && Math.round(offset);
  }

  #day(moment) {
    return typeof moment === 'number' ? dayOf(moment, this.zone) : moment;
  }

  #change(news) {
    this.#remember({ era: newId(), ...news });
  }

  /** Write the notes down where they say something new: a few times a day. */
  #remember(news = {}) {
    this.notes = { ...this.notes, ...news };
    if (!this.#isOpen) return; // what the last session noted comes first
    const { kept } = this;
    const isNews = !this.#kept || Object.keys(kept).some((name) => kept[name] !== this.#kept[name]);
    if (!isNews) return;
    this.#kept = kept;
    this.#keep(kept);
  }
}

/**
 * {seconds, doubtful}: the age, at the moment `now` of Clock.moment, of what was kept with `then` of
 * Clock.moment or Clock.day. Doubtful where the calendar jumped and nothing tells surely by how much.
 */
export function age(then, now) {
  const { calendar, corrected, least, isVague } = elapsed(then, now);
  const possible = (seconds) => seconds >= least && seconds <= OLDEST;
  const known = corrected !== null;
  if (known && possible(corrected)) return reckoned(corrected, false);
  if (!known && then.era === now.era && possible(calendar)) return reckoned(calendar, isVague);
  if (then.session === now.session) return reckoned((now.steady - then.steady) / 1000, true);
  // Put right unseen before it was answered: the era's old difference is impossible, not the calendar.
  return reckoned(known && possible(calendar) ? calendar : 0, true);
}

/** Seconds by the calendar, and corrected by both offsets or null. `isVague`: perhaps another day. */
function elapsed(then, now) {
  if (then.day !== undefined) return sinceDay(then, now);
  const known = then.offset !== null && now.offset !== null;
  const calendar = (now.calendar - then.calendar) / 1000;
  const corrected = known ? calendar + now.offset - then.offset : null;
  return { calendar, corrected, least: FUTURE, isVague: false };
}

/** The same for a day: since its noon, far from both midnights. */
function sinceDay({ day, shift }, { calendar: now, offset, zone }) {
  const known = shift !== null && offset !== null;
  const since = (moment) => (wall(moment, zone) - noonOf(day)) / 1000;
  return {
    calendar: since(now) + (shift ?? 0) * (DAY / 1000),
    corrected: known ? since(now + offset * 1000) : null,
    least: BEFORE_NOON,
    isVague: offset === null || Math.abs(offset - wholeDays(offset) * (DAY / 1000)) > ASTRAY,
  };
}

const wholeDays = (seconds) => Math.round((seconds * 1000) / DAY);
const reckoned = (seconds, doubtful) => ({ seconds: Math.max(0, Math.round(seconds)), doubtful });

// Days of the office, whatever zone the tablet is set to, are ISO texts: '2026-10-05'.

/** Milliseconds of a zone's wall clock, counted as if it were UTC's; undefined: the tablet's zone. */
export function wall(milliseconds, timeZone) {
  const parts = shape(timeZone).formatToParts(milliseconds);
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
}

/** The day of a moment. */
export const dayOf = (milliseconds, timeZone) =>
  new Date(wall(milliseconds, timeZone)).toISOString().slice(0, 10);

/** The noon of a day, comparable with `wall`. */
export const noonOf = (day) => Date.parse(`${day}T12:00:00Z`);

function shape(timeZone) {
  try {
    const asked = { dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23', timeZone };
    return new Intl.DateTimeFormat('en-GB', asked);
  } catch {
    return shape(); // a zone that this browser does not know
  }
}
