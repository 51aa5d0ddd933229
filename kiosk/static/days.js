/** The days of the office, whatever zone the tablet is set to. Days are ISO texts: '2026-10-05'. */

/** Milliseconds of a zone's wall clock, counted as if it were UTC's; undefined: the tablet's zone. */
export function wall(milliseconds, timeZone) {
  const found = Object.fromEntries(
    shape(timeZone)
      .formatToParts(milliseconds)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year, month, day, hour, minute, second } = found;
  return Date.UTC(year, month - 1, day, hour, minute, second);
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
  const digits = '2-digit';
  const asked = {
    year: 'numeric',
    month: digits,
    day: digits,
    hour: digits,
    minute: digits,
    second: digits,
    hourCycle: 'h23',
  };
  try {
    return new Intl.DateTimeFormat('en-GB', { ...asked, timeZone });
  } catch {
    return new Intl.DateTimeFormat('en-GB', asked); // a zone that this browser does not know
  }
}
