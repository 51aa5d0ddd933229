/**
 * Keeps records until the server has decided about each: on the disk where the tablet has one for
 * us, in this page's memory where it has not. Owns the tablet's database, what is kept in it and in
 * which order records are offered for sending; knows no network. A record leaves the outbox for good
 * only by `settle`. Writes no time finer than the day, and nothing that orders: a disk never quite
 * forgets.
 */
import { age } from './clock.js';
import { openDB } from './vendor/idb.js';

/** @import { IDBPDatabase } from './vendor/idb.js' */
/** @import { Clock } from './clock.js' */
/** @import { AnswerRecord, AsideEntry, Decided, Decision, Entry, Kept, KeptDay, Moment, Readable, Room, StorageState, TableName, Tables, Totals, Writable } from './shapes.js' */
/** @typedef {{ settled: Promise<Decided>, settle: (receipt: Decided) => void }} Listener */
/** @typedef {{ kept: KeptDay } & Lock} Held */
/** @typedef {{ taken: Promise<void>, letGo: () => void }} Lock */

const NAME = 'hailong-kiosk';
const VERSION = 1;
const TRIES = 3;

/** Closed under our hands: by memory pressure, by "clear data", by another tab. Worth another try. */
const CLOSED = new Set(['InvalidStateError', 'AbortError', 'UnknownError', 'TransactionInactiveError']);

/** Of every entry that may be sent: the index of tablets in use is by it. */
const TURN = 0;

/** Before the id in the name of a lock: a tab has the record open. A lock ends with its page. */
const OPEN = 'hailong-open-';

/** @type {LockManager | undefined} of a browser that has them, at an address where it may */
const locks = globalThis.navigator?.locks;

/** The server has it. Everything else that is decided goes to the quarantine. */
const ARRIVED = new Set(['stored', 'repeated']);

export class Outbox {
  /** @type {Map<string, Entry>} what could not be written, by id */
  #memory = new Map();
  /** @type {Map<string, Entry>} what is on the disk, for the day the disk is wiped under this page */
  #mirror = new Map();
  /** @type {Map<string, Moment>} of what was answered in this page */
  #moments = new Map();
  /** @type {Set<string>} ids that the server put off, the longest waiting first */
  #putOff = new Set();
  /** @type {Map<string, Listener>} who wants to hear the receipt */
  #waiting = new Map();
  /** @type {Map<string, Held>} what people in this page are still answering, by id */
  #held = new Map();
  /** @type {AsideEntry[]} what was put aside and could not be written */
  #aside = [];
  #sentFromMemory = 0;
  #store;
  #clock;

  /** @type {Totals} */
  totals = { unsent: 0, quarantined: 0, sent: 0, memory: 0 };

  /**
   * @param {Store} store
   * @param {Clock} clock
   * @param {() => void} changed told when a total has changed
   */
  constructor(store, clock, changed = () => {}) {
    this.#store = store;
    this.#clock = clock;
    this.changed = changed;
  }

  /** Begin with what the disk holds. */
  async open() {
    await this.closeLeft();
    const rows = await this.#store.look('outbox', (outbox) => outbox.getAll()).catch(() => []);
    for (const entry of rows) this.#mirror.set(entry.record.response_id, entry);
    await this.count();
  }

  /**
   * Keep what a person has answered so far, under an enrolment's id: it is not sent until `put` has
   * come, with the same id, or the page has ended. Resolves to whether the disk has it.
   * @param {AnswerRecord} record
   * @param {string} enrolment
   */
  async hold(record, enrolment) {
    const id = record.response_id;
    const held = this.#held.get(id) ?? { kept: this.#clock.day(), ...takeLock(OPEN + id) };
    this.#held.set(id, held);
    if (!this.#moments.has(id)) this.#moments.set(id, this.#clock.moment());
    await held.taken; // first: what is on the disk without a lock is left
    return this.#write({ record, enrolment, kept: held.kept });
  }

  /** What a page that has ended held goes out as it stands. Another tab may be holding some. */
  async closeLeft() {
    const open = await this.#store.look('outbox', withoutTurn).catch(() => []);
    if (open.length === 0) return;
    const found = await locks?.query().catch(() => null); // after the look: each had its lock before
    const held = new Set((found?.held ?? []).map(({ name }) => name));
    const left = open.filter((id) => !held.has(OPEN + id) && !this.#held.has(id));
    await this.#store.write(['outbox'], async ({ outbox }) => {
      for (const id of left) {
        const entry = await outbox.get(id);
        if (entry) await outbox.put({ ...entry, turn: TURN });
      }
    }).catch(() => {}); // they stay open until the next time
  }

