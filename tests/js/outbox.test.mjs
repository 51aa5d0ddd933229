/** What the outbox decides in a browser that has no database for us: all of it in the page's memory. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { age, Clock } from '../../kiosk/static/clock.js';
import { Outbox } from '../../kiosk/static/outbox.js';
import { at, pass } from './clocks.mjs';
import { none } from './disks.mjs';

beforeEach(() => at(0, 0));

const record = (id) => ({ response_id: id, scores: { overall: 5 } });
const ids = (entries) => entries.map((entry) => entry.record.response_id);

async function outbox() {
  const told = [];
  const clock = new Clock();
  const box = new Outbox(none, clock, () => told.push(box.totals));
  await box.open();
  return { box, clock, told };
}

/** The server decides about all that waits. */
async function decide(box, receipt, problems) {
  const entries = await box.batch('me', 50);
  await box.settle(entries.map((entry) => ({ entry, receipt, problems })));
}

test('nothing is called durable that is not on the disk', async () => {
  const { box, told } = await outbox();
  const { durable } = await box.put(record('a'), 'me');
  assert.equal(durable, false);
  assert.deepEqual(box.totals, { unsent: 1, quarantined: 0, sent: 0, memory: 1 });
  assert.deepEqual(told, [box.totals]);
});

test('who waits for the receipt hears it, however often the record was put', async () => {
  const { box } = await outbox();
  const first = await box.put(record('a'), 'me');
  const again = await box.put({ ...record('a'), comment: 'x' }, 'me');
  const [entry, ...more] = await box.batch('me', 50);
  assert.deepEqual([entry.record, more], [record('a'), []]);
  await decide(box, 'stored');
  assert.deepEqual(await Promise.all([first.settled, again.settled]), ['stored', 'stored']);
});

for (const receipt of ['stored', 'repeated']) {
  test(`what is ${receipt} has arrived and leaves nothing behind`, async () => {
    const { box } = await outbox();
    await box.put(record('a'), 'me');
    await decide(box, receipt);
    assert.deepEqual(box.totals, { unsent: 0, quarantined: 0, sent: 1, memory: 0 });
    assert.deepEqual(await box.all(), { unsent: [], quarantined: [] });
  });
}

for (const receipt of ['refused', 'conflict', 'too_large']) {
  test(`what is ${receipt} is put aside with the reason and the day, and is not offered again`, async () => {
    const { box, clock } = await outbox();
    clock.zone = 'UTC';
    await box.put(record('a'), 'me');
    const problems = [{ place: 'scores', code: 'required' }];
    await decide(box, receipt, problems);
    assert.deepEqual(await box.batch('me', 50), []);
    const [aside] = (await box.all()).quarantined;
    assert.deepEqual([aside.record, aside.receipt, aside.problems, aside.on], [
      record('a'), receipt, problems, '2026-09-21',
    ]);
    assert.deepEqual(box.totals, { unsent: 0, quarantined: 1, sent: 0, memory: 0 });
  });
}

test('what was put aside is offered once more when staff ask, without its old reason', async () => {
  const { box } = await outbox();
  await box.put(record('a'), 'me');
  await decide(box, 'refused');
  await box.tryAside();
  const [entry] = await box.batch('me', 50);
  assert.deepEqual(Object.keys(entry).sort(), ['enrolment', 'kept', 'record', 'turn']);
  assert.deepEqual(box.totals, { unsent: 1, quarantined: 0, sent: 0, memory: 1 });
  await decide(box, 'refused');
  assert.equal(box.totals.quarantined, 1);
});

test('a batch is of one enrolment, and no larger than asked', async () => {
  const { box } = await outbox();
  for (const [id, enrolment] of [['a', 'me'], ['b', 'old'], ['c', 'me'], ['d', 'me']]) {
    await box.put(record(id), enrolment);
  }
  assert.deepEqual(ids(await box.batch('me', 2)), ['a', 'c']);
  assert.deepEqual(ids(await box.batch('old', 2)), ['b']);
  assert.deepEqual(await box.batch('other', 2), []);
});

test('what the server put off goes last, the longest waiting first', async () => {
  const { box } = await outbox();
  for (const id of ['a', 'b', 'c']) await box.put(record(id), 'me');
  box.makeWay((await box.batch('me', 50)).slice(0, 1));
  assert.deepEqual(ids(await box.batch('me', 50)), ['b', 'c', 'a']);
  box.makeWay((await box.batch('me', 50)).slice(0, 1));
  assert.deepEqual(ids(await box.batch('me', 50)), ['c', 'a', 'b']);
});

test('the age of what waits longest is told, by the moment that the page knows', async () => {
  const { box, clock } = await outbox();
  assert.equal(await box.oldest(), 0);
  await box.put(record('a'), 'me');
  pass(100);
  await box.put(record('b'), 'me');
  await box.put(record('a'), 'me'); // once more
  pass(20);
  assert.equal(await box.oldest(), 120);
  const [, second] = await box.batch('me', 50);
  assert.deepEqual(age(second.kept, clock.moment()), { seconds: 20, doubtful: false });
});
