/** What about a tablet somebody should look at. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { Status } from '../../kiosk/static/contact.js';
import { at, DAY, pass } from './clocks.mjs';
import { Disk } from './disks.mjs';
import { station } from './stations.mjs';

const words = { of: (text) => text.vi };

beforeEach(() => at(0, 0));

/** A tablet on which all is well, but for what is given. */
async function tablet({ totals = {}, oldest = 0, storage = 'granted', offset = 0, closed = null, isKept = true, disk = new Disk() } = {}) {
  const all = { unsent: 0, quarantined: 0, sent: 9, memory: 0, ...totals };
  const status = new Status({
    store: disk,
    clock: { notes: { contact: '2026-09-21' }, offset },
    enrolment: { present: { device: 'd1' } },
    outbox: {
      totals: all,
      count: async () => all,
      oldest: async () => oldest,
      all: async () => ({ unsent: [], quarantined: [] }),
    },
    storage: { state: storage, room: async () => null },
    contact: { document: station(), state: { closed } },
    update: { isKept },
    build: 'b1',
  });
  await status.open();
  return status;
}

const alerts = async (status) => (await status.facts(words)).alerts.map(({ key }) => key);

test('where all is well nobody is called', async () => {
  const status = await tablet();
  assert.equal(status.attention, null);
  assert.deepEqual(await alerts(status), []);
});

for (const [what, given, key] of [
  ['taken out of use', { closed: 403 }, 'alert_revoked'],
  ['unknown to the server', { closed: 401 }, 'alert_unknown'],
  ['answers in memory only', { totals: { memory: 2 } }, 'alert_memory'],
  ['no database', { storage: 'missing' }, 'alert_missing'],
  ['a full disk', { storage: 'full' }, 'alert_full'],
  ['answers put aside', { totals: { quarantined: 1 } }, 'alert_quarantined'],
  ['an answer unsent for more than an hour', { totals: { unsent: 1 }, oldest: 3_601 }, 'alert_unsent'],
  ['a clock a day fast', { offset: -DAY - 1 }, 'alert_clock'],
  ['a clock a day slow', { offset: DAY + 1 }, 'alert_clock'],
  ['a browser that promises nothing', { storage: 'denied' }, 'alert_denied'],
  ['an app that is not on the disk', { isKept: false }, 'alert_app'],
]) {
  test(`${what}: staff are told so`, async () => {
    assert.deepEqual(await alerts(await tablet(given)), [key]);
  });
}

test('an answer that waits for an hour, and a clock wrong by a day, are nothing to act on', async () => {
  assert.deepEqual(await alerts(await tablet({ totals: { unsent: 1 }, oldest: 3_600 })), []);
  assert.deepEqual(await alerts(await tablet({ offset: DAY })), []);
});

test('the worst is said first', async () => {
  const status = await tablet({ closed: 403, storage: 'denied', totals: { quarantined: 1 } });
  assert.deepEqual(await alerts(status), ['alert_revoked', 'alert_quarantined', 'alert_denied']);
});

test('a sign on the citizens’ screens says only that staff should look', async () => {
  assert.equal((await tablet({ storage: 'full' })).attention, 'no_storage');
  assert.equal((await tablet({ storage: 'missing' })).attention, 'no_storage');
  assert.equal((await tablet({ totals: { quarantined: 1 } })).attention, 'look_here');
  assert.equal((await tablet({ totals: { unsent: 1 }, oldest: DAY })).attention, null);
});

test('a wiped disk is told for thirty days, over reloads, with what was lost', async () => {
  const disk = new Disk();
  await (await tablet({ disk })).noteWiped(3);
  const next = await tablet({ disk });
  assert.equal(next.attention, 'look_here');
  assert.deepEqual((await next.facts(words)).alerts, [{ key: 'alert_wiped', values: { lost: 3 } }]);
  pass(30 * DAY);
  assert.deepEqual([next.attention, await alerts(next)], [null, []]);
});
