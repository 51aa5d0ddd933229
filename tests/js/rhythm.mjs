/** What the sender's tests are made of: an outbox in memory, a server by hand, pauses without waiting. */
import { at } from './clocks.mjs';

// Of a browser that cannot lock: what two tabs do is tried in a real one.
Object.defineProperty(globalThis, 'navigator', { value: {}, configurable: true });

export const silence = {
  status: 0,
  receipts: new Map(),
  reached: false,
  connected: false,
  closed: false,
  tooLarge: false,
  misread: false,
  wait: 0,
  time: null,
};

/** A reply of ours that decides about no record. */
export const spoken = { ...silence, status: 200, reached: true, connected: true };

/** A reply that gives every record this receipt. */
export const answer = (records, receipt = 'stored', more = {}) => ({
  ...spoken,
  ...more,
  receipts: new Map(records.map((record) => [record.response_id, receipt])),
});

export const day = { day: '2026-09-21', era: 'e', shift: 0 };

export const entry = (id, enrolment = 'me') => ({ record: { response_id: id }, enrolment, kept: day, turn: 0 });

/** As an Outbox offers it: what was put off comes last. */
export class Box {
  settled = [];

  constructor(entries) {
    this.entries = entries;
  }

  async batch(enrolment, most) {
    return this.entries.filter((one) => one.enrolment === enrolment).slice(0, most);
  }

  async settle(decisions) {
    const done = new Set(decisions.map((decision) => decision.entry));
    this.entries = this.entries.filter((one) => !done.has(one));
    this.settled.push(...decisions.map(({ entry: one, receipt }) => [one.record.response_id, receipt]));
  }

  async makeWay(entries) {
    const late = entries.filter((one) => this.entries.includes(one));
    this.entries = [...this.entries.filter((one) => !late.includes(one)), ...late];
  }
}

/** The clock of a tablet that was heard by the server in the era of the entries. */
export const clock = () => ({
  isFresh: false,
  heard() {
    this.isFresh = true;
  },
  moment() {
    return { steady: 0, calendar: Date.now(), session: 's', era: 'e', offset: 0, zone: 'UTC' };
  },
});

const real = globalThis.setTimeout;

/**
 * Pauses pass at once, except those that `hold` keeps; returns what they were: {wait, end}, the latter
 * to end one that is kept.
 */
export function pauses({ hold = () => false } = {}) {
  const found = [];
  at(0, 0);
  globalThis.setTimeout = (action, wait) => {
    const held = hold(wait, found.length);
    found.push({ wait, end: action });
    return held ? null : real(action, 0);
  };
  return found;
}

export function passNormally() {
  globalThis.setTimeout = real;
}

/** Until what is under way has had every chance to come to its end or its pause. */
export const calm = async () => {
  for (let n = 0; n < 50; n += 1) await new Promise((resolve) => void setImmediate(resolve));
};
