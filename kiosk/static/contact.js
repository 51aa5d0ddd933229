/**
 * Tells the server from time to time how the tablet is, and hears what is new: its time, another
 * document, another app, the end of the enrolment. Owns the document that is kept on the tablet, and
 * knows what about the tablet somebody should look at.
 */
import * as server from './sender.js';

/** @import { Clock } from './clock.js' */
/** @import { Words } from './elements.js' */
/** @import { Enrolment } from './enrolment.js' */
/** @import { Outbox, Storage, Store } from './outbox.js' */
/** @import { Facts, Health, Said, Standing, Station, Values, Wiped } from './shapes.js' */
/** @typedef {{ store: Store, clock: Clock, enrolment: Enrolment, outbox: Outbox, storage: Storage, build: string }} Parts */
/** @typedef {{ station: (document: Station) => void, closed: (status: number | null) => void, build: () => void, changed: () => void }} Listeners */

const KEPT = 'station';

const HELD = 3_600; // seconds after which an unsent answer is worth a look
const CLOCK_OFF = 86_400; // seconds
const REMEMBERED = 30 * 86_400_000; // milliseconds for which a wiped disk is told
const KEPT_WIPED = 'wiped';

export class Contact {
  /** @type {Promise<void> | null} */
  #running = null;
  #again = false;
  #parts;
  /** @type {Station | null} */
  document = null;
  /** @type {Standing} */
  state = { connected: true, closed: null };

  /** @param {Parts & { on: Listeners }} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  /** The document as it was kept. */
  async open() {
    this.document = (await this.#parts.store.get(KEPT)) ?? null;
    return this.document;
  }

  /**
   * Work from this document from now on.
   * @param {Station} document
   */
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
    const reply = await server.heartbeat(me.secret, await this.#condition());
    if (me !== enrolment.present) return; // paired anew meanwhile
    if (reply.time) clock.heard(reply.time.time, reply.time.asked, reply.time.answered);
    this.state = { connected: reply.connected, closed: reply.closed ? reply.status : null };
    on.changed();
    if (reply.closed || reply.time) on.closed(this.state.closed);
    if (reply.digest && reply.digest !== this.document?.digest) await this.#fetch(me);
    if (reply.build && reply.build !== build) on.build();
  }

  /** @param {{ secret: string }} me */
  async #fetch({ secret }) {
    const station = await server.station(secret);
    if (station) await this.take(station);
  }

  /** @returns {Promise<Health>} */
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

/** Gathers how the tablet is, and what somebody should look at. Changes nothing but one note. */
export class Status {
  #parts;
  /** @type {Wiped | null} */
  #wiped = null;

  /** @param {Parts & { contact: Contact, update: Update }} parts */
  constructor(parts) {
    this.#parts = parts;
  }

  async open() {
    this.#wiped = (await this.#parts.store.get(KEPT_WIPED)) ?? null;
  }

  /**
   * The disk was wiped under the open page.
   * @param {number} lost answers that could not be written again
   */
  async noteWiped(lost) {
    this.#wiped = { on: Date.now(), lost };
    await this.#parts.store.set(KEPT_WIPED, this.#wiped);
  }

  /** The key of a word for the sign that staff see; null where all is well. */
  get attention() {
    const { storage, outbox, enrolment } = this.#parts;
    if (!enrolment.present) return null;
    if (['missing', 'full'].includes(storage.state)) return 'no_storage';
    return outbox.totals.quarantined > 0 || this.#isWiped ? 'look_here' : null;
  }

  /**
   * Everything that the staff screen shows. Throws on a tablet that was never paired.
   * @param {Words} words
   * @returns {Promise<Facts & { alerts: Said[] }>}
   */
  async facts(words) {
    const { enrolment, outbox, storage, contact, clock, build } = this.#parts;
    const { document } = contact;
    if (!enrolment.present || !document) throw new Error('the tablet was never paired');
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
    return this.#wiped !== null && Math.abs(Date.now() - this.#wiped.on) < REMEMBERED;
  }

  /**
   * What somebody should do something about, the worst first.
   * @param {Facts} facts
   * @returns {Said[]}
   */
  #alerts({ memory, quarantined, unsent, oldest, offset, storage }) {
    const { contact, update } = this.#parts;
    const { closed } = contact.state;
    /** @type {[boolean, string, Values?][]} */
    const watched = [
      [closed === 403, 'alert_revoked'],
      [closed === 401, 'alert_unknown'],
      [memory > 0, 'alert_memory', { count: memory }],
      [storage === 'missing', 'alert_missing'],
      [storage === 'full', 'alert_full'],
      [this.#isWiped, 'alert_wiped', { lost: this.#wiped?.lost ?? 0 }],
      [quarantined > 0, 'alert_quarantined', { count: quarantined }],
      [unsent > 0 && oldest > HELD, 'alert_unsent'],
      [Math.abs(offset ?? 0) > CLOCK_OFF, 'alert_clock'],
      [storage === 'denied', 'alert_denied'],
      [!update.isKept, 'alert_app'],
    ];
    const found = watched.filter(([isSo]) => isSo);
    return found.map(([, key, values]) => ({ key, ...(values && { values }) }));
  }
}

/**
 * The app on the tablet's own disk, and newer versions of it. A new one waits, complete, until
 * nobody is at the tablet; then the page lets it in and opens anew. Touches no answer.
 */
export class Update {
  #isIdle;
  /** @type {ServiceWorkerRegistration | null} */
  #registration = null;
  #isNewer = false;

  /** Whether the app is on the disk, so that it opens without network. */
  isKept = Boolean(navigator.serviceWorker?.controller);

  #hadApp = Boolean(navigator.serviceWorker?.controller);

  /** @param {() => boolean} isIdle whether nobody is at the tablet */
  constructor(isIdle) {
    this.#isIdle = isIdle;
  }

  /** Keep the app on the disk, where the browser can. */
  async open() {
    if (!navigator.serviceWorker) return;
    navigator.serviceWorker.addEventListener('controllerchange', () => this.#changed());
    try {
      this.#registration = await navigator.serviceWorker.register('sw.js', {
        scope: './',
        updateViaCache: 'none',
      });
    } catch {
      // no network, or not allowed: what was kept before goes on
    }
    if (!this.#registration) return;
    const registration = this.#registration;
    registration.addEventListener('updatefound', () => this.#watch(registration.installing));
    this.#watch(registration.installing);
    this.letIn();
    await navigator.serviceWorker.ready;
    this.isKept = true;
  }

  /** Ask the server for a newer version. */
  check() {
    this.#registration?.update().catch(() => {}); // no network: another time
  }

  /** Take a waiting version, now if nobody is there: call it whenever nobody is. */
  letIn() {
    if (!this.#isIdle()) return;
    if (this.#isNewer) location.reload();
    else this.#registration?.waiting?.postMessage('let-in');
  }

  /** @param {ServiceWorker | null} coming */
  #watch(coming) {
    coming?.addEventListener('statechange', () => {
      if (coming.state === 'installed') this.letIn();
    });
  }

  /** Another version answers for this page's files now: the first one ever is this page's own. */
  #changed() {
    this.#isNewer = this.#hadApp;
    this.#hadApp = true;
    this.letIn();
  }
}
