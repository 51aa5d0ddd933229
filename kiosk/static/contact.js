/**
 * Tells the server from time to time how the tablet is, and hears what is new: its time, another
 * document, another app, the end of the enrolment. Owns the document that is kept on the tablet.
 */
import * as door from './door.js';

const KEPT = 'station';

export class Contact {
  #running = null;
  #again = false;
  #parts;
  document = null;
  state = { connected: true, closed: null };

  /**
   * `parts`: {store, clock, enrolment, outbox, storage, build, on}; `on`: {station(document),
   * closed(status or null), build(), changed()}.
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** The document as it was kept. */
  async open() {
    this.document = (await this.#parts.store.get(KEPT)) ?? null;
    return this.document;
  }

  /** Work from this document from now on. */
  async take(document) {
    this.document = document;
    await this.keep();
    this.#parts.on.station(document);
  }

  keep() {
    return this.#parts.store.set(KEPT, this.document);
  }

  /**
   * One heartbeat, and what follows from its reply. Only one at a time: asked for during one,
   * another follows, for what it was asked for may be news to the one that is under way.
   */
  beat() {
    this.#again = true;
    this.#running ??= this.#beats();
    return this.#running;
  }

  /** The heartbeat that is under way, or one. */
  join() {
    return this.#running ?? this.beat();
  }

  async #beats() {
    try {
      while (this.#again) {
        this.#again = false;
        await this.#beat();
      }
    } finally {
      this.#running = null;
    }
  }

  async #beat() {
    const { enrolment, clock, on, build } = this.#parts;
    const me = enrolment.present;
    if (!me) return;
    const reply = await door.heartbeat(me.secret, await this.#condition());
    if (me !== enrolment.present) return; // paired anew meanwhile
    if (reply.time) clock.heard(reply.time.time, reply.time.asked, reply.time.answered);
    this.state = { connected: reply.connected, closed: reply.closed ? reply.status : null };
    on.changed();
    if (reply.closed || reply.time) on.closed(this.state.closed);
    if (reply.digest && reply.digest !== this.document?.digest) await this.#fetch(me);
    if (reply.build && reply.build !== build) on.build();
  }

  async #fetch({ secret }) {
    const { station } = await door.station(secret);
    if (station) await this.take(station);
  }

  async #condition() {
    const { outbox, storage, build } = this.#parts;
    const { unsent, quarantined, sent } = await outbox.count();
    return {
      unsent,
      quarantined,
      oldest_s: await outbox.oldest(),
      sent,
      build,
      questionnaire: this.document?.questionnaire ?? null,
      storage: storage.state,
    };
  }
}
