/** How old an answer is, on a tablet whose calendar lies, is put right, and which sleeps. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';

import { age, Clock, dayOf, noonOf, wall } from '../../kiosk/static/clock.js';
import { at, DAY, HOUR, pass, START, turn } from './clocks.mjs';

let saved = null;

beforeEach(() => {
  at(0, 0);
  saved = null;
});

/** A page of the tablet, opened on the notes that the last one kept. */
function session(zone) {
  const clock = new Clock((notes) => {
    saved = notes;
  });
  clock.zone = zone;
  clock.open(saved);
  return clock;
}

const hears = (clock, ahead) => clock.heard(Date.now() / 1000 + ahead, Date.now(), Date.now());

test('inside one session an age is the time that passed', () => {
  const clock = session();
  const then = clock.moment();
  pass(5400.4);
  assert.deepEqual(age(then, clock.moment()), { seconds: 5400, doubtful: false });
});

test('a night of sleep counts', () => {
  const clock = session();
  const then = clock.moment();
  pass(5);
  turn(14 * HOUR);
  pass(5);
  assert.deepEqual(age(then, clock.moment()), { seconds: 14 * HOUR + 10, doubtful: false });
});

test('a weekend of sleep counts once the server is heard again', () => {
  const clock = session();
  hears(clock, 0);
  const then = clock.moment();
  turn(60 * HOUR);
  clock.note();
  hears(clock, 0);
  assert.deepEqual(age(then, clock.moment()), { seconds: 60 * HOUR, doubtful: false });
});

test('an answer of another session is dated by the calendar', () => {
  const first = session();
  hears(first, 0);
  const then = first.moment();
  pass(10);
  first.note();
  at(3, 3 * DAY);
  const second = session();
  hears(second, 0);
  assert.deepEqual(age(then, second.moment()), { seconds: 3 * DAY, doubtful: false });
});

for (const days of [-40, 40]) {
  test(`a clock that is ${days} days wrong all along gives the right age`, () => {
    turn(days * DAY);
    const first = session();
    hears(first, -days * DAY);
    const then = first.moment();
    at(2, days * DAY + 7200);
    const second = session();
    hears(second, -days * DAY);
    assert.deepEqual(age(then, second.moment()), { seconds: 2 * HOUR, doubtful: false });
  });

  test(`a clock ${days} days wrong, put right while the tablet was off, gives the right age`, () => {
    turn(days * DAY);
    const first = session();
    hears(first, -days * DAY);
    const then = first.moment();
    pass(5);
    first.note();
    at(2, 7200);
    const second = session();
    hears(second, 0);
    assert.deepEqual(age(then, second.moment()), { seconds: 2 * HOUR, doubtful: false });
  });

  test(`a clock ${days} days wrong, put right under the open page, gives the right age`, () => {
    turn(days * DAY);
    const clock = session();
    hears(clock, -days * DAY);
    const then = clock.moment();
    pass(600);
    turn(-days * DAY);
    clock.note();
    pass(600);
    hears(clock, 0);
    assert.deepEqual(age(then, clock.moment()), { seconds: 1200, doubtful: false });
  });

  test(`what was answered after a clock ${days} days wrong was put right is dated by the right one`, () => {
    turn(days * DAY);
    const clock = session();
    hears(clock, -days * DAY);
    pass(600);
    turn(-days * DAY);
    clock.note();
    pass(10);
    const then = clock.moment();
    pass(HOUR);
    hears(clock, 0);
    assert.deepEqual(age(then, clock.moment()), { seconds: HOUR, doubtful: false });
  });

  test(`a clock ${days} days wrong, put right while the tablet was off, keeps the day of the disk`, () => {
    turn(days * DAY);
    const first = session('UTC');
    hears(first, -days * DAY);
    const then = first.day();
    at(2, 26 * HOUR);
    const second = session('UTC');
    hears(second, 0);
    const { seconds, doubtful } = age(then, second.moment());
    assert.deepEqual([Math.floor((seconds + 7 * HOUR) / DAY), doubtful], [1, false]);
  });
}

test('where nothing tells how far the clock jumped the date is marked', () => {
  const first = session();
  const then = first.moment();
  pass(30);
  first.note();
  at(2, -40 * DAY);
  const second = session();
  hears(second, 40 * DAY);
  assert.deepEqual(age(then, second.moment()), { seconds: 0, doubtful: true });
});

test('a jump that nobody can measure leaves at least the time that surely passed', () => {
  const clock = session();
  const then = clock.moment();
  pass(900);
  turn(40 * DAY);
  clock.note();
  assert.deepEqual(age(then, clock.moment()), { seconds: 900, doubtful: true });
});

test('a correction that nobody saw makes no answer of the future', () => {
  turn(-40 * DAY); // put forward while off, answered offline; then the server is heard
  const first = session();
  hears(first, 40 * DAY);
  at(1, 100);
  const second = session();
  const then = second.moment();
  pass(HOUR);
  hears(second, 0);
  assert.deepEqual(age(then, second.moment()), { seconds: HOUR, doubtful: true });
});

test('a time service that sets the clock back by a second is no jump', () => {
  const first = session();
  pass(50);
  first.note();
  turn(-1);
  assert.equal(session().notes.era, first.notes.era);
});

test('a calendar that was set back while the tablet was off begins another era', () => {
  const first = session();
  at(1, -2 * DAY);
  assert.notEqual(session().notes.era, first.notes.era);
});

