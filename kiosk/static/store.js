/**
 * The tablet's own database. Owns opening it, opening it again when the system has closed it, and
 * what durable means. Knows no record and no network.
 */
import { openDB } from './vendor/idb.js';

const NAME = 'hailong-kiosk';
const VERSION = 1;
const TRIES = 3;

/** Closed under our hands: by memory pressure, by "clear data", by another tab. Worth another try. */
const CLOSED = new Set(['InvalidStateError', 'AbortError', 'UnknownError', 'TransactionInactiveError']);

export class Store {
  #opening = null;
  #isLooking = false;

  /** Why nothing can be kept: null, 'missing' (no database here) or 'full'. */
  trouble = null;

  /** Called each time the database was opened anew: what was in it may be gone. */
  reopened = () => {};

  /** The value kept under a name; undefined where there is none or no database. */
  async get(name) {
    return this.look('kept', (kept) => kept.get(name)).catch(() => undefined);
  }

  /** Keep a value under a name; false where that is not possible now. */
  async set(name, value) {
    return this.write(['kept'], (tables) => tables.kept.put(value, name)).then(
      () => true,
      () => false,
    );
  }

  /** Read from one table. Throws where there is no database. */
  look(table, read) {
    return this.#attempt((db) => read(db.transaction(table).objectStore(table)));
  }

  /**
   * Change tables in one transaction: all of it, or nothing. Resolves once it is on the disk as
   * far as the browser can tell (strict durability); throws where it is not.
   */
  async write(names, change) {
    const result = await this.#attempt(async (db) => {
      const transaction = db.transaction(names, 'readwrite', { durability: 'strict' });
      const tables = Object.fromEntries(names.map((name) => [name, transaction.objectStore(name)]));
      const changed = Promise.resolve(change(tables)).catch((error) => abort(transaction, error));
      return (await Promise.all([changed, transaction.done]))[0];
    });
    // Small notes may still find room where an answer did not.
    if (this.trouble !== 'full' || names.includes('outbox')) this.trouble = null;
    return result;
  }

  async #attempt(action) {
    for (let left = TRIES; ; left -= 1) {
      try {
        return await action(await this.#open());
      } catch (error) {
        if (left > 1 && this.#opening && CLOSED.has(error.name)) this.#forget();
        else throw this.#named(error);
      }
    }
  }

  #named(error) {
    if (error.name === 'QuotaExceededError') this.trouble = 'full';
    else if (!this.#opening || error instanceof DOMException) this.trouble = 'missing';
    return error;
  }

  #open() {
    this.#opening ??= openDB(NAME, VERSION, {
      upgrade: build,
      blocking: () => this.#forget(), // someone deletes it: do not stand in the way
      terminated: () => this.#forget(),
    }).catch((error) => {
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

function abort(transaction, error) {
  try {
    transaction.abort();
  } catch {
    // it has ended already
  }
  throw error;
}

function build(db) {
  db.createObjectStore('kept');
  const outbox = db.createObjectStore('outbox', { keyPath: 'record.response_id' });
  outbox.createIndex('turn', ['enrolment', 'turn']);
  db.createObjectStore('quarantine', { keyPath: 'record.response_id' });
}
