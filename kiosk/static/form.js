/**
 * One citizen's form: what is asked, where the person is, what was answered, and the record of it.
 * Knows no screen, no clock and no network. Dropping the object drops everything about the person.
 */

/** @import { AnswerRecord, ChoicesQuestion, Condition, Level, Question, Station, Step } from './shapes.js' */

/** A random UUID (version 4); crypto.randomUUID is missing on plain http, getRandomValues is not. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const marked = bytes.map((byte, at) => {
    if (at === 6) return (byte & 0x0f) | 0x40;
    return at === 8 ? (byte & 0x3f) | 0x80 : byte;
  });
  const hex = Array.from(marked, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Stands for 'not applicable', which is an answer; no answer at all is undefined. */
export const NOT_APPLICABLE = null;

/** The sector of who could not tell which, as the phone form sends it. */
export const UNKNOWN = 'unknown';

/** @type {Step} */
const RECORDED = { kind: 'recorded', id: 'recorded' };

export class Form {
  /** @type {string | null} */
  sector = null;
  /** @type {Map<string, Level>} */
  scores = new Map();
  /** @type {Map<string, Set<string>>} */
  chosen = new Map();
  comment = '';
  writing = false;
  at = '';

  /**
   * The id is made here, once: every retry carries the same.
   * @param {Station} doc the server's document
   */
  constructor(doc, id = newId()) {
    this.id = id;
    this.doc = doc;
    const [first] = doc.sectors;
    if (first && doc.sectors.length === 1) this.sector = first.id;
    this.toFirst();
  }

  /**
   * What is asked, in order. Depends on the answers: some questions have a condition.
   * @returns {Step[]}
   */
  get steps() {
    const asked = this.doc.questions.filter(
      (question) => question.kind === 'score' || this.#holds(question.show_when),
    );
    /** @type {Step[]} */
    const sector = this.doc.sectors.length > 1 ? [{ kind: 'sector', id: 'sector' }] : [];
    return this.isOneTap ? this.#afterTap(sector, asked) : [...sector, ...asked];
  }

  /** Whether the first answer is a whole one. */
  get isOneTap() {
    return Boolean(this.doc.one_tap);
  }

  /**
   * The whole answer, what belongs to it, then what may follow: the reasons right after their item.
   * @param {Step[]} sector
   * @param {Question[]} asked
   * @returns {Step[]}
   */
  #afterTap(sector, asked) {
    const reasons = (/** @type {string} */ item) =>
      asked.filter((one) => one.kind === 'choices' && one.show_when?.item === item);
    const first = asked.filter(({ id }) => id === this.doc.one_tap);
    const rest = asked.filter(
      ({ id, ...one }) => id !== this.doc.one_tap && !(one.kind === 'choices' && one.show_when),
    );
    const more = rest.flatMap((one) => [one, ...reasons(one.id)]);
    return [...first, ...sector, ...reasons(String(this.doc.one_tap)), RECORDED, ...more];
  }

  get step() {
    const step = this.steps[this.#place];
    if (!step) throw new Error(`'${this.at}' is not asked`);
    return step;
  }

  /** {number, total}, counted from 1; null up to where one tap, with what belongs to it, is recorded. */
  get progress() {
    const before = this.steps.indexOf(RECORDED) + 1;
    const number = this.#place + 1 - before;
    return number > 0 ? { number, total: this.steps.length - before } : null;
  }

  /** Whether somebody is in the middle of a sentence, here or on a phone. */
  get isWriting() {
    const { step } = this;
    return step.kind === 'comment' && (this.writing || Boolean(step.phone));
  }

  /** Whether this screen says that the answer was recorded. */
  get isRecorded() {
    return this.step.kind === 'recorded';
  }

  get isFirst() {
    return this.#place === 0;
  }

  get isLast() {
    return this.#place === this.steps.length - 1;
  }

  /** Go on; false where this was the last question. */
  next() {
    return this.#move(1);
  }

  /** Go back; false where this is the first question. */
  back() {
    return this.#move(-1);
  }

  toFirst() {
    const [first] = this.steps;
    if (!first) throw new Error('nothing is asked');
    this.at = first.id;
  }

  /** Whether the step may be left without an answer. */
  get mayPass() {
    const { step } = this;
    const isAsked = step.kind === 'sector' && !this.isOneTap;
    const mustBe = isAsked || (step.kind === 'score' && step.required);
    return this.isAnswered || !mustBe;
  }

  get isAnswered() {
    const { kind, id } = this.step;
    if (kind === 'sector') return this.sector !== null;
    if (kind === 'score') return this.scores.has(id);
    if (kind === 'choices') return (this.chosen.get(id)?.size ?? 0) > 0;
    return kind === 'comment' && this.comment.trim() !== '';
  }

  /**
   * Give the level 1..n or NOT_APPLICABLE.
   * @param {Level} level
   */
  score(level) {
    this.scores.set(this.step.id, level);
  }

  /**
   * Pick an option, or take it back; one only where one is asked.
   * @param {string} option
   */
  toggle(option) {
    const { id, multiple } = /** @type {ChoicesQuestion} */ (this.step);
    const before = this.chosen.get(id) ?? new Set();
    const after = new Set(multiple ? before : []);
    if (before.has(option)) after.delete(option);
    else after.add(option);
    this.chosen.set(id, after);
  }

  /** @param {string} option */
  isChosen(option) {
    return this.chosen.get(this.step.id)?.has(option) ?? false;
  }

  /** Whether there is anything to send: a response has at least one score. */
  get hasScore() {
    return [...this.scores.values()].some((level) => level !== NOT_APPLICABLE);
  }

  /** Whether all that must be answered is, so that the rest may be missing. */
  get isEnough() {
    const sectorKnown = this.isOneTap || this.doc.sectors.length === 0 || this.sector !== null;
    const isScored = this.steps.every(
      (step) => step.kind !== 'score' || !step.required || this.scores.has(step.id),
    );
    return this.hasScore && sectorKnown && isScored;
  }

  /**
   * The record of a form that was left half-way. A comment that was not sent is not passed on.
   * @returns {AnswerRecord}
   */
  partial() {
    return { ...this.record(), comment: null };
  }

  /**
   * The record to be sent. Answers to questions that are no longer asked stay out.
   * @returns {AnswerRecord}
   */
  record() {
    const asked = new Set(this.steps.map((step) => step.id));
    const chosen = [...this.chosen].filter(([id, options]) => asked.has(id) && options.size > 0);
    return {
      response_id: this.id,
      questionnaire: this.doc.questionnaire,
      office: this.doc.office_id,
      sector: this.sector ?? (this.isOneTap && this.doc.sectors.length > 1 ? UNKNOWN : null),
      scores: Object.fromEntries(this.scores),
      choices: Object.fromEntries(chosen.map(([id, options]) => [id, [...options]])),
      comment: (asked.has('comment') && this.comment.trim()) || null,
    };
  }

  get #place() {
    return this.steps.findIndex((step) => step.id === this.at);
  }

  /** @param {number} by */
  #move(by) {
    const step = this.steps[this.#place + by];
    if (step) this.at = step.id;
    return Boolean(step);
  }

  /** @param {Condition | null} condition */
  #holds(condition) {
    if (!condition) return true;
    const score = this.scores.get(condition.item) ?? null;
    if (score === null) return false;
    return score <= (condition.at_most ?? Infinity) && score >= (condition.at_least ?? -Infinity);
  }
}
