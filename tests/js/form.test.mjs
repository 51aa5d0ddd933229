/** One citizen's form: what is asked, and the record that comes of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Form, newId, NOT_APPLICABLE } from '../../kiosk/static/form.js';
import { station } from './stations.mjs';

const asked = (form) => form.steps.map((step) => step.id);

/** A form with this score for the whole; then at the question `id`. */
function formAt(id, { overall = 1, doc = station() } = {}) {
  const form = new Form(doc);
  form.at = 'overall';
  form.score(overall);
  while (form.step.id !== id) assert.ok(form.next());
  return form;
}

test('ids are random UUIDs of version 4', () => {
  const ids = Array.from({ length: 2000 }, newId);
  const shape = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  assert.equal(new Set(ids).size, 2000);
  assert.ok(ids.every((id) => shape.test(id)));
});

test('a form has one id from its start, however often its record is made', () => {
  const form = formAt('comment');
  assert.equal(form.record().response_id, form.record().response_id);
  assert.notEqual(new Form(station()).id, form.id);
});

test('who is satisfied is not asked what went wrong, who is not is', () => {
  const satisfied = ['overall', 'access', 'comment'];
  const dissatisfied = ['overall', 'access', 'went_wrong', 'comment'];
  for (const [score, steps] of [[1, dissatisfied], [2, dissatisfied], [3, satisfied], [5, satisfied]]) {
    assert.deepEqual(asked(formAt('overall', { overall: score })), steps);
  }
});

for (const [condition, holds] of [
  [{ item: 'overall', at_most: null, at_least: 4 }, [4, 5]],
  [{ item: 'overall', at_most: 3, at_least: 2 }, [2, 3]],
  [{ item: 'access', at_most: 5, at_least: null }, []],
]) {
  test(`${JSON.stringify(condition)} holds between its bounds and never without a score`, () => {
    const doc = station();
    doc.questions[doc.questions.length - 1].show_when = condition;
    const scores = [1, 2, 3, 4, 5, NOT_APPLICABLE];
    const found = scores.filter((overall) =>
      asked(formAt('overall', { overall, doc })).includes('comment'),
    );
    assert.deepEqual(found, holds);
  });
}

test('the sector is asked first where there are several, and known where there is one', () => {
  const several = new Form(station({ sectors: ['land', 'justice'] }));
  assert.deepEqual([several.step.id, several.sector, several.mayPass], ['sector', null, false]);
  const one = new Form(station({ sectors: ['land'] }));
  assert.deepEqual([one.step.id, one.sector, one.mayPass], ['overall', 'land', false]);
  assert.equal(new Form(station({ sectors: [] })).sector, null);
});

test('only what must be answered holds a person up', () => {
  const form = new Form(station());
  assert.equal(form.mayPass, false);
  form.score(4);
  assert.equal(form.mayPass, true);
  form.next();
  assert.deepEqual([form.step.id, form.isAnswered, form.mayPass], ['access', false, true]);
});

test('one goes on and back between the first question and the last', () => {
  const form = formAt('overall', { overall: 5 });
  assert.deepEqual([form.isFirst, form.back(), form.step.id], [true, false, 'overall']);
  assert.deepEqual(form.progress, { number: 1, total: 3 });
  assert.ok(form.next() && form.next());
  assert.deepEqual([form.isLast, form.next(), form.step.id], [true, false, 'comment']);
  assert.deepEqual(form.progress, { number: 3, total: 3 });
  assert.ok(form.back());
  form.toFirst();
  assert.equal(form.step.id, 'overall');
});

test('what is skipped is left out, and not applicable is an answer of its own', () => {
  const form = formAt('access', { overall: 5 });
  assert.deepEqual(form.record().scores, { overall: 5 });
  form.score(NOT_APPLICABLE);
  assert.equal(form.isAnswered, true);
  assert.deepEqual(form.record().scores, { overall: 5, access: null });
});

test('answers to a question that is no longer asked stay out', () => {
  const form = formAt('went_wrong');
  form.toggle('waiting');
  form.toggle('attitude');
  assert.deepEqual(form.record().choices, { went_wrong: ['waiting', 'attitude'] });
  form.toFirst();
  form.score(5);
  assert.deepEqual(form.record().choices, {});
});

test('a comment that is no longer asked for stays out', () => {
  const doc = station();
  doc.questions[doc.questions.length - 1].show_when = { item: 'overall', at_most: 2, at_least: null };
  const form = formAt('comment', { doc });
  form.comment = 'Chờ lâu';
  assert.equal(form.record().comment, 'Chờ lâu');
  form.toFirst();
  form.score(5);
  assert.equal(form.record().comment, null);
});

test('an option taken back is not sent', () => {
  const form = formAt('went_wrong');
  form.toggle('waiting');
  assert.deepEqual([form.isChosen('waiting'), form.isAnswered], [true, true]);
  form.toggle('waiting');
  assert.deepEqual([form.isChosen('waiting'), form.isAnswered], [false, false]);
  assert.deepEqual(form.record().choices, {});
});

test('a single choice keeps the last one picked', () => {
  const how = { kind: 'choices', id: 'how', text: {}, multiple: false, options: [], show_when: null };
  const form = formAt('how', { overall: 5, doc: station({ more: [how] }) });
  form.toggle('a');
  form.toggle('b');
  assert.deepEqual(form.record().choices, { how: ['b'] });
});

test('only blank space is no comment, and space around one is none of it', () => {
  const form = formAt('comment', { overall: 5 });
  form.comment = ' \n ';
  assert.deepEqual([form.isAnswered, form.record().comment], [false, null]);
  form.comment = ' Ghế cứng\n';
  assert.deepEqual([form.isAnswered, form.record().comment], [true, 'Ghế cứng']);
});

test('not applicable alone is nothing to send', () => {
  const form = new Form(station());
  assert.equal(form.hasScore, false);
  form.next();
  form.score(NOT_APPLICABLE);
  assert.equal(form.hasScore, false);
  form.score(3);
  assert.equal(form.hasScore, true);
});

test('a form is enough once what must be answered is', () => {
  const form = new Form(station());
  form.next();
  form.score(4);
  assert.equal(form.isEnough, false);
  form.back();
  form.score(4);
  assert.equal(form.isEnough, true);
});

test('a form without its sector is not enough', () => {
  const form = new Form(station({ sectors: ['land', 'justice'] }));
  form.at = 'overall';
  form.score(4);
  assert.equal(form.isEnough, false);
  form.sector = 'land';
  assert.equal(form.isEnough, true);
});

test('a half-written comment is not passed on', () => {
  const form = formAt('comment', { overall: 4 });
  form.comment = 'Ghế';
  assert.equal(form.record().comment, 'Ghế');
  assert.deepEqual(form.partial(), { ...form.record(), comment: null });
});

test('a record names the questions, the office and the sector that it is about', () => {
  const { response_id: id, ...record } = formAt('comment', { overall: 4 }).record();
  assert.ok(id);
  assert.deepEqual(record, {
    questionnaire: 'desk@1',
    office: 'trieu-son',
    sector: 'land',
    scores: { overall: 4 },
    choices: {},
    comment: null,
  });
});
