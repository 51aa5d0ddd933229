/**
 * Keeps records until the server has decided about each: on the disk where the tablet has one for
 * us, in this page's memory where it has not. Owns what is kept and in which order it is offered for
 * sending; knows no network. A record leaves the outbox for good only by `settle`.
 */
import { age } from './clock.js';

/** The server has it. Everything else that is decided goes to the quarantine. */
const ARRIVED = new Set(['stored', 'repeated']);

export class Outbox {
  #memory = new Map(); // id -> entry that could not be written
  #mirror = new Map(); // id -> entry on the disk, for the day the disk is wiped under this page
  #waiting = new Map(); // id -> {settled, settle}: who wants to hear the receipt
  #aside = []; // what was put aside and could not be written
  #sentFromMemory = 0;
  #store;
  #clock;

  /** `changed()`: told when a total has changed. */
  constructor(store, clock, changed = () => {}) {
    this.#store = store;
    this.#clock = clock;
    this.changed = changed;
    this.totals = { unsent: 0, quarantined: 0, sent: 0, memory: 0 };
  }

  /** Begin with what the disk holds. */
  async open() {
    const { unsent } = await this.all();
    for (const entry of unsent) this.#mirror.set(entry.record.response_id, entry);
    await this.count();
  }

  /**
   * Keep a record under an enrolment's id. Resolves, once that is decided, to `durable`: it is on
   * the disk; `settled`: resolves to the server's receipt. The same id again keeps the first record.
   */
  async put(record, enrolment) {
    const id = record.response_id;
    const entry = { record, enrolment, kept: this.#clock.moment(), turn: Date.now() };
    const settled = this.#hear(id);
    const durable = await this.#write(entry);
    if (!durable && !this.#memory.has(id)) this.#memory.set(id, entry);
    await this.count();
    return { durable, settled };
  }

  /** Up to `most` entries that one request may carry: the longest waiting, all of one enrolment. */
  async batch(enrolment, most) {
    await this.#rescue();
    const inMemory = [...this.#memory.values()].filter((entry) => entry.enrolment === enrolment);
    if (inMemory.length > 0) return inMemory.slice(0, most);
    const all = () => IDBKeyRange.bound([enrolment, -Infinity], [enrolment, Infinity]);
    const read = (outbox) => outbox.index('turn').getAll(all(), most);
    return this.#store.look('outbox', read).catch(() => []);
  }

  /**
   * The server decided: `decisions` are {entry, receipt, problems}. Those that arrived are let go
   * of, the others put aside with the reason. Throws where the disk does not take that now: then
   * they are still here, are sent again, and the server knows them by their ids.
   */
  async settle(decisions) {
    const onDisk = decisions.filter(({ entry }) => !this.#memory.has(entry.record.response_id));
    if (onDisk.length > 0) await this.#store.write(['outbox', 'quarantine', 'kept'], moving(onDisk));
    for (const decision of decisions) this.#letGo(decision);
    await this.count();
    for (const { entry, receipt } of decisions) this.#tell(entry.record.response_id, receipt);
  }

  #letGo({ entry, receipt, problems = [] }) {
    const id = entry.record.response_id;
    this.#mirror.delete(id);
    if (!this.#memory.delete(id)) return;
    if (ARRIVED.has(receipt)) this.#sentFromMemory += 1;
    else this.#aside.push(putAside({ entry, receipt, problems }));
  }

  #tell(id, receipt) {
    this.#waiting.get(id)?.settle(receipt);
    this.#waiting.delete(id);
  }

  /** The server put these off: others first. */
  async makeWay(entries) {
    for (const { record } of entries) {
      const entry = this.#memory.get(record.response_id);
      if (!entry) continue;
      this.#memory.delete(record.response_id);
      this.#memory.set(record.response_id, entry);
    }
    const toTheEnd = async ({ outbox }) => {
      for (const { record } of entries) {
        const entry = await outbox.get(record.response_id);
        if (entry) await outbox.put({ ...entry, turn: Math.max(Date.now(), entry.turn + 1) });
      }
    };
    await this.#store.write(['outbox'], toTheEnd).catch(() => {}); // the order alone is lost
  }

  /**
   * Staff want what was put aside to be sent once more: the reason may be gone, or the server may
   * have had it from a file since. What is refused again comes back here.
   */
  async tryAside() {
    for (const entry of this.#aside.splice(0)) this.#memory.set(entry.record.response_id, entry);
    await this.#store.write(['outbox', 'quarantine'], async ({ outbox, quarantine }) => {
      for (const { receipt, problems, on, ...entry } of await quarantine.getAll()) {
        await outbox.put({ ...entry, turn: Date.now() });
      }
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
    const read = (table) => this.#store.look(table, (rows) => rows.getAll()).catch(() => []);
    const [outbox, quarantine] = await Promise.all([read('outbox'), read('quarantine')]);
    return { unsent: [...outbox, ...this.#memory.values()], quarantined: [...quarantine, ...this.#aside] };
  }

  /** Count anew: another tab of this tablet may have changed the outbox too. */
  async count() {
    const count = (table) => this.#store.look(table, (rows) => rows.count()).catch(() => 0);
    const [unsent, quarantined] = await Promise.all([count('outbox'), count('quarantine')]);
    const sent = ((await this.#store.get('sent')) ?? 0) + this.#sentFromMemory;
    const memory = this.#memory.size;
    const totals = {
      unsent: unsent + memory,
      quarantined: quarantined + this.#aside.length,
      sent,
      memory,
    };
    const isNews = Object.entries(totals).some(([name, number]) => this.totals[name] !== number);
    this.totals = totals;
    if (isNews) this.changed();
    return totals;
  }

  #hear(id) {
    const known = this.#waiting.get(id);
    if (known) return known.settled;
    const entry = {};
    entry.settled = new Promise((resolve) => {
      entry.settle = resolve;
    });
    this.#waiting.set(id, entry);
    return entry.settled;
  }

  #write(entry) {
    const id = entry.record.response_id;
    const write = async ({ outbox }) => {
      if ((await outbox.getKey(id)) === undefined) await outbox.add(entry);
    };
    return this.#store.write(['outbox'], write).then(
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

/** The change of the tables that these decisions are. */
function moving(decisions) {
  return async ({ outbox, quarantine, kept }) => {
    let sent = (await kept.get('sent')) ?? 0;
    for (const { entry, receipt, problems } of decisions) {
      const id = entry.record.response_id;
      const here = (await outbox.getKey(id)) !== undefined; // another tab may have been first
      if (!here) continue;
      if (ARRIVED.has(receipt)) sent += 1;
      else await quarantine.put(putAside({ entry, receipt, problems }));
      await outbox.delete(id);
    }
    await kept.put(sent, 'sent');
  };
}

const putAside = ({ entry, receipt, problems = [] }) => ({
  ...entry,
  receipt,
  problems,
  on: Date.now(),
});
