/**
 * Opens the tablet and joins its parts: what is kept on it, who it is, what it sends, what it
 * shows. Owns everything about the page as a whole, for weeks; knows no question.
 */
import { Clock } from './clock.js';
import { Contact, Status, Update } from './contact.js';
import { Enrolment, Pairing, Pin, plain } from './enrolment.js';
import { watchCorner } from './frame.js';
import { Outbox, Storage, Store } from './outbox.js';
import { enrol, send, Sender } from './sender.js';
import { Session } from './session.js';
import { Staff } from './staff.js';

/** @import { AnswerRecord, Pairing as Outcome, Station } from './shapes.js' */

const TICK = 5_000;
const REFRESH = 300; // seconds between heartbeats until the document says otherwise
const AGAIN = 30; // seconds, while the server is not reached
const TRIES = 3;
const PAUSE = 500; // milliseconds between tries to read the disk
const { build = '', sentences = '{}' } = document.body.dataset;

const store = new Store();
const clock = new Clock((notes) => store.set('clock', notes));
const storage = new Storage(store);
const enrolment = new Enrolment(store);
const pin = new Pin(store);
const outbox = new Outbox(store, clock, changed);
const update = new Update(() => session.isCalm && mayGo());
const contact = new Contact({
  store,
  clock,
  enrolment,
  outbox,
  storage,
  build,
  on: { station, closed, changed, build: () => update.check() },
});
const sender = new Sender({
  outbox,
  clock,
  send,
  enrolments: () => enrolment.all,
  askTime: () => contact.join(),
  changed: (_, { connected = contact.state.connected }) => {
    contact.state = { ...contact.state, connected };
    changed();
  },
});
const status = new Status({ store, clock, enrolment, outbox, storage, contact, update, build });
const session = new Session({
  sentences: JSON.parse(sentences),
  keep,
  hold,
  state: () => ({ ...outbox.totals, ...sender.state, ...contact.state, attention: status.attention }),
});
const pairing = new Pairing({ session, pair, lost: () => enrolment.lost });
const staff = new Staff({
  session,
  pin,
  contact,
  sender,
  outbox,
  enrolment,
  clock,
  pairing,
  facts: () => status.facts(session.words),
});
let beatAt = -Infinity;
let triedAgain = false;
let isSuspect = false;
/** @type {string | null} the day */
let wordLeft = null;

/**
 * An answer for good: kept under the enrolment of the moment, and on its way.
 * @param {AnswerRecord} record
 */
async function keep(record) {
  if (!enrolment.present) throw new Error('nobody answers on a tablet that was never paired');
  const kept = await outbox.put(record, enrolment.present.device);
  sender.flush();
  return kept;
}

/**
 * An answer that its person may still add to: kept, and not sent yet.
 * @param {AnswerRecord} record
 */
async function hold(record) {
  if (!enrolment.present) throw new Error('nobody answers on a tablet that was never paired');
  return outbox.hold(record, enrolment.present.device);
}

/** Whether the page may be opened anew: what is in its memory only would go with it. */
function mayGo() {
  return outbox.totals.memory === 0;
}

function changed() {
  session.signal();
  staff.refresh();
}

/** At the page's opening, its end and each new day, never at answers. */
function leaveWord() {
  wordLeft = clock.today;
  if (enrolment.present) enrolment.witness(outbox.totals.unsent);
}

/** @param {Station} doc */
function station(doc) {
  clock.zone = doc.timezone;
  session.renew(doc);
  session.settle({ name: 'start' });
}

/**
 * The server does not know us any more, or has taken us out of use.
 * @param {number | null} why 401, 403; null: all is well
 */
function closed(why) {
  if (why === 401 && code() === enrolment.present?.code && !triedAgain) {
    triedAgain = true; // the address itself pairs: a demonstration that was set up anew
    pairing.begin(code());
  } else if (session.doc) {
    session.settle({ name: why === null ? 'start' : 'closed' });
  }
}

/**
 * @param {string} given a code
 * @returns {Promise<Outcome>}
 */
async function pair(given) {
  const outcome = await enrolment.pair(given, enrol);
  if (outcome.time) clock.heard(outcome.time.time, outcome.time.asked, outcome.time.answered);
  if (outcome.device === null) return outcome;
  contact.state = { connected: true, closed: null };
  await contact.take(outcome.station);
  leaveWord();
  session.reset();
  storage.ask();
  beat();
  return outcome;
}

/** The pairing code in the page's address, which no server sees; '' where there is none. */
function code() {
  return plain(new URL(location.href).hash);
}

async function beat() {
  beatAt = performance.now();
  await outbox.closeLeft();
  sender.flush();
  await contact.beat();
  if (session.isWaiting && mayGo() && (await enrolment.isOutdated())) location.reload();
}

function tick() {
  clock.note();
  if (wordLeft !== clock.today) leaveWord();
  heal();
  update.letIn();
  const every = contact.state.connected ? (contact.document?.seconds.refresh ?? REFRESH) : AGAIN;
  if (performance.now() - beatAt >= every * 1000) beat();
}

/** The disk was closed under this page, and may have been wiped: look, as soon as it can be read. */
async function heal() {
  if (!isSuspect || !enrolment.present) return;
  isSuspect = false;
  const isWiped = await enrolment.isWiped();
  if (isWiped === null) isSuspect = true;
  if (isWiped) await writeAgain();
}

/** Write down again all that this page knows. */
async function writeAgain() {
  const before = outbox.totals.unsent;
  await enrolment.save();
  await contact.keep();
  await store.set('clock', clock.kept);
  await outbox.restore();
  await status.noteWiped(Math.max(0, before - outbox.totals.unsent));
  changed();
}

/** A disk that cannot be read at once is no reason to ask for a new pairing. */
async function openEnrolment() {
  for (let left = TRIES; left > 1; left -= 1) {
    if ((await enrolment.open()) || !store.trouble) break;
    await new Promise((resolve) => void setTimeout(resolve, PAUSE));
  }
  return Boolean(enrolment.present);
}

async function run() {
  const paired = await openEnrolment();
  const doc = await contact.open();
  clock.zone = doc?.timezone;
  clock.open(await store.get('clock'));
  if (doc) station(doc);
  else if (!paired) session.settle(pairing.screen());
  if (code() && !enrolment.knows(code())) pairing.begin(code());
  await Promise.all([pin.open(), outbox.open(), status.open()]);
  store.reopened = () => {
    isSuspect = true;
    return heal();
  };
  leaveWord();
  setInterval(tick, TICK);
  beat();
  storage.ask();
  update.open();
}

// Sending again as soon as there is a chance; navigator.onLine itself is never trusted.
addEventListener('online', beat);
document.addEventListener('visibilitychange', () => document.hidden || beat());

// Another pairing code was typed into the address of the open page.
addEventListener('hashchange', () => location.reload());

// A page brought back by the back button must not bring back the last person's answers.
addEventListener('pagehide', () => {
  session.reset();
  if (wordLeft !== null) leaveWord();
});
addEventListener('beforeunload', (event) => {
  if (outbox.totals.memory > 0) event.preventDefault(); // they are in this page's memory only
});

// A fault of ours costs one form, never the tablet.
for (const fault of ['error', 'unhandledrejection']) {
  addEventListener(fault, () => session.reset());
}

// A long press must not open a menu that leads away from the form.
addEventListener('contextmenu', (event) => event.preventDefault());

if (isSecureContext) {
  watchCorner(() => staff.open());
  session.reset();
  run();
} else {
  session.settle({ name: 'insecure' });
}
