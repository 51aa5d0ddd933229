/**
 * One citizen's form: what is asked, where the person is, what was answered, and the record of it.
 * Knows no screen, no clock and no network. Dropping the object drops everything about the person.
 */

/** @import { AnswerRecord, ChoicesQuestion, Condition, Level, Station, Step } from './shapes.js' */

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
    return this.doc.sectors.length > 1 ? [{ kind: 'sector', id: 'sector' }, ...asked] : asked;
  }

  get step() {
    const step = this.steps[this.#place];
    if (!step) throw new Error(`'${this.at}' is not asked`);
    return step;
  }

  /** {number, total}, counted from 1. */
  get progress() {
    return { number: this.#place + 1, total: this.steps.length };
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
    const mustBe = step.kind === 'sector' || (step.kind === 'score' && step.required);
    return this.isAnswered || !mustBe;
  }

  get isAnswered() {
    const { kind, id } = this.step;
    if (kind === 'sector') return this.sector !== null;
    if (kind === 'score') return this.scores.has(id);
    if (kind === 'choices') return (this.chosen.get(id)?.size ?? 0) > 0;
    return this.comment.trim() !== '';
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
    const sectorKnown = this.doc.sectors.length === 0 || this.sector !== null;
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
      sector: this.sector,
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
