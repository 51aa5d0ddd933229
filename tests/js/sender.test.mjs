/** When the tablet tries, how much at once, how long it waits, and what it takes for a reply. */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';

import { enrol, heartbeat, send, Sender, station } from '../../kiosk/static/sender.js';
import { DAY, turn } from './clocks.mjs';
import { answer, Box, calm, clock, entry, passNormally, pauses, silence, spoken } from './rhythm.mjs';

const { fetch } = globalThis;

afterEach(() => {
  passNormally();
  globalThis.fetch = fetch;
});

const me = [{ device: 'me', secret: 'mine' }];

/** A sender over these entries; `reply(records, secret)` stands for the server. */
function sending(ids, reply, { enrolments = me, ...more } = {}) {
  const box = new Box(ids.map((id) => (typeof id === 'string' ? entry(id) : id)));
  const sender = new Sender({
    outbox: box,
    clock: clock(),
    send: async (secret, records) => reply(records, secret),
    enrolments: () => enrolments,
    ...more,
  });
  return { box, sender };
}

const many = (count) => Array.from({ length: count }, (_, n) => `r${n}`);
const ids = (records) => records.map((record) => record.response_id);

test('waits grow to five minutes, are never in step and end once the server is there', async () => {
  const found = pauses();
  let tries = 0;
  const { box, sender } = sending(['a'], (records) => {
    tries += 1;
    return tries <= 12 ? silence : answer(records);
  });
  sender.flush();
  while (box.settled.length === 0) await calm();
  const waits = found.map(({ wait }) => wait);
  const bounds = [...Array.from({ length: 9 }, (_, n) => 1000 * 2 ** n), 300_000, 300_000, 300_000];
  assert.equal(waits.length, bounds.length);
  for (const [n, wait] of waits.entries()) {
    assert.ok(wait >= 0.75 * bounds[n] && wait <= 1.25 * bounds[n], `${wait} after ${n} failures`);
  }
  assert.equal(new Set(waits).size, waits.length);
  await calm();
  assert.equal(sender.state.retryAt, null);
});

test('a success begins the waits anew', async () => {
  const found = pauses();
  const replies = [silence, silence, silence, null, silence, null];
  const { box, sender } = sending(['a', 'b'], (records) => replies.shift() ?? answer(records.slice(0, 1)));
  sender.flush();
  while (box.settled.length < 2) await calm();
  const last = found[found.length - 1].wait;
  assert.equal(found.length, 4);
  assert.ok(last <= 1250, `${last}`);
});

test('a pause that nobody asked for ends with a word to send now', async () => {
  const found = pauses({ hold: () => true });
  let tries = 0;
  const { box, sender } = sending(['a'], (records) => {
    tries += 1;
    return tries === 1 ? silence : answer(records);
  });
  sender.flush();
  await calm();
  assert.deepEqual([tries, found.length], [1, 1]);
  assert.equal(typeof sender.state.retryAt, 'number');
  sender.flush();
  await calm();
  assert.deepEqual(box.settled, [['a', 'stored']]);
});

test('a pause that the server asks for is kept whatever happens', async () => {
  const found = pauses({ hold: () => true });
  let tries = 0;
  const { box, sender } = sending(['a'], (records) => {
    tries += 1;
    return tries === 1 ? { ...spoken, wait: 90_000 } : answer(records);
  });
  sender.flush();
  await calm();
  sender.flush();
  await calm();
  assert.deepEqual([tries, found[0].wait], [1, 90_000]);
  found[0].end();
  await calm();
  assert.deepEqual(box.settled, [['a', 'stored']]);
});

for (const [what, reply, kept] of [
  ['silence', silence, 0],
  ['a pause that was asked for', { ...spoken, wait: 900 }, 1],
]) {
  test(`a word to send now that comes during a try is not lost, which ends in ${what}`, async () => {
    const found = pauses();
    let fail = null;
    let tries = 0;
    const { box, sender } = sending(['a'], async (records) => {
      tries += 1;
      if (tries > 1) return answer(records);
      await new Promise((resolve) => {
        fail = resolve;
      });
      return reply;
    });
    sender.flush();
    await calm();
    sender.flush();
    fail();
    while (box.settled.length === 0) await calm();
    assert.deepEqual([tries, found.length], [2, kept]);
  });
}

