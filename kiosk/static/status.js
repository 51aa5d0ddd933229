/** Gathers how the tablet is, and what somebody should look at. Changes nothing but one note. */

const HELD = 3_600; // seconds after which an unsent answer is worth a look
const CLOCK_OFF = 86_400; // seconds
const REMEMBERED = 30 * 86_400_000; // milliseconds for which a wiped disk is told
const KEPT = 'wiped';

export class Status {
  #parts;
  #wiped = null; // {on, lost}

  /** `parts`: {store, clock, enrolment, outbox, storage, contact, update, build}. */
  constructor(parts) {
    this.#parts = parts;
  }

  async open() {
    this.#wiped = (await this.#parts.store.get(KEPT)) ?? null;
  }

  /** The disk was wiped under the open page, and `lost` answers could not be written again. */
  async noteWiped(lost) {
    this.#wiped = { on: Date.now(), lost };
    await this.#parts.store.set(KEPT, this.#wiped);
  }

  /** The key of a word for the sign that staff see; null where all is well. */
  get attention() {
    const { storage, outbox, enrolment } = this.#parts;
    if (!enrolment.present) return null;
    if (['missing', 'full'].includes(storage.state)) return 'no_storage';
    return outbox.totals.quarantined > 0 || this.#isWiped ? 'look_here' : null;
  }

  /** Everything that the staff screen shows. */
  async facts(words) {
    const { enrolment, outbox, storage, contact, clock, build } = this.#parts;
    const document = contact.document;
    const totals = await outbox.count();
    const { quarantined: aside } = await outbox.all();
    const facts = {
      ...totals,
      device: enrolment.present.device,
      counter: `${words.of(document.counter)} (${document.counter_id})`,
      aside,
      oldest: await outbox.oldest(),
      contact: clock.notes.contact,
      offset: clock.offset,
      storage: storage.state,
      room: await storage.room(),
      build,
      questionnaire: document.questionnaire,
      timezone: document.timezone,
    };
    return { ...facts, alerts: this.#alerts(facts) };
  }

  get #isWiped() {
    return this.#wiped !== null && Date.now() - this.#wiped.on < REMEMBERED;
  }

  /** [{key, values}] of what somebody should do something about, the worst first. */
  #alerts({ memory, quarantined, unsent, oldest, offset, storage }) {
    const { contact, update } = this.#parts;
    const { closed } = contact.state;
    const found = [
      closed === 403 && { key: 'alert_revoked' },
      closed === 401 && { key: 'alert_unknown' },
      memory > 0 && { key: 'alert_memory', values: { count: memory } },
      storage === 'missing' && { key: 'alert_missing' },
      storage === 'full' && { key: 'alert_full' },
      this.#isWiped && { key: 'alert_wiped', values: { lost: this.#wiped.lost } },
      quarantined > 0 && { key: 'alert_quarantined', values: { count: quarantined } },
      unsent > 0 && oldest > HELD && { key: 'alert_unsent' },
      Math.abs(offset ?? 0) > CLOCK_OFF && { key: 'alert_clock' },
      storage === 'denied' && { key: 'alert_denied' },
      !update.isKept && { key: 'alert_app' },
    ];
    return found.filter(Boolean);
  }
}
