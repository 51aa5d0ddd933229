/** Who the tablet is, over lost replies and other tabs; and the number that opens its staff screen. */
import assert from 'node:assert/strict';
import { createHash, pbkdf2Sync } from 'node:crypto';
import { beforeEach, test } from 'node:test';

import { Enrolment, Pairing, Pin, plain } from '../../kiosk/static/enrolment.js';
import { at, pass, turn } from './clocks.mjs';
import { Disk } from './disks.mjs';

const granted = (device, counter = 'one') => ({ device, error: null, wait: 0, station: { counter_id: counter } });
const refused = (error, wait = 0) => ({ device: null, error, wait, station: null });
const silent = refused(null);

beforeEach(() => at(0, 0));

test('a pairing is kept, with the secret that was sent', async () => {
  const disk = new Disk();
  const enrolment = new Enrolment(disk);
  let sent = null;
  await enrolment.pair('abcd', async (code, secret) => {
    sent = secret;
    return granted('d1');
  });
  assert.match(sent, /^[\w-]{43}$/); // 32 bytes, base64url
  assert.deepEqual(enrolment.present, { device: 'd1', secret: sent, code: 'abcd', counter: 'one' });
  const next = new Enrolment(disk);
  assert.equal(await next.open(), true);
  assert.deepEqual([next.present, next.knows('abcd'), next.knows('wxyz')], [enrolment.present, true, false]);
});

test('a secret is on the disk before it is sent, and a lost reply asks again with the same', async () => {
  const disk = new Disk();
  const sent = [];
  const lose = async (code, secret) => {
    sent.push(secret);
    assert.deepEqual(disk.kept.get('pending'), { code, secret });
    return silent;
  };
  await new Enrolment(disk).pair('abcd', lose);
  await new Enrolment(disk).pair('abcd', lose); // the page was opened anew
  assert.equal(sent[0], sent[1]);
  await new Enrolment(disk).pair('other', lose);
  assert.notEqual(sent[2], sent[0]);
});

test('a secret that another tablet has is not offered twice', async () => {
  const enrolment = new Enrolment(new Disk());
  const sent = [];
  const take = async (code, secret) => {
    sent.push(secret);
    return refused('secret_taken');
  };
  await enrolment.pair('abcd', take);
  await enrolment.pair('abcd', take);
  assert.notEqual(sent[0], sent[1]);
});

test('earlier enrolments stay for the answers given under them, the present one is the last', async () => {
  const enrolment = new Enrolment(new Disk());
  for (const device of ['d1', 'd2', 'd1']) await enrolment.pair(`code-${device}`, async () => granted(device));
  assert.deepEqual(enrolment.all.map((one) => one.device), ['d2', 'd1']);
});

test('another tab that paired the tablet anew is noticed, and a wiped disk is', async () => {
  const disk = new Disk();
  const here = new Enrolment(disk);
  await here.pair('abcd', async () => granted('d1'));
  assert.deepEqual([await here.isOutdated(), await here.isWiped()], [false, false]);
  const there = new Enrolment(disk);
  await there.open();
  await there.pair('efgh', async () => granted('d2'));
  assert.equal(await here.isOutdated(), true);
  disk.kept.clear();
  assert.deepEqual([await here.isOutdated(), await here.isWiped()], [false, true]);
  disk.look = async () => Promise.reject(new Error('closed'));
  assert.equal(await here.isWiped(), null);
});

test('a code is compared as people write it', () => {
  assert.equal(plain(' ABCD-efgh '), 'abcdefgh');
  assert.equal(plain('#'), '');
});

// The pairing's own trying again.

const words = { say: (key) => key };

test('a code is tried again by itself only while the server is not reached', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const outcomes = [silent, refused('unknown_code')];
  const codes = [];
  const pair = async (code) => {
    codes.push(code);
    return outcomes.shift() ?? granted('d1');
  };
  const session = { screen: 'enrol', words, redraw: () => {} };
  const pairing = new Pairing({ session, pair, lost: () => null });
  await pairing.begin('abcd');
  t.mock.timers.tick(5_000);
  assert.deepEqual(codes, ['abcd', 'abcd']);
  await new Promise((resolve) => void setImmediate(resolve));
  t.mock.timers.tick(60_000);
  assert.deepEqual(codes, ['abcd', 'abcd']);
});

// The PIN.

const salt = Buffer.from('0123456789abcdef');
const verifier = {
  salt: salt.toString('base64'),
  iterations: 1000,
  hash: pbkdf2Sync('271828', salt, 1000, 32, 'sha256').toString('base64'),
};

test('the right number opens, any other does not', async () => {
  const pin = new Pin(new Disk());
  await pin.open();
  assert.equal(await pin.check('271829', verifier), false);
  assert.equal(await pin.check('271828', verifier), true);
});

test('four wrong numbers cost nothing; from the fifth on the pause doubles up to an hour', async () => {
  const pin = new Pin(new Disk());
  const found = [];
  for (let n = 0; n < 13; n += 1) {
    await pin.check('000000', verifier);
    found.push(pin.pause);
    pass(pin.pause);
  }
  assert.deepEqual(found, [0, 0, 0, 0, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
});

test('during a pause not even the right number opens, after it it does and all is forgotten', async () => {
  const pin = new Pin(new Disk());
  for (let n = 0; n < 5; n += 1) await pin.check('000000', verifier);
  assert.equal(await pin.check('271828', verifier), false);
  pass(59);
  assert.equal(pin.pause, 1);
  pass(1);
  assert.equal(await pin.check('271828', verifier), true);
  assert.equal(pin.pause, 0);
  await pin.check('000000', verifier);
  assert.equal(pin.pause, 0);
});

test('the wrong numbers are counted over reloads, and before they are known to be wrong', async () => {
  const disk = new Disk();
  for (let n = 0; n < 5; n += 1) {
    const pin = new Pin(disk);
    await pin.open();
    const checked = pin.check('000000', verifier);
    const [[name, tries]] = disk.written.splice(0);
    assert.deepEqual([name, tries.wrong], ['pin', n + 1]);
    await checked;
  }
  const pin = new Pin(disk);
  await pin.open();
  assert.equal(pin.pause, 60);
});

test('a calendar that is set back makes no longer pause', async () => {
  const pin = new Pin(new Disk());
  for (let n = 0; n < 5; n += 1) await pin.check('000000', verifier);
  turn(-40 * 86_400);
  assert.equal(pin.pause, 60);
  pass(60);
  assert.equal(pin.pause, 0);
});

test('nor does one that is set back before a reload', async () => {
  const disk = new Disk();
  const before = new Pin(disk);
  for (let n = 0; n < 5; n += 1) await before.check('000000', verifier);
  turn(-40 * 86_400);
  const pin = new Pin(disk);
  await pin.open();
  assert.equal(pin.pause, 60);
  pass(60);
  assert.equal(pin.pause, 0);
});

test('a calendar that is set ahead makes no shorter pause', async () => {
  const pin = new Pin(new Disk());
  for (let n = 0; n < 5; n += 1) await pin.check('000000', verifier);
  turn(40 * 86_400);
  assert.equal(pin.pause, 60);
});

test('neither the number nor what it is checked against is kept', async () => {
  const disk = new Disk();
  await new Pin(disk).check('271828', verifier);
  const kept = JSON.stringify([...disk.kept]);
  const digest = createHash('sha256').update('271828').digest('hex');
  assert.ok(![verifier.hash, '271828', digest].some((secret) => kept.includes(secret)));
});
