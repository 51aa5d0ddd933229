/**
 * One citizen's form: what is asked, where the person is, what was answered, and the record of it.
 * Knows no screen, no clock and no network. Dropping the object drops everything about the person.
 */

/** A random UUID (version 4); crypto.randomUUID is missing on plain http, getRandomValues is not. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** Stands for 'not applicable', which is an answer; no answer at all is undefined. */
export const NOT_APPLICABLE = null;

export class Form {
  /** `doc`: the server's document. The id is made here, once: every retry carries the same. */
  constructor(doc, id = newId()) {
    this.id = id;
    this.doc = doc;
    this.sector = doc.sectors.length === 1 ? doc.sectors[0].id : null;
    this.scores = new Map();
    this.chosen = new Map();
    this.comment = '';
    this.writing = false;
    this.at = this.steps[0].id;
  }

  /** What is asked, in order. Depends on the answers: some questions have a condition. */
  get steps() {
    const sector = this.doc.sectors.length > 1 ? [{ kind: 'sector', id: 'sector' }] : [];
    return [...sector, ...this.doc.questions.filter((question) => this.#holds(question.show_when))];
  }

  get step() {
    return this.steps[this.#place];
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
    this.at = this.steps[0].id;
  }

  /** Whether the step may be left without an answer. */
  get mayPass() {
    const { kind, required } = this.step;
    return this.isAnswered || !(kind === 'sector' || required);
  }

  get isAnswered() {
    const { kind, id } = this.step;
    if (kind === 'sector') return this.sector !== null;
    if (kind === 'score') return this.scores.has(id);
    if (kind === 'choices') return (this.chosen.get(id)?.size ?? 0) > 0;
    return this.comment.trim() !== '';
  }

  /** Give the level 1..n or NOT_APPLICABLE. */
  score(level) {
    this.scores.set(this.step.id, level);
  }

  /** Pick an option, or take it back; one only where one is asked. */
  toggle(option) {
    const { id, multiple } = this.step;
    const before = this.chosen.get(id) ?? new Set();
    const after = multiple ? new Set(before) : new Set();
    if (before.has(option)) after.delete(option);
    else after.add(option);
    this.chosen.set(id, after);
  }

  isChosen(option) {
    return this.chosen.get(this.step.id)?.has(option) ?? false;
  }

  /** Whether there is anything to send: a response has at least one score. */
  get hasScore() {
    return [...this.scores.values()].some((level) => level !== NOT_APPLICABLE);
  }

  /** Whether all that must be answered is, so that the rest may be missing. */
  get isEnough() {
    const scored = (step) => step.kind !== 'score' || !step.required || this.scores.has(step.id);
    const sectorKnown = this.doc.sectors.length === 0 || this.sector !== null;
    return this.hasScore && sectorKnown && this.steps.every(scored);
  }

  /** The record of a form that was left half-way. A comment that was not sent is not passed on. */
  partial() {
    return { ...this.record(), comment: null };
  }

  /** The record to be sent. Answers to questions that are no longer asked stay out. */
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

  #move(by) {
    const step = this.steps[this.#place + by];
    if (step) this.at = step.id;
    return Boolean(step);
  }

  #holds(condition) {
    if (!condition) return true;
    const score = this.scores.get(condition.item) ?? null;
    if (score === null) return false;
    return score <= (condition.at_most ?? Infinity) && score >= (condition.at_least ?? -Infinity);
  }
}