test('a round that breaks off is a failure like any other', async () => {
  const found = pauses();
  const { box, sender } = sending(['a'], answer);
  const { batch } = box;
  let isBroken = true;
  box.batch = function once(...given) {
    if (!isBroken) return batch.apply(this, given);
    isBroken = false;
    return Promise.reject(new Error('the disk is gone'));
  };
  sender.flush();
  while (box.settled.length === 0) await calm();
  assert.equal(found.length, 1);
});

test('what the disk does not let go of now is sent again', async () => {
  pauses();
  const sent = [];
  const { box, sender } = sending(['a'], (records) => {
    sent.push(ids(records));
    return answer(records);
  });
  const { settle } = box;
  box.settle = function refuse() {
    box.settle = settle;
    return Promise.reject(new Error('the disk is full'));
  };
  sender.flush();
  while (box.settled.length === 0) await calm();
  assert.deepEqual(sent, [['a'], ['a']]);
});

test('fifty go out at once', async () => {
  const sizes = [];
  const { box, sender } = sending(many(120), (records) => {
    sizes.push(records.length);
    return answer(records);
  });
  sender.flush();
  while (box.settled.length < 120) await calm();
  assert.deepEqual(sizes, [50, 50, 20]);
});

for (const trouble of ['tooLarge', 'misread']) {
  test(`a request that is ${trouble} is divided at once until it is not`, async () => {
    const found = pauses();
    const sizes = [];
    const { box, sender } = sending(many(40), (records) => {
      sizes.push(records.length);
      return records.length > 6 ? { ...spoken, [trouble]: true } : answer(records);
    });
    sender.flush();
    while (box.settled.length < 40) await calm();
    assert.deepEqual(sizes.slice(0, 4), [40, 20, 10, 5]);
    assert.equal(sizes.filter((size) => size <= 6).reduce((sum, size) => sum + size), 40);
    assert.equal(found.length, 0);
  });
}

test('what is too large even alone is decided, and not sent for ever', async () => {
  const { box, sender } = sending(['huge'], () => ({ ...spoken, tooLarge: true }));
  sender.flush();
  while (box.settled.length === 0) await calm();
  assert.deepEqual(box.settled, [['huge', 'too_large']]);
});

test('a box in between that minds one record does not block the rest', async () => {
  const found = pauses();
  let inVain = 0;
  const { box, sender } = sending(['bad', ...many(9)], (records) => {
    if (!ids(records).includes('bad')) return answer(records);
    inVain += 1;
    return { ...silence, reached: true };
  });
  sender.flush();
  while (box.settled.length < 9) await calm();
  assert.deepEqual(ids(box.entries.map((one) => one.record)), ['bad']);
  assert.ok(inVain > 2 && found.length >= inVain - 1, `${found.length} pauses in ${inVain} tries`);
  box.entries = [];
});

test('records that the server puts off keep no other back', async () => {
  pauses();
  const bad = Array.from({ length: 50 }, (_, n) => `bad${n}`);
  const { box, sender } = sending([...bad, 'good'], (records) => ({
    ...spoken,
    receipts: new Map(ids(records).map((id) => [id, id.startsWith('bad') ? 'later' : 'stored'])),
  }));
  sender.flush();
  while (box.settled.length === 0) await calm();
  assert.deepEqual(box.settled, [['good', 'stored']]);
  box.entries = [];
});

