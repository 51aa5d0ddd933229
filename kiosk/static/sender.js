/**
 * Speaks with the server, and sends what the outbox holds for as long as it holds anything. Owns
 * addresses, patience and what counts as a reply of ours, and the rhythm: when to try, how much at
 * once, how long to wait. One sender at a time on a tablet, whatever tabs are open.
 */
import { age } from './clock.js';

/** @import { Clock } from './clock.js' */
/** @import { Outbox } from './outbox.js' */
/** @import { Decision, Entry, Health, Line, Meaning, OutgoingRecord, Pairing, Reply, Result, Sent, Station } from './shapes.js' */
/**
 * @typedef {object} Parts
 * @property {Pick<Outbox, 'batch' | 'settle' | 'makeWay'>} outbox
 * @property {Pick<Clock, 'isFresh' | 'heard' | 'moment'>} clock
 * @property {(secret: string, records: OutgoingRecord[]) => Promise<Sent>} send one try, as `send` below
 *   promises it
 * @property {() => { device: string, secret: string }[]} enrolments all that this tablet ever had, the
 *   present one last
 * @property {(state: Line, news: Partial<Line>) => void} [changed] told the state and what of it is
 *   new; `retryAt` (performance.now) is null unless a pause runs
 * @property {() => Promise<unknown>} [askTime] asks the server for its time before the first ages are
 *   reckoned in a session
 */
/** @typedef {{ moved: boolean, left: boolean, wait: number }} Round what came of it; `wait` as asked for */

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 300_000;
const MOST_AT_ONCE = 50;
const PATIENCE = 10_000; // milliseconds for one try; a slow server is asked again, under the same ids
const RECEIPTS = new Set(['stored', 'repeated', 'conflict', 'refused', 'later']);

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

  /** @type {Line} */
  state = { connected: true, closed: false, retryAt: null };

  /** @param {Parts} parts */
  constructor(parts) {
    this.#outbox = parts.outbox;
    this.#clock = parts.clock;
    this.#send = parts.send;
    this.#enrolments = parts.enrolments;
    this.#changed = parts.changed ?? (() => {});
    this.#askTime = parts.askTime ?? (async () => {});
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

  /**
   * A round; one that breaks off (no lock to be had, for example) is a failure like any other.
   * @returns {Promise<Round>}
   */
  #turn() {
    return alone(() => this.#round()).catch(() => ({ moved: false, left: true, wait: 0 }));
  }

  /**
   * One request for each enrolment that has something to send.
   * @returns {Promise<Round>}
   */
  async #round() {
    const result = { moved: false, left: false, wait: 0 };
    const all = this.#enrolments();
    for (const { device, secret } of [...all].reverse()) {
      const entries = await this.#outbox.batch(device, this.#most);
      if (entries.length === 0) continue;
      const outcome = await this.#try(secret, entries);
      const present = device === all[all.length - 1]?.device;
      this.#tell({ connected: outcome.connected, ...(present && { closed: outcome.closed }) });
      result.left = true;
      result.moved = outcome.moved || result.moved;
      result.wait = Math.max(result.wait, outcome.wait);
    }
    return result;
  }

  /**
   * @param {string} secret
   * @param {Entry[]} entries
   */
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

  /** @param {Decision[]} decisions */
  #settle(decisions) {
    return this.#outbox.settle(decisions).then(
      () => true,
      () => false,
    );
  }

  /**
   * The request was too much for the server, or for a box in between: send less at once.
   * @param {Sent} outcome
   * @param {Entry[]} entries
   */
  #divide({ tooLarge, misread, reached, connected }, entries) {
    if (entries.length === 1) return false;
    const stuck = reached && !connected && this.#failures > 1; // one of them may be what it minds
    if (!(tooLarge || misread || stuck)) return false;
    this.#most = Math.max(1, Math.floor(entries.length / 2));
    return !stuck;
  }

  /**
   * Wait longer after each failure, never in step with other tablets, never less than asked.
   * @param {number} asked milliseconds
   * @returns {Promise<void>}
   */
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

  /** @param {Partial<Line>} news */
  #tell(news) {
    this.state = { ...this.state, ...news };
    this.#changed(this.state, news);
  }
}

/**
 * What the server decided about, and what is too large even alone: nobody will ever take that.
 * @param {Sent} outcome
 * @param {Entry[]} entries
 * @returns {Decision[]}
 */
function decided({ receipts, problems, tooLarge }, entries) {
  const isAlone = entries.length === 1;
  if (tooLarge && isAlone) return entries.map((entry) => ({ entry, receipt: 'too_large' }));
  return entries.flatMap((entry) => {
    const id = entry.record.response_id;
    const receipt = receipts.get(id);
    if (receipt === undefined || receipt === 'later') return [];
    return [{ entry, receipt, problems: problems?.get(id) }];
  });
}

/**
 * The record as it goes out: with its age, which grows from try to try and is no part of it.
 * @param {Entry} entry
 * @param {Parts['clock']} clock
 * @returns {OutgoingRecord}
 */
function outgoing({ record, kept }, clock) {
  const { seconds, doubtful } = age(kept, clock.moment());
  return { ...record, age_s: seconds, ...(doubtful && { clock_doubtful: true }) };
}

/**
 * Only one tab of this tablet at a time, where the browser can arrange that.
 * @template T
 * @param {() => Promise<T>} action
 * @returns {Promise<T>}
 */
