/** The days of the office, whatever zone the tablet is set to. Days are ISO texts: '2026-10-05'. */

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

const shapes = new Map(); // zone -> its format, which is slow to make

function shape(timeZone) {
  if (!shapes.has(timeZone)) shapes.set(timeZone, newShape(timeZone));
  return shapes.get(timeZone);
}

function newShape(timeZone) {
  const shape = { dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23' };
  try {
    return new Intl.DateTimeFormat('en-GB', { ...shape, timeZone });
  } catch {
    return new Intl.DateTimeFormat('en-GB', shape); // a zone that this browser does not know
  }
}