  /**
   * Keep a record under an enrolment's id. Resolves, once that is decided, to `durable`: it is on
   * the disk; `settled`: resolves to the server's receipt. The same id again keeps the first record
   * that was put; what was held under it is replaced.
   * @param {AnswerRecord} record
   * @param {string} enrolment
   */
  async put(record, enrolment) {
    const id = record.response_id;
    const held = this.#held.get(id);
    const entry = { record, enrolment, kept: held?.kept ?? this.#clock.day(), turn: TURN };
    if (!this.#moments.has(id)) this.#moments.set(id, this.#clock.moment());
    const settled = this.#hear(id);
    const durable = await this.#write(entry);
    this.#held.delete(id);
    held?.letGo();
    if (!durable && !this.#memory.has(id)) this.#memory.set(id, entry);
    await this.count();
    return { durable, settled };
  }

  /**
   * Up to `most` entries that one request may carry, all of one enrolment: what was put off, last.
   * @param {string} enrolment
   * @param {number} most
   */
  async batch(enrolment, most) {
    await this.#rescue();
    const inMemory = [...this.#memory.values()].filter((entry) => entry.enrolment === enrolment);
    if (inMemory.length > 0) return this.#timed(inMemory.slice(0, most));
    const all = () => IDBKeyRange.bound([enrolment, -Infinity], [enrolment, Infinity]);
    const read = async (/** @type {Readable<'outbox'>} */ outbox) => {
      const ids = this.#inTurn(await outbox.index('turn').getAllKeys(all()));
      const found = await Promise.all(ids.slice(0, most).map((id) => outbox.get(id)));
      return found.filter((entry) => entry !== undefined);
    };
    return this.#timed(await this.#store.look('outbox', read).catch(() => []));
  }

  /** @param {string[]} ids */
  #inTurn(ids) {
    const here = new Set(ids);
    const last = [...this.#putOff].filter((id) => here.has(id));
    return [...ids.filter((id) => !this.#putOff.has(id)), ...last];
  }

  /**
   * With the moment instead of the day where this page knows it.
   * @param {Entry[]} entries
   * @returns {Entry[]}
   */
  #timed(entries) {
    const moment = (/** @type {Entry} */ { record, kept }) =>
      this.#moments.get(record.response_id) ?? kept;
    return entries.map((entry) => ({ ...entry, kept: moment(entry) }));
  }

  /**
   * The server decided. Those that arrived are let go of, the others put aside with the reason.
   * Throws where the disk does not take that now: then they are still here, are sent again, and the
   * server knows them by their ids.
   * @param {Decision[]} decisions
   */
  async settle(decisions) {
    const onDisk = decisions.filter(({ entry }) => !this.#memory.has(entry.record.response_id));
    const { day } = this.#clock.day();
    const change = moving(onDisk, day);
    if (onDisk.length > 0) await this.#store.write(['outbox', 'quarantine', 'kept'], change);
    await this.#forgetOpen(decisions);
    for (const decision of decisions) this.#letGo(decision, day);
    await this.count();
    for (const { entry, receipt } of decisions) this.#tell(entry.record.response_id, receipt);
  }

  /**
   * What could be held on the disk but not put there was sent from memory: what is held is no news.
   * @param {Decision[]} decisions
   */
  async #forgetOpen(decisions) {
    const ids = decisions.map(({ entry }) => entry.record.response_id);
    const open = ids.filter((id) => this.#memory.has(id) && this.#mirror.has(id));
    if (open.length === 0) return;
    await this.#store.write(['outbox'], async ({ outbox }) => {
      for (const id of open) await outbox.delete(id);
    }).catch(() => {}); // sent again one day, and known by their ids
  }

  /**
   * @param {Decision} decision
   * @param {string} day
   */
  #letGo(decision, day) {
    const id = decision.entry.record.response_id;
    const entry = this.#memory.get(id);
    for (const known of [this.#mirror, this.#moments, this.#putOff, this.#memory]) known.delete(id);
    if (!entry) return;
    if (ARRIVED.has(decision.receipt)) this.#sentFromMemory += 1;
    else this.#aside.push(putAside(entry, decision, day));
  }

  /**
   * @param {string} id
   * @param {Decided} receipt
   */
  #tell(id, receipt) {
    this.#waiting.get(id)?.settle(receipt);
    this.#waiting.delete(id);
  }

  /**
   * The server put these off: others first, for as long as this page is open.
   * @param {Entry[]} entries
   */
  makeWay(entries) {
    for (const { record } of entries) {
      const id = record.response_id;
      this.#putOff.delete(id);
      this.#putOff.add(id);
      const entry = this.#memory.get(id);
      if (!entry) continue;
      this.#memory.delete(id);
      this.#memory.set(id, entry);
    }
  }

  /**
   * Staff want what was put aside to be sent once more: the reason may be gone, or the server may
   * have had it from a file since. What is refused again comes back here.
   */
  async tryAside() {
    for (const entry of this.#aside.splice(0)) {
      this.#memory.set(entry.record.response_id, takenBack(entry));
    }
    await this.#store.write(['outbox', 'quarantine'], async ({ outbox, quarantine }) => {
      for (const entry of await quarantine.getAll()) await outbox.put(takenBack(entry));
      await quarantine.clear();
    }).catch(() => {}); // they stay aside
    await this.count();
  }

  /**
   * After the disk was wiped under this page: write again what this page knows. What another tab
   * has sent meanwhile is among it; the server knows those by their ids.
   */
  async restore() {
    for (const entry of this.#mirror.values()) await this.#write(entry);
    await this.count();
  }

  /** The age in seconds of what has waited longest; 0 where nothing waits. */
  async oldest() {
    const now = this.#clock.moment();
    const { unsent } = await this.all();
    return Math.max(0, ...unsent.map((entry) => age(entry.kept, now).seconds));
  }

  /** Everything that is not sent, and everything put aside. */
  async all() {
    const [outbox, quarantine] = await Promise.all([
      this.#store.look('outbox', (rows) => rows.getAll()).catch(() => []),
      this.#store.look('quarantine', (rows) => rows.getAll()).catch(() => []),
    ]);
    const closed = outbox.filter(({ turn }) => turn !== undefined);
    const unsent = this.#timed([...closed, ...this.#memory.values()]);
    return { unsent, quarantined: [...quarantine, ...this.#aside] };
  }

  /** Count anew: another tab of this tablet may have changed the outbox too. */
  async count() {
    const [unsent, quarantined] = await Promise.all([
      this.#store.look('outbox', (rows) => rows.index('turn').count()).catch(() => 0),
      this.#store.look('quarantine', (rows) => rows.count()).catch(() => 0),
    ]);
    const sent = ((await this.#store.get('sent')) ?? 0) + this.#sentFromMemory;
    const memory = this.#memory.size;
    const totals = {
      unsent: unsent + memory,
      quarantined: quarantined + this.#aside.length,
      sent,
      memory,
    };
    const before = new Map(Object.entries(this.totals));
    const isNews = Object.entries(totals).some(([name, number]) => before.get(name) !== number);
    this.totals = totals;
    if (isNews) this.changed();
    return totals;
  }

  /** @param {string} id */
  #hear(id) {
    const known = this.#waiting.get(id);
    if (known) return known.settled;
    /** @type {Listener['settle']} */
    let settle = () => {};
    /** @type {Listener['settled']} */
    const settled = new Promise((resolve) => {
      settle = resolve;
    });
    this.#waiting.set(id, { settled, settle });
    return settled;
  }

  /**
   * Whatever is open gives way; what may be sent already stays as it is.
   * @param {Entry} entry
   */
  #write(entry) {
    const id = entry.record.response_id;
    const written = this.#store.write(['outbox'], async ({ outbox }) => {
      const before = await outbox.get(id);
      if (before?.turn === undefined) await outbox.put(entry);
    });
    return written.then(
      () => Boolean(this.#mirror.set(id, entry)),
      () => false,
    );
  }

  /** What had to stay in memory goes to the disk as soon as there is one. */
  async #rescue() {
    for (const [id, entry] of this.#memory) {
      if (!(await this.#write(entry))) return;
      this.#memory.delete(id);
    }
  }
}

/**
 * The ids of what is in no turn to be sent: read from keys alone, however much waits.
 * @param {Readable<'outbox'>} outbox
 */
async function withoutTurn(outbox) {
  const [all, inTurn] = await Promise.all([outbox.getAllKeys(), outbox.index('turn').getAllKeys()]);
  const closed = new Set(inTurn);
  return all.filter((id) => !closed.has(id));
}

/**
 * The change of the tables that these decisions of this day are.
 * @param {Decision[]} decisions
 * @param {string} day
 * @returns {(tables: Writable<TableName>) => Promise<void>}
 */
function moving(decisions, day) {
  return async ({ outbox, quarantine, kept }) => {
    let sent = Number((await kept.get('sent')) ?? 0);
    for (const decision of decisions) {
      const id = decision.entry.record.response_id;
      const entry = await outbox.get(id);
      if (!entry) continue; // another tab was first
      if (ARRIVED.has(decision.receipt)) sent += 1;
      else await quarantine.put(putAside(entry, decision, day));
      await outbox.delete(id);
    }
    await kept.put(sent, 'sent');
  };
}

/**
 * @param {Entry} entry
 * @param {Decision} decision
 * @param {string} on
 * @returns {AsideEntry}
 */
const putAside = (entry, { receipt, problems = [] }, on) => ({ ...entry, receipt, problems, on });

/**
 * @param {AsideEntry} aside
 * @returns {Entry}
 */
const takenBack = ({ record, enrolment, kept }) => ({ record, enrolment, kept, turn: TURN });

/**
 * The tablet's own database: opening it, opening it again when the system has closed it, and what
 * durable means. Knows no record.
 */
export class Store {
  /** @type {Promise<IDBPDatabase<Tables>> | null} */
  #opening = null;
  #isLooking = false;

  /**
   * Why nothing can be kept; 'missing': no database here.
   * @type {null | 'missing' | 'full'}
   */
  trouble = null;

  /**
   * Called each time the database was opened anew: what was in it may be gone.
   * @type {() => unknown}
   */
  reopened = () => {};

  /**
   * The value kept under a name; undefined where there is none or no database.
   * @template {keyof Kept} Name
   * @param {Name} name
   */
  async get(name) {
    const found = await this.look('kept', (kept) => kept.get(name)).catch(() => undefined);
    return /** @type {Kept[Name] | undefined} */ (found);
  }

  /**
   * Keep a value under a name; false where that is not possible now.
   * @template {keyof Kept} Name
   * @param {Name} name
   * @param {Kept[Name]} value
   */
  async set(name, value) {
    return this.write(['kept'], (tables) => tables.kept.put(value, name)).then(
      () => true,
      () => false,
    );
  }

  /**
   * Read from one table. Throws where there is no database.
   * @template {TableName} T
   * @template R
   * @param {T} table
   * @param {(rows: Readable<T>) => Promise<R>} read
   */
  look(table, read) {
    return this.#attempt((db) => read(db.transaction(table).objectStore(table)));
  }

  /**
   * Change tables in one transaction: all of it, or nothing. Resolves once it is on the disk as
   * far as the browser can tell (strict durability); throws where it is not.
   * @template {TableName} T
   * @template R
   * @param {T[]} names
   * @param {(tables: Writable<T>) => Promise<R>} change
   */
  async write(names, change) {
    const result = await this.#attempt(async (db) => {
      const transaction = db.transaction(names, 'readwrite', { durability: 'strict' });
      /** @type {unknown} */
      const tables = Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]));
      const changing = Promise.resolve(change(/** @type {Writable<T>} */ (tables)));
      const changed = changing.catch((error) => abort(transaction, error));
      return (await Promise.all([changed, transaction.done]))[0];
    });
    // Small notes may still find room where an answer did not.
    if (this.trouble !== 'full' || names.some((name) => name === 'outbox')) this.trouble = null;
    return result;
  }