test('no age is higher than the server takes', () => {
  const clock = session();
  hears(clock, 0);
  const then = clock.moment();
  at(2, 20 * 365 * DAY);
  const second = session();
  hears(second, 0);
  assert.deepEqual(age(then, second.moment()), { seconds: 0, doubtful: true });
});

test('what one tab saw of the calendar is not taken for what another saw', () => {
  const sleeping = session();
  turn(-40 * DAY);
  const open = session();
  const then = open.moment();
  turn(42 * DAY);
  const now = sleeping.moment();
  assert.deepEqual([then.offset, now.offset], [null, null]);
  assert.deepEqual(age(then, now), { seconds: 0, doubtful: true });
});

test('the server counts as heard until the calendar jumps', () => {
  const clock = session();
  assert.equal(clock.isFresh, false);
  hears(clock, 5);
  assert.deepEqual([clock.isFresh, clock.offset], [true, 5]);
  turn(2 * DAY);
  clock.note();
  assert.deepEqual([clock.isFresh, clock.offset], [false, null]);
});

// What the disk is told: the day.

for (const wrong of [0, -40 * DAY, 40 * DAY, 5 * HOUR]) {
  for (const later of [9 * HOUR, 10 * HOUR, DAY, 40 * DAY + 9 * HOUR]) {
    test(`the day on the disk gives the day ${later} s later by a calendar ${wrong} s wrong`, () => {
      turn(wrong);
      const first = session('UTC');
      hears(first, -wrong);
      const then = first.day();
      at(1, wrong + later);
      const second = session('UTC');
      hears(second, -wrong);
      const { seconds, doubtful } = age(then, second.moment());
      const answered = START + (later - seconds) * 1000;
      assert.deepEqual(Object.keys(then), ['day', 'era', 'shift']);
      assert.equal(then.day, '2026-09-21');
      assert.equal(new Date(answered).toISOString().slice(0, 10), '2026-09-21');
      assert.equal(doubtful, false);
    });
  }
}

test('a day of before a correction that nobody can measure is marked', () => {
  const then = session().day();
  at(2, -40 * DAY);
  const second = session();
  hears(second, 40 * DAY);
  assert.deepEqual(age(then, second.moment()), { seconds: 0, doubtful: true });
});

for (const [wrong, doubtful] of [[HOUR / 2, false], [5 * HOUR, true]]) {
  test(`a day by a calendar that turns out ${wrong} s wrong is ${doubtful ? '' : 'not '}marked`, () => {
    turn(wrong);
    const then = session().day();
    pass(DAY);
    const second = session();
    hears(second, -wrong);
    assert.equal(then.shift, null);
    assert.equal(age(then, second.moment()).doubtful, doubtful);
  });
}

test('answers are dated in the days of the office, wherever the tablet thinks it is', () => {
  const clock = session('Asia/Ho_Chi_Minh');
  turn(3 * HOUR);
  assert.equal(clock.day().day, '2026-09-22');
});

test('in a zone that the browser does not know, days are those of the tablet', () => {
  assert.equal(dayOf(START, 'no/where'), dayOf(START));
});

test('a day begins at midnight of the wall clock and its noon is twelve hours later', () => {
  const midnight = Date.parse('2026-09-21T17:00:00Z'); // in Vietnam
  assert.equal(dayOf(midnight - 1, 'Asia/Ho_Chi_Minh'), '2026-09-21');
  assert.equal(dayOf(midnight, 'Asia/Ho_Chi_Minh'), '2026-09-22');
  assert.equal(noonOf('2026-09-22') - wall(midnight, 'Asia/Ho_Chi_Minh'), 12 * HOUR * 1000);
});

test('a tablet of before goes on with its notes and its moments', () => {
  // Written by the app of before: moments, with milliseconds.
  const calendar = START - 3 * DAY * 1000;
  const then = { steady: 5, calendar, session: 'x', era: 'e', offset: 0.25 };
  saved = { era: 'e', offset: 0.25, seen: START - 60_000, contact: START - 90_000 };
  const clock = session('UTC');
  hears(clock, 0.25);
  assert.deepEqual(age(then, clock.moment()), { seconds: 3 * DAY, doubtful: false });
  const day = '2026-09-21';
  assert.deepEqual(saved, { era: 'e', offset: 0.25, seen: day, contact: day });
});

test('the notes that outlive the page are written once a day and hold no time', () => {
  // Each writing stays in the browser's files: one at every contact would be a clock there.
  const notes = [];
  const clock = new Clock((one) => notes.push(one));
  clock.zone = 'UTC';
  clock.open(null);
  for (let n = 0; n < 200; n += 1) {
    pass(300.123);
    hears(clock, 0.3 * Math.sin(n));
    clock.day();
  }
  const days = notes.map(({ seen }) => seen);
  const [first, second] = ['2026-09-21', '2026-09-22'];
  assert.ok(notes.length <= 4);
  assert.deepEqual(days, [first, first, ...Array(notes.length - 2).fill(second)]);
  const { era, ...last } = notes[notes.length - 1];
  assert.ok(era);
  assert.deepEqual(last, { offset: 0, seen: second, contact: second });
});

test('nothing is written before the notes of the last session are read', () => {
  const clock = new Clock((notes) => {
    saved = notes;
  });
  hears(clock, 3);
  assert.equal(saved, null);
  clock.open({ era: 'before', offset: null, seen: '2026-09-20', contact: null });
  assert.equal(saved.era, 'before');
});