function alone(action) {
  /** @type {LockManager | undefined} */
  const locks = navigator.locks;
  return locks ? locks.request('hailong-kiosk-sender', action) : action();
}

// One function a question to the server, one try each. They never throw, and decide nothing about
// what happens next.

/**
 * Ask `path` (beside the page). `status` 0 where nothing came back; `answer` the JSON object or null;
 * the moments in milliseconds; `wait` in milliseconds, as the server asks for it.
 * @param {string} path
 * @param {{ secret?: string, body?: object }} given
 * @returns {Promise<Reply>}
 */
async function ask(path, { secret, body }) {
  const patience = new AbortController();
  const timer = setTimeout(() => patience.abort(), PATIENCE);
  const asked = Date.now();
  try {
    const reply = await fetch(path, {
      method: body ? 'POST' : 'GET',
      headers: {
        ...(body && { 'Content-Type': 'application/json' }),
        ...(secret && { Authorization: `Bearer ${secret}` }),
      },
      ...(body && { body: JSON.stringify(body) }),
      cache: 'no-store',
      credentials: 'omit',
      redirect: 'error', // a sign-in page of the office network is not our server
      signal: patience.signal,
    });
    const answered = Date.now();
    const answer = await reply.json().catch(() => null);
    const wait = secondsIn(reply.headers.get('Retry-After')) * 1000;
    return { status: reply.status, answer, asked, answered, wait };
  } catch {
    return { status: 0, answer: null, asked, answered: Date.now(), wait: 0 };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * What a reply says about the line and about us.
 * @param {Reply} reply
 * @returns {Meaning}
 */
function meaning({ status, answer, wait, asked, answered }) {
  const time = answer?.server_time;
  const ours = typeof time === 'number' || typeof answer?.error === 'string';
  return {
    status,
    reached: status > 0, // something answered, be it ours or a box in between
    connected: ours,
    closed: ours && (status === 401 || status === 403),
    wait,
    time: typeof time === 'number' ? { time, asked, answered } : null,
  };
}

/**
 * Pair; `device` null where it was not granted.
 * @param {string} code
 * @param {string} secret
 * @returns {Promise<Pairing>}
 */
export async function enrol(code, secret) {
  const reply = await ask('enrol', { body: { code, secret } });
  const { device, station: document, error } = reply.answer ?? {};
  const said = { ...meaning(reply), error: typeof error === 'string' ? error : null };
  return reply.status === 200 && typeof device === 'string'
    ? { ...said, device, station: /** @type {Station} */ (document) }
    : { ...said, device: null, station: null };
}

/**
 * The station's document; null where it did not come.
 * @param {string} secret
 */
export async function station(secret) {
  const { status, answer } = await ask('station.json', { secret });
  const ours = status === 200 && typeof answer?.questionnaire === 'string';
  return ours ? /** @type {Station} */ (/** @type {unknown} */ (answer)) : null;
}

/**
 * Say how we are; `build` and `digest` null where no reply of ours came.
 * @param {string} secret
 * @param {Health} state
 * @returns {Promise<Meaning & { build: string | null, digest: string | null }>}
 */
export async function heartbeat(secret, state) {
  const reply = await ask('heartbeat', { secret, body: { clock: Date.now() / 1000, ...state } });
  const { build, station: digest } = reply.status === 200 && reply.answer ? reply.answer : {};
  return {
    ...meaning(reply),
    build: typeof build === 'string' ? build : null,
    digest: typeof digest === 'string' ? digest : null,
  };
}

/**
 * Send records. `receipts`: id -> receipt, for the records the server spoke about; `tooLarge`,
 * `misread`: the request as a whole was not taken.
 * @param {string} secret
 * @param {OutgoingRecord[]} records
 * @returns {Promise<Sent>}
 */
export async function send(secret, records) {
  const body = { clock: Date.now() / 1000, responses: records };
  const reply = await ask('responses', { secret, body });
  const results = read(reply.answer, new Set(records.map((record) => record.response_id)));
  const said = meaning(reply);
  const connected = said.connected || results.length > 0;
  return {
    ...said,
    connected,
    receipts: new Map(results.map((result) => [result.response_id, result.receipt])),
    problems: new Map(results.map((result) => [result.response_id, result.problems ?? []])),
    tooLarge: reply.status === 413,
    misread: connected && (reply.status === 400 || reply.status === 415),
  };
}

/**
 * Only a well-formed receipt for an id that was sent counts: anything else is silence.
 * @param {Reply['answer']} answer
 * @param {Set<string>} sent
 * @returns {Result[]}
 */
function read(answer, sent) {
  /** @type {unknown[]} */
  const found = Array.isArray(answer?.results) ? answer.results : [];
  return found.filter(isResult).filter((result) => sent.has(result.response_id));
}

/**
 * @param {unknown} found
 * @returns {found is Result}
 */
function isResult(found) {
  const { response_id: id, receipt } = /** @type {Record<string, unknown>} */ (found ?? {});
  return typeof id === 'string' && typeof receipt === 'string' && RECEIPTS.has(receipt);
}

/** @param {string | null} header of a pause: seconds or a date */
function secondsIn(header) {
  if (header === null) return 0;
  const number = /^\d+$/.test(header) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(number) ? Math.min(Math.max(number, 0), 3600) : 0;
}