test('records go out under the secret they were answered under, the present ones first', async () => {
  const sent = [];
  const enrolments = [{ device: 'old', secret: 'former' }, ...me];
  const { box, sender } = sending([entry('a', 'old'), entry('b')], (records, secret) => {
    sent.push([secret, ...ids(records)]);
    return answer(records);
  }, { enrolments });
  sender.flush();
  while (box.settled.length < 2) await calm();
  assert.deepEqual(sent, [['mine', 'b'], ['former', 'a']]);
});

test('only the present enrolment says whether the tablet is out of use', async () => {
  pauses({ hold: () => true });
  const enrolments = [{ device: 'old', secret: 'former' }, ...me];
  const { sender } = sending([entry('a', 'old')], () => ({ ...spoken, closed: true }), { enrolments });
  sender.flush();
  await calm();
  assert.deepEqual([sender.state.connected, sender.state.closed], [true, false]);
  const { sender: other } = sending([entry('b')], () => ({ ...spoken, closed: true }), { enrolments });
  other.flush();
  await calm();
  assert.equal(other.state.closed, true);
});

test('the server is asked for its time before the first ages of a session', async () => {
  const order = [];
  const time = { time: 1, asked: 1, answered: 1 };
  const { box, sender } = sending(many(60), (records) => {
    order.push('send');
    return answer(records, 'stored', { time });
  }, {
    askTime: async () => {
      order.push('time');
    },
  });
  sender.flush();
  while (box.settled.length < 60) await calm();
  assert.deepEqual(order, ['time', 'send', 'send']);
});

test('an answer carries its age, and the sign that it is doubtful only where it is', async () => {
  pauses();
  turn(DAY);
  const sent = [];
  const jumped = { ...entry('b'), kept: { day: '2026-09-20', era: 'other', shift: null } };
  const { box, sender } = sending(['a', jumped], (records) => {
    sent.push(...records);
    return answer(records);
  });
  sender.flush();
  while (box.settled.length < 2) await calm();
  const [sure, doubtful] = sent;
  assert.ok(sure.age_s > 0.5 * DAY && sure.age_s < 1.5 * DAY);
  assert.equal('clock_doubtful' in sure, false);
  assert.equal(doubtful.clock_doubtful, true);
});

// The server's door.

/** What one question to the server is told where `fetch` answers this. */
async function door(ask, { status = 200, body = '', headers = {} } = {}) {
  const asked = [];
  globalThis.fetch = async (path, options) => {
    asked.push({ path, ...options });
    return new Response(body, { status, headers });
  };
  return { said: await ask(), asked: asked[0] };
}

const record = (id) => ({ response_id: id, scores: { overall: 5 }, age_s: 0 });
const sendTwo = () => send('secret', [record('a'), record('b')]);

for (const [status, body] of [
  [200, '<html>Sign in to the office network</html>'],
  [200, '{"results":[{"response_id":"a","receipt":"sto'],
  [200, '{"results":[{"response_id":"x","receipt":"stored"}]}'],
  [200, '{"results":[{"response_id":"a","receipt":"ok"},{"response_id":7},null,7]}'],
  [200, '{"results":"stored"}'],
  [200, '[{"response_id":"a","receipt":"stored"}]'],
  [200, 'null'],
  [200, '7'],
  [200, ''],
  [502, 'Bad gateway'],
  [404, 'not this server'],
  [401, 'Sign in to the office network'],
  [403, '{"message":"blocked by the office network"}'],
]) {
  test(`${status} ${body || 'with nothing'} is no receipt and no reply of ours`, async () => {
    const { said } = await door(sendTwo, { status, body });
    const { connected, closed, tooLarge, misread, reached } = said;
    assert.equal(said.receipts.size, 0);
    assert.deepEqual(
      { connected, closed, tooLarge, misread, reached },
      { connected: false, closed: false, tooLarge: false, misread: false, reached: true },
    );
  });
}

test('receipts count for the records they name, with the reasons beside them', async () => {
  const problems = [{ place: 'scores', code: 'required' }];
  const results = [
    { response_id: 'a', receipt: 'refused', problems },
    { response_id: 'b', receipt: 'later' },
  ];
  const { said } = await door(sendTwo, { body: JSON.stringify({ results }) });
  assert.equal(said.connected, true);
  assert.deepEqual([...said.receipts], [['a', 'refused'], ['b', 'later']]);
  assert.deepEqual([...said.problems], [['a', problems], ['b', []]]);
});

