/**
 * Opens the tablet: fetches the document, starts the session and the outbox, and keeps both fresh
 * for weeks. Owns everything about the page as a whole; knows no question.
 */
import { send } from './door.js';
import { Outbox } from './outbox.js';
import { Session } from './session.js';

const { code, build, document: address, door } = document.body.dataset;
const FIRST_TRY_AGAIN = 2_000;
const LONGEST = 30_000;

let session = null;
const outbox = new Outbox((records) => send(door, code, records), (state) => session?.signal(state));

/** The document; null where the server does not answer, 'closed' where the link is out of use. */
async function look() {
  try {
    const reply = await fetch(address, { cache: 'no-cache', credentials: 'omit', redirect: 'error' });
    if (reply.status === 404 || reply.status === 410) return 'closed';
    return reply.ok ? await reply.json() : null;
  } catch {
    return null;
  }
}

async function open() {
  for (let wait = FIRST_TRY_AGAIN; ; wait = Math.min(wait * 2, LONGEST)) {
    const doc = await look();
    if (doc !== null && doc !== 'closed') return doc;
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** Only while nobody is at the tablet: a new app by loading the page anew, new questions in place. */
async function refresh(known) {
  const doc = session.isWaiting ? await look() : null;
  if (doc === null || !session.isWaiting) return known;
  if (doc === 'closed') {
    session.close();
    return null;
  }
  if (doc.build !== build && outbox.state.unsent === 0) location.reload();
  else if (JSON.stringify(doc) !== known) session.renew(doc);
  return JSON.stringify(doc);
}

async function run() {
  const doc = await open();
  session = new Session(doc, outbox);
  session.reset();
  let known = JSON.stringify(doc);
  setInterval(async () => {
    known = await refresh(known);
  }, doc.seconds.refresh * 1000);
}

// Sending again as soon as there is a chance; navigator.onLine itself is never trusted.
addEventListener('online', () => outbox.flush());
document.addEventListener('visibilitychange', () => document.hidden || outbox.flush());

// A page brought back by the back button must not bring back the last person's answers.
addEventListener('pagehide', () => session?.reset());
addEventListener('beforeunload', (event) => {
  if (outbox.state.unsent > 0) event.preventDefault(); // they are in this page's memory only
});

// A fault of ours costs one form, never the tablet.
for (const fault of ['error', 'unhandledrejection']) {
  addEventListener(fault, () => session?.reset());
}

// A long press must not open a menu that leads away from the form.
addEventListener('contextmenu', (event) => event.preventDefault());

run();
