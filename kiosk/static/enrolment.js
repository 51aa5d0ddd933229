/**
 * Who this tablet is: its secrets, one for each time it was paired, and the pairing itself. The
 * present enrolment is the last; the earlier ones stay, for the records that were answered under
 * them. Notices when a browser that was paired has lost what it kept.
 */

const KEPT = 'enrolments';
const PENDING = 'pending';
const WITNESS = 'hailong-kiosk'; // outlives a database that was cleared alone; holds an id and a number

export class Enrolment {
  #store;
  #pending = null; // {code, secret} of the pairing that runs
  all = []; // [{device, secret, code, counter}]

  constructor(store) {
    this.#store = store;
  }

  /** Read what is kept; true where this tablet is paired. */
  async open() {
    this.all = (await this.#store.get(KEPT)) ?? [];
    return this.all.length > 0;
  }

  /** The enrolment under which answers are given now; undefined where there is none. */
  get present() {
    return this.all[this.all.length - 1];
  }

  /** Whether this code has paired this tablet already, now or before. */
  knows(code) {
    return this.all.some((one) => one.code === code);
  }

  /** {device, unsent} of a tablet that was paired here and of which nothing is left; else null. */
  get lost() {
    return this.all.length > 0 || this.#store.trouble ? null : readWitness();
  }

  /**
   * Ask to be paired, with a secret of our own that is written down before it is sent: where the
   * reply is lost, the same code and secret are asked again and get the same answer.
   * `ask(code, secret)`: as door.enrol. Resolves to what `ask` said.
   */
  async pair(code, ask) {
    const before = this.#pending ?? (await this.#store.get(PENDING));
    const secret = before?.code === code ? before.secret : newSecret();
    await this.#note({ code, secret });
    const outcome = await ask(code, secret);
    if (outcome.error === 'secret_taken') await this.#note(null);
    if (outcome.device !== null) await this.#take(code, secret, outcome);
    return outcome;
  }

  async #take(code, secret, { device, station }) {
    const others = this.all.filter((one) => one.device !== device);
    this.all = [...others, { device, secret, code, counter: station.counter_id }];
    await this.save();
    await this.#note(null);
    this.witness(0);
  }

  #note(pending) {
    this.#pending = pending;
    return this.#store.set(PENDING, pending);
  }

  /** Write down who we are: after pairing, and after the disk was wiped under an open page. */
  save() {
    return this.#store.set(KEPT, this.all);
  }

  /** Whether the disk was wiped; null where it cannot be read now. */
  async isWiped() {
    const read = (kept) => kept.get(KEPT);
    return this.#store.look('kept', read).then(
      (found) => !found,
      () => null,
    );
  }

  /** Whether another tab has paired this tablet anew. */
  async isOutdated() {
    const kept = (await this.#store.get(KEPT)) ?? [];
    const last = kept[kept.length - 1];
    // One that we had before is no other tab's: a pairing of this page is being written down.
    return kept.length > 0 && !this.all.some((one) => one.device === last.device);
  }

  /** Leave word, apart from the database, that this is a paired tablet. Browsers keep the time of it. */
  witness(unsent) {
    try {
      localStorage.setItem(WITNESS, JSON.stringify({ device: this.present.device, unsent }));
    } catch {
      // no such place here: then nothing but the database can tell
    }
  }
}

function readWitness() {
  try {
    return JSON.parse(localStorage.getItem(WITNESS));
  } catch {
    return null;
  }
}

/** A pairing code as it is compared: people write it with a hyphen, spaces, or capitals. */
export const plain = (code) => code.toLowerCase().replace(/[^a-z0-9]/g, '');

/** 32 random bytes, base64url. */
function newSecret() {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  const text = btoa(String.fromCharCode(...bytes));
  return text.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
}