  /**
   * @template R
   * @param {(db: IDBPDatabase<Tables>) => Promise<R>} action
   */
  async #attempt(action) {
    for (let left = TRIES; ; left -= 1) {
      try {
        return await action(await this.#open());
      } catch (error) {
        if (left > 1 && this.#opening && CLOSED.has(nameOf(error))) this.#forget();
        else throw this.#named(error);
      }
    }
  }

  /** @param {unknown} error */
  #named(error) {
    if (nameOf(error) === 'QuotaExceededError') this.trouble = 'full';
    else if (!this.#opening || error instanceof DOMException) this.trouble = 'missing';
    return error;
  }

  #open() {
    if (this.#opening) return this.#opening;
    /** @type {Promise<IDBPDatabase<Tables>>} */
    const opening = openDB(NAME, VERSION, {
      upgrade: build,
      blocking: () => this.#forget(), // someone deletes it: do not stand in the way
      terminated: () => this.#forget(),
    });
    this.#opening = opening.catch((error) => {
      this.#opening = null;
      throw error;
    });
    return this.#opening;
  }

  /** Let go of a connection that is closed or should be, and look at what the next one holds. */
  #forget() {
    const closed = this.#opening;
    this.#opening = null;
    closed?.then((db) => db.close()).catch(() => {});
    if (this.#isLooking) return;
    this.#isLooking = true;
    setTimeout(() => this.#look(), 0);
  }

  /** Once, however often the connection is lost meanwhile: a damaged disk may lose every one. */
  async #look() {
    try {
      await this.reopened();
    } finally {
      this.#isLooking = false;
    }
  }
}

