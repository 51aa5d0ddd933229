/** The two clocks of a tablet, turned by hand: what the modules ask for the time is told this. */

export const START = 1.79e12; // 21 September 2026, 14:13:20 UTC
export const HOUR = 3_600;
export const DAY = 86_400;

let steady = 0;
let calendar = 0;
performance.now = () => steady * 1000;
Date.now = () => START + calendar * 1000;

/** Both, in seconds since START. */
export function at(newSteady, newCalendar) {
  steady = newSteady;
  calendar = newCalendar;
}

export const pass = (seconds) => at(steady + seconds, calendar + seconds);

/** The tablet sleeps, or somebody turns its calendar. */
export const turn = (seconds) => at(steady, calendar + seconds);
