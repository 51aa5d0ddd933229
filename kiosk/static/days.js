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

function shape(timeZone) {
  try {
    const asked = { dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23', timeZone };
    return new Intl.DateTimeFormat('en-GB', asked);
  } catch {
    return shape(); // a zone that this browser does not know
  }
}
