/**
 * The app as somebody looks at it who designs what it asks: the same screens, from a document that the
 * page holds. Nothing is kept and nothing is sent; the page's policy would not let it either.
 */
import { Session } from './session.js';

/** @import { Station } from './shapes.js' */

const { sentences = '{}', document: given = '' } = document.body.dataset;
/** @type {Station} */
const station = JSON.parse(given);

const session = new Session({
  sentences: JSON.parse(sentences),
  keep: async () => ({ durable: true, settled: Promise.resolve('stored') }),
  hold: async () => true,
  state: () => ({ unsent: 0, connected: true, retryAt: null, closed: null, attention: null }),
});

session.reset();
session.renew(station);
session.settle({ name: 'start' });

// As on the tablet: a page brought back by the back button holds nobody's answers.
addEventListener('pagehide', () => session.reset());
