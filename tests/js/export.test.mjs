/** The file that carries what is not sent: whose answers, of which day, sealed by which secret. */
import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import { beforeEach, test } from 'node:test';

import { exportFile, FORMAT } from '../../kiosk/static/staff.js';
import { at, DAY, START } from './clocks.mjs';

const enrolments = [
  { device: 'old', secret: 'former', counter: 'one' },
  { device: 'me', secret: 'mine', counter: 'two' },
  { device: 'idle', secret: 'unused', counter: 'three' },
];
const entry = (id, enrolment, kept) => ({ record: { response_id: id }, enrolment, kept, turn: 0 });
const moment = (seconds, offset = 0) => ({
  steady: seconds * 1000, calendar: START + seconds * 1000, session: 's', era: 'e', offset, zone: 'UTC',
});
const now = moment(3 * DAY);

beforeEach(() => at(0, 0));

/** The file's parts, each unsealed by the secret under which its answers were given. */
async function parts(entries, given = {}) {
  const file = await exportFile({ entries, enrolments, now, timezone: 'UTC', ...given });
  const { format, device, parts: sealed } = JSON.parse(file.text);
  assert.deepEqual([format, device], [FORMAT, 'idle']);
  return sealed.map(({ device: owner, payload, signature }) => {
    const { secret } = enrolments.find((one) => one.device === owner);
    const key = createHash('sha256').update(secret).digest();
    assert.equal(signature, createHmac('sha256', key).update(payload).digest('hex'));
    return { owner, ...JSON.parse(payload) };
  });
}

test('each part is sealed with the secret under which its answers were given', async () => {
  const found = await parts([entry('a', 'me', moment(0)), entry('b', 'old', moment(0)), entry('c', 'me', moment(0))]);
  const whose = found.map(({ owner, responses }) => [owner, ...responses.map((one) => one.response_id)]);
  assert.deepEqual(whose, [['old', 'b'], ['me', 'a', 'c']]);
});

test('an answer carries its day and the counter at which it was given, and no time', async () => {
  const [{ responses }] = await parts([entry('a', 'me', moment(0))]);
  assert.deepEqual(responses, [
    { response_id: 'a', answered_on: '2026-09-21', clock_doubtful: false, counter: 'two' },
  ]);
});

test('what the disk kept as a day is written as that day', async () => {
  const [{ responses }] = await parts([entry('a', 'me', { day: '2026-09-20', era: 'e', shift: 0 })]);
  assert.deepEqual([responses[0].answered_on, responses[0].clock_doubtful], ['2026-09-20', false]);
});

test('days are those of the office', async () => {
  const late = moment(5 * 3_600); // 19:13 UTC, the next day in Vietnam
  const [{ responses }] = await parts([entry('a', 'me', late)], { timezone: 'Asia/Ho_Chi_Minh' });
  assert.equal(responses[0].answered_on, '2026-09-22');
});

test('a tablet that never heard the server since its clock jumped says that its days are doubtful', async () => {
  const [{ responses, offset_s: offset }] = await parts([entry('a', 'me', moment(0, null))], { now: moment(DAY, null) });
  assert.deepEqual([responses[0].clock_doubtful, offset], [true, null]);
});

test('the file is named by the tablet and by the day that it truly is', async () => {
  const wrong = moment(-40 * DAY, 40 * DAY);
  const { name } = await exportFile({ entries: [], enrolments, now: wrong, timezone: 'UTC' });
  assert.equal(name, 'hailong-kiosk-idle-2026-09-21.json');
});
