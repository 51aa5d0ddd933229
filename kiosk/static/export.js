/**
 * The file with everything that is not sent, for `hailong kiosk import`. Owns its format and its
 * signature: each part is signed with the secret under which its answers were given.
 */
import { age } from './clock.js';
import { dayOf } from './days.js';

export const FORMAT = 'hailong.kiosk-export/1';

/**
 * {name, text}. `entries`: of the outbox and the quarantine; `enrolments`: of this tablet; `now`:
 * Clock.moment; `timezone`: the office's, in whose days answers are dated.
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
  const { device } = enrolments[enrolments.length - 1];
  const name = `hailong-kiosk-${device}-${dayOf(trueTime(now), timezone)}.json`;
  return { name, text: JSON.stringify({ format: FORMAT, device, parts }) };
}

/** Offer a text as a file to be saved. */
export function save({ name, text }) {
  const address = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

function dated({ record, kept }, counter, now, timezone) {
  const { seconds, doubtful } = age(kept, now);
  const answered = dayOf(trueTime(now) - seconds * 1000, timezone);
  const clock = doubtful || now.offset === null;
  return { ...record, answered_on: answered, clock_doubtful: clock, counter };
}

/** The server's time as far as we know it, in milliseconds. */
const trueTime = ({ calendar, offset }) => calendar + (offset ?? 0) * 1000;

/** HMAC-SHA-256 under SHA-256(secret), which is all that the server has of the secret; hex. */
async function sign(secret, text) {
  const { subtle } = crypto;
  const bytes = (string) => new TextEncoder().encode(string);
  const material = await subtle.digest('SHA-256', bytes(secret));
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await subtle.importKey('raw', material, algorithm, false, ['sign']);
  const signature = await subtle.sign('HMAC', key, bytes(text));
  return Array.from(new Uint8Array(signature), (b) => b.toString(16).padStart(2, '0')).join('');
}