for (const [status, news] of [
  [401, { closed: true }],
  [403, { closed: true }],
  [404, {}],
  [503, {}],
  [400, { misread: true }],
  [415, { misread: true }],
  [413, { tooLarge: true }],
]) {
  test(`a request refused as a whole by ${status} says ${JSON.stringify(news)}`, async () => {
    const { said } = await door(sendTwo, { status, body: '{"error":"why"}' });
    const { connected, closed, tooLarge, misread } = said;
    const found = { connected, closed, tooLarge, misread };
    assert.deepEqual(found, { connected: true, closed: false, tooLarge: false, misread: false, ...news });
  });
}

for (const [header, wait] of [
  ['7', 7_000],
  ['0', 0],
  ['soon', 0],
  ['-5', 0],
  ['999999', 3_600_000],
]) {
  test(`Retry-After: ${header} asks for a pause of ${wait} ms`, async () => {
    const { said } = await door(sendTwo, { status: 429, headers: { 'Retry-After': header } });
    assert.equal(said.wait, wait);
  });
}

test('Retry-After may be a date', async () => {
  const date = new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000);
  const { said } = await door(sendTwo, { status: 503, headers: { 'Retry-After': date.toUTCString() } });
  assert.ok(said.wait >= 60_000 && said.wait <= 61_000, `${said.wait}`);
});

test('a dead server is silence', async () => {
  globalThis.fetch = async () => {
    throw new TypeError('no network');
  };
  const { reached, connected, status, wait } = await sendTwo();
  assert.deepEqual([reached, connected, status, wait], [false, false, 0, 0]);
});

test('what is sent goes to our server alone, with the secret and without cookies', async () => {
  const { asked } = await door(sendTwo, { body: '{"results":[]}' });
  assert.deepEqual(
    [asked.path, asked.method, asked.credentials, asked.redirect, asked.cache],
    ['responses', 'POST', 'omit', 'error', 'no-store'],
  );
  assert.equal(asked.headers.Authorization, 'Bearer secret');
  assert.deepEqual(JSON.parse(asked.body).responses, [record('a'), record('b')]);
});

test('a code that is granted tells who the tablet is, one that is not tells why', async () => {
  const ask = () => enrol('abcd', 'secret');
  const granted = { device: 'd1', station: { counter_id: 'one' }, server_time: 5 };
  const { said: yes, asked } = await door(ask, { body: JSON.stringify(granted) });
  assert.deepEqual([yes.device, yes.station.counter_id, yes.error, yes.time.time], ['d1', 'one', null, 5]);
  assert.equal('Authorization' in asked.headers, false);
  const { said: no } = await door(ask, { status: 404, body: '{"error":"unknown_code"}' });
  assert.deepEqual([no.device, no.station, no.error], [null, null, 'unknown_code']);
});

test('a document is one that names its questions; a heartbeat tells what the server has', async () => {
  const { said, asked } = await door(() => station('secret'), { body: '{"questionnaire":"desk@1"}' });
  assert.deepEqual([said, asked.method, asked.body], [{ questionnaire: 'desk@1' }, 'GET', undefined]);
  const { said: none } = await door(() => station('secret'), { body: '<html>' });
  assert.equal(none, null);
  const beat = () => heartbeat('secret', { unsent: 2 });
  const { said: news } = await door(beat, { body: '{"build":"b1","station":"d1","server_time":9}' });
  assert.deepEqual([news.build, news.digest, news.connected], ['b1', 'd1', true]);
  const { said: closed } = await door(beat, { status: 403, body: '{"error":"revoked","build":"b2"}' });
  assert.deepEqual([closed.build, closed.digest, closed.closed], [null, null, true]);
});
