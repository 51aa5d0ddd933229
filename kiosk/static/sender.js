/**
 * Sends what the outbox holds, for as long as it holds anything. Owns the rhythm: when to try, how
 * much at once, how long to wait. One sender at a time on a tablet, whatever tabs are open.
 */
import { age } from './clock.js';

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 300_000;
const MOST_AT_ONCE = 50;

export class Sender {
  #running = false;
  #again = false;
  #wake = () => {};
  #most = MOST_AT_ONCE;
  #failures = 0;
  #outbox;
  #clock;
  #send;
  #enrolments;
  #changed;
  #askTime;

  /**
   * `send(secret, records)`: one try, as door.js promises it. `enrolments()`: [{device, secret}],
   * all that this tablet ever had, the present one last. `changed(state, news)`: told {connected,
   * closed, retryAt} and which of these are new; `retryAt` (performance.now) is null unless a pause runs. `askTime()`: asks the server
   * for its time before the first ages are reckoned in a session.
   */
  constructor({ outbox, clock, send, enrolments, changed = () => {}, askTime = async () => {} }) {
    this.#outbox = outbox;
    this.#clock = clock;
    this.#send = send;
    this.#enrolments = enrolments;
    this.#changed = changed;
    this.#askTime = askTime;
    this.state = { connected: true, closed: false, retryAt: null };
  }

  /**
   * Send now: also in the middle of a pause, unless the server asked for it. During a round another
   * one follows: the line may have come back after that round gave it up.
   */
  flush() {
    this.#again = true;
    this.#wake();
    if (!this.#running) this.#run();
  }

  async #run() {
    this.#running = true;
    while (this.#again) {
      this.#again = false;
      const { moved, left, wait } = await this.#turn();
      this.#failures = moved ? 0 : this.#failures + 1;
      if (left && !moved && (wait > 0 || !this.#again)) await this.#pause(wait);
      if (left) this.#again = true;
    }
    this.#running = false;
    this.#failures = 0;
    this.#most = MOST_AT_ONCE;
    this.#tell({ retryAt: null });
  }

  /** A round; one that breaks off (no lock to be had, for example) is a failure like any other. */
  #turn() {
    return alone(() => this.#round()).catch(() => ({ moved: false, left: true, wait: 0 }));
  }

  /** One request for each enrolment that has something to send. */
  async #round() {
    const result = { moved: false, left: false, wait: 0 };
    const all = this.#enrolments();
    for (const { device, secret } of [...all].reverse()) {
      const entries = await this.#outbox.batch(device, this.#most);
      if (entries.length === 0) continue;
      const outcome = await this.#try(secret, entries);
      const present = device === all[all.length - 1].device;
      this.#tell({ connected: outcome.connected, ...(present && { closed: outcome.closed }) });
      result.left = true;
      result.moved = outcome.moved || result.moved;
      result.wait = Math.max(result.wait, outcome.wait);
    }
    return result;
  }

  async #try(secret, entries) {
    this.#tell({ retryAt: null });
    if (!this.#clock.isFresh) await this.#askTime();
    const outcome = await this.#send(secret, entries.map((entry) => outgoing(entry, this.#clock)));
    if (outcome.time) this.#clock.heard(outcome.time.time, outcome.time.asked, outcome.time.answered);
    const decisions = decided(outcome, entries);
    const settled = decisions.length > 0 && (await this.#settle(decisions));
    if (settled) this.#most = Math.min(this.#most * 2, MOST_AT_ONCE);
    const undecided = entries.length - decisions.length;
    const divided = !settled && this.#divide(outcome, entries);
    if (undecided > 0 && outcome.reached && !divided) await this.#outbox.makeWay(entries);
    return { ...outcome, moved: settled || divided };
  }

  #settle(decisions) {
    return this.#outbox.settle(decisions).then(
      () => true,
      () => false,
    );
  }

  /** The request was too much for the server, or for a box in between: send less at once. */
  #divide({ tooLarge, misread, reached, connected }, entries) {
    if (entries.length === 1) return false;
    const stuck = reached && !connected && this.#failures > 1; // one of them may be what it minds
    if (!(tooLarge || misread || stuck)) return false;
    this.#most = Math.max(1, Math.floor(entries.length / 2));
    return !stuck;
  }

  /** Wait longer after each failure, never in step with other tablets, never less than asked. */
  #pause(asked) {
    const doubled = Math.min(FIRST_WAIT * 2 ** (this.#failures - 1), LONGEST_WAIT);
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
    this.state = { ...this.state, ...news };
    this.#changed(this.state, news);
  }
}

/** What the server decided about, and what is too large even alone: nobody will ever take that. */
function decided({ receipts, problems, tooLarge }, entries) {
  if (tooLarge && entries.length === 1) return [{ entry: entries[0], receipt: 'too_large' }];
  return entries.flatMap((entry) => {
    const id = entry.record.response_id;
    const receipt = receipts.get(id);
    if (receipt === undefined || receipt === 'later') return [];
    return [{ entry, receipt, problems: problems?.get(id) }];
  });
}

/** The record as it goes out: with its age, which grows from try to try and is no part of it. */
function outgoing({ record, kept }, clock) {
  const { seconds, doubtful } = age(kept, clock.moment());
  return { ...record, age_s: seconds, ...(doubtful && { clock_doubtful: true }) };
}

/** Only one tab of this tablet at a time, where the browser can arrange that. */
function alone(action) {
  const { locks } = navigator;
  return locks ? locks.request('hailong-kiosk-sender', action) : action();
}
