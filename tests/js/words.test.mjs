/** The words of the moment, and which drawing stands for a level. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { step, Words } from '../../kiosk/static/elements.js';

const sentences = {
  unsent: { vi: 'Còn {count} phiếu', en: '{count} left' },
  progress: { vi: 'Câu {number}/{total}', en: '{number} of {total}' },
};

test('a sentence is said in the language of the moment, with its places filled', () => {
  const words = new Words(sentences, ['vi', 'en']);
  assert.equal(words.say('unsent', { count: 0 }), 'Còn 0 phiếu');
  words.lang = words.other;
  assert.equal(words.say('progress', { number: 2, total: 9 }), '2 of 9');
  assert.equal(words.in('vi', 'unsent', { count: 7 }), 'Còn 7 phiếu');
  assert.equal(words.of({ vi: 'Quầy', en: 'Counter' }), 'Counter');
});

test('a place that nothing fills stays as it is written', () => {
  assert.equal(new Words(sentences, ['vi']).say('progress', { number: 2 }), 'Câu 2/{total}');
});

test('a key that no sentence has is a fault that names it', () => {
  assert.throws(() => new Words(sentences, ['vi']).say('nothing'), /'nothing'/);
});

test('the button offers the other language, and the same where there is one alone', () => {
  const words = new Words(sentences, ['vi', 'en']);
  assert.equal(words.other, 'en');
  words.lang = 'en';
  assert.equal(words.other, 'vi');
  assert.equal(new Words(sentences, ['vi']).other, 'vi');
});

test('the five drawings are spread over a scale of any size, its ends always the outermost', () => {
  const drawn = (size) => Array.from({ length: size }, (_, at) => step(at + 1, size));
  assert.deepEqual(drawn(5), [1, 2, 3, 4, 5]);
  assert.deepEqual(drawn(2), [1, 5]);
  assert.deepEqual(drawn(3), [1, 3, 5]);
  for (const size of [4, 7, 10, 11]) {
    const faces = drawn(size);
    assert.deepEqual([faces[0], faces[size - 1]], [1, 5]);
    assert.deepEqual(faces, [...faces].sort((a, b) => a - b));
  }
});
