/**
 * Keeps records until the server has decided about each, and sends them until it has.
 * Owns keeping, order, and the rhythm of retries. Keeps them in memory: they outlive the citizen's
 * form and a dead server, not the page. A store on the device goes behind `put` and `#settle`.
 */

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;
const MOST_AT_ONCE = 50;

/**
 * Seconds since a moment, by two clocks. The steady one is right where the calendar was corrected
 * in between; the calendar is right where the tablet slept in between. A gap between the two that
 * no sleep explains (14 days) is a correction.
 */
export function age(then, now) {
  const steady = now.steady - then.steady;
  const calendar = now.calendar - then.calendar;
  const slept = calendar - steady;
  const sleeping = slept > 0 && slept < 14 * 24 * 3_600_000;
  return Math.round((sleeping ? calendar : steady) / 1000);
}

const clocks = () => ({ steady: performance.now(), calendar: Date.now() });

export class Outbox {
  #entries = new Map(); // id -> {record, kept, settle}
  #most = MOST_AT_ONCE;
  #running = false;
  #wake = () => {};
  #send;
  #changed;

  /**
   * `send(records)`: one try, as door.js promises it. `changed(state)`: told after each change
   * {unsent, connected, closed, retryAt}; `retryAt` (performance.now) is null while a try runs.
   */
  constructor(send, changed = () => {}) {
    this.#send = send;
    this.#changed = changed;
    this.state = { unsent: 0, connected: true, closed: false, retryAt: null };
  }

  /**
   * Keep a record and send it. Resolves to the server's receipt (stored, repeated, conflict,
   * refused), and not before there is one. Putting the same id again keeps the first record.
   */
  put(record) {
    const known = this.#entries.get(record.response_id);
    if (known) return known.settled;
    const entry = { record, kept: clocks() };
    entry.settled = new Promise((resolve) => {
      entry.settle = resolve;
    });
    this.#entries.set(record.response_id, entry);
    this.#tell({});
    this.flush();
    return entry.settled;
  }

  /** Send now: also in the middle of a wait. */
  flush() {
    this.#wake();
    if (!this.#running) this.#run();
  }

  async #run() {
    this.#running = true;
    let failures = 0;
    while (this.#entries.size > 0) {
      this.#tell({ retryAt: null });
      const entries = [...this.#entries.values()].slice(0, this.#most);
      const outcome = await this.#send(entries.map(stamped));
      const decided = this.#settle(outcome, entries);
      this.#tell({ connected: outcome.connected, closed: outcome.closed });
      failures = decided ? 0 : failures + 1;
      if (!decided) await this.#pause(outcome.wait, failures);
    }
    this.#running = false;
    this.#most = MOST_AT_ONCE;
    this.#tell({ retryAt: null });
  }

  /** Let go of the records that the server decided about; true where the queue moved. */
  #settle(outcome, entries) {
    const decided = entries.filter((entry) => {
      const receipt = outcome.receipts.get(entry.record.response_id);
      return receipt !== undefined && receipt !== 'later';
    });
    for (const entry of decided) this.#letGo(entry, outcome.receipts.get(entry.record.response_id));
    return decided.length > 0 || this.#divide(outcome, entries) || this.#makeWay(outcome, entries);
  }

  /** The request was too much for the server: send less at once; what is too much alone is refused. */
  #divide({ tooLarge, misread }, entries) {
    if (entries.length > 1 && (tooLarge || misread)) {
      this.#most = Math.floor(entries.length / 2);
      return true;
    }
    if (tooLarge) this.#letGo(entries[0], 'refused');
    return tooLarge;
  }

  /** Undecided records go to the end, so that none of them keeps the others back. */
  #makeWay({ connected }, entries) {
    for (const entry of connected ? entries : []) {
      this.#entries.delete(entry.record.response_id);
      this.#entries.set(entry.record.response_id, entry);
    }
    return false;
  }

  #letGo(entry, receipt) {
    this.#entries.delete(entry.record.response_id);
    entry.settle(receipt);
  }

  /** Wait longer after each failure, never in step with other tablets, never less than asked. */
  #pause(asked, failures) {
    const doubled = Math.min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT);
    const wait = Math.max(asked, doubled * (0.75 + Math.random() / 2));
    this.#tell({ retryAt: performance.now() + wait });
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, wait);
      this.#wake = () => {
        if (asked > 0) return; // the server asked for this pause
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #tell(news) {
    this.state = { ...this.state, ...news, unsent: this.#entries.size };
    this.#changed(this.state);
  }
}

/** The record as it goes out: with its age, which grows from try to try and is no part of it. */
function stamped({ record, kept }) {
  return { ...record, age_s: Math.max(0, age(kept, clocks())) };
}