/**
 * Take a lock and hold it until `letGo`, or the page ends. Nothing in a browser that has none.
 * @param {string} name
 * @returns {Lock}
 */
function takeLock(name) {
  /** @type {() => void} */
  let letGo = () => {};
  /** @type {Promise<void>} */
  const held = new Promise((resolve) => {
    letGo = resolve;
  });
  /** @type {Promise<void>} */
  const taken = new Promise((resolve) => {
    const hold = () => {
      resolve();
      return held;
    };
    if (locks) locks.request(name, hold).catch(resolve);
    else resolve();
  });
  return { taken, letGo };
}

/** @param {unknown} error */
const nameOf = (error) => (error instanceof Error ? error.name : '');

/**
 * @param {{ abort: () => void }} transaction
 * @param {unknown} error
 * @returns {never}
 */
function abort(transaction, error) {
  try {
    transaction.abort();
  } catch {
    // it has ended already
  }
  throw error;
}

/** @param {IDBPDatabase<Tables>} db */
function build(db) {
  db.createObjectStore('kept');
  const outbox = db.createObjectStore('outbox', { keyPath: 'record.response_id' });
  outbox.createIndex('turn', ['enrolment', 'turn']);
  db.createObjectStore('quarantine', { keyPath: 'record.response_id' });
}

/** Whether the browser promises to keep what is on this tablet, and how much there is. */
export class Storage {
  #store;
  #persisted = false;

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
  }

  /** Ask the browser not to clear this by itself; its answer is shown to staff. */
  async ask() {
    const { storage } = navigator;
    const ask = async () => (await storage?.persisted?.()) || storage?.persist?.();
    this.#persisted = Boolean(await ask().catch(() => false));
  }

  /**
   * As it is now.
   * @returns {StorageState}
   */
  get state() {
    return this.#store.trouble ?? (this.#persisted ? 'granted' : 'denied');
  }

  /**
   * In bytes; null where the browser does not say.
   * @returns {Promise<Room | null>}
   */
  async room() {
    const found = await navigator.storage?.estimate?.().catch(() => null);
    if (found?.usage === undefined || found.quota === undefined) return null;
    return { used: found.usage, quota: found.quota };
  }
}
