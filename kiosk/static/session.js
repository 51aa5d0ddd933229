/**
 * One citizen after the other: which screen is shown, what each tap does, and when nobody is there
 * any more. When a citizen is done or gone, the form is dropped, and with it all that the page knew
 * about them. Other modules (staff, pairing) may show screens of their own between two citizens.
 */
import { el, ring, Words } from './elements.js';
import { Form } from './form.js';
import { fillScreen, Frame, listenToKeys, Reader } from './frame.js';
import * as screens from './screens.js';

/** @import { Screen } from './screens.js' */
/** @import { Actions, AnswerRecord, Language, Signal, Station, Text, Visitor, Ways } from './shapes.js' */
/** @typedef {(record: AnswerRecord) => Promise<{ durable: boolean, settled: Promise<string> }>} Keep */
/** @typedef {{ name: Screen } | Visitor} Home what the tablet shows when nobody uses it */

const SEEN = 200; // milliseconds for which a picked answer is shown before the next question comes
const DEAF = 350; // and for which the next one takes no tap: a double tap answers one question
const SHORT = 150; // a shorter wait for the disk is not shown
const LATE = 8_000; // after this long without a receipt people are told that they need not wait
const CALM = 10_000; // untouched for this long, nobody is at the start screen
/** @type {Language[]} until the questionnaire says which */
const LANGUAGES = ['vi', 'en'];
const STAFF_IDLE = 120; // seconds after which a screen for staff closes by itself
const TICK = 250; // milliseconds between looks at who is there
const SAID_ALOUD = new Set([10, 5]); // of the seconds that are left

export class Session {
  /** @type {Form | null} */
  #form = null;
  /** @type {Home} */
  #home = { name: 'opening' };
  /** @type {Screen} */
  #own = 'opening';
  /** @type {Visitor | null} in the place of our own screen */
  #visitor = null;
  /** @type {Station | null} */
  #news = null;
  /** @type {object | null} */
  #handed = null;
  #busy = false;
  #late = false;
  /** @type {number[]} */
  #timers = [];
  #large = false;

  /** @type {Station | null} */
  doc = null;

  /**
   * @param {{ sentences: Record<string, Text>, keep: Keep, state: () => Signal }} parts `sentences`: by
   *   their keys; `keep`: as Outbox.put; `state`: of the outbox and the line
   */
  constructor({ sentences, keep, state }) {
    this.keep = keep;
    this.state = state;
    this.words = new Words(sentences, LANGUAGES);
    this.frame = new Frame(this.words, {
      language: () => this.#change(),
      larger: () => this.#enlarge(),
      aloud: () => this.reader.toggle(this.frame.main, this.words.lang),
      back: () => this.#back(),
      forward: () => this.#forward(),
    });
    this.presence = new Presence({
      words: this.words,
      after: () => (this.#keepsPartial ? 'kept' : 'erased'),
      gone: () => this.#leftAlone(),
    });
    listenToKeys({ back: () => this.#back(), forward: () => this.#enter() });
    this.reader = new Reader(() => this.#dress());
  }

  /** True where nobody is in the middle of anything: the moment for a new questionnaire. */
  get isWaiting() {
    return this.screen === this.#home.name;
  }

  /** True where nobody has been at the tablet for a while: the moment for a new app. */
  get isCalm() {
    return this.isWaiting && this.presence.untouched >= CALM;
  }

  /** The name of the screen. */
  get screen() {
    return this.#visitor?.name ?? this.#own;
  }

  /** Whether a citizen is answering, or their answer is on its way. */
  get isTaken() {
    return ['form', 'sending', 'nothing'].includes(this.screen);
  }

  /**
   * Work from this document: at once where nobody is in the middle of anything, else after.
   * @param {Station} doc
   */
  renew(doc) {
    this.#news = doc;
    if (this.isWaiting) this.reset();
  }

  /**
   * What the tablet shows when nobody uses it. Whoever is in the middle of something is not disturbed.
   * @param {Home} home
   */
  settle(home) {
    const wasWaiting = this.isWaiting;
    const changed = home.name !== this.#home.name;
    this.#home = home;
    if (changed && wasWaiting) this.reset();
  }

  /**
   * Show a screen of another module.
   * @param {Visitor} visitor
   */
  visit(visitor) {
    this.#form = null;
    this.#visitor = visitor;
    this.#show();
  }

  /** The next citizen finds the tablet as if nobody had been here. */
  reset() {
    if (this.#news) this.#take(this.#news);
    this.#form = null;
    this.#large = false;
    this.words.lang = this.words.first;
    this.presence.close();
    if ('body' in this.#home) this.visit(this.#home);
    else this.#go(this.#home.name);
  }

  /** News from the outbox and the line. */
  signal() {
    const { attention, ...state } = this.state();
    // A citizen who is answering should not wonder what staff are called for.
    this.frame.signal({ ...state, attention: this.isTaken ? null : attention });
  }

  /** @param {Station} doc */
  #take(doc) {
    this.doc = doc;
    this.frame.doc = doc;
    this.words.languages = doc.languages;
    this.#news = null;
  }

  get #keepsPartial() {
    return this.doc?.partial === 'keep' && Boolean(this.#form?.isEnough);
  }

  /** Nobody is there any more: what was answered counts where the questionnaire says so. */
  #leftAlone() {
    if (this.#form && this.#keepsPartial) this.keep(this.#form.partial());
    this.reset();
  }

  /** The form of the citizen who is answering. */
  get #answers() {
    if (!this.#form) throw new Error('nobody is answering');
    return this.#form;
  }

  /**
   * What taps do.
   * @type {Actions}
   */
  #actions = {
    begin: this.#unlessBusy(() => this.#begin()),
    sector: this.#unlessBusy((id) => {
      this.#answers.sector = id;
      this.#afterPick();
    }),
    score: this.#unlessBusy((level) => {
      this.#answers.score(level);
      this.#afterPick();
    }),
    choose: this.#unlessBusy((option) => this.#choose(option)),
    write: this.#unlessBusy(() => {
      this.#answers.writing = true;
      this.redraw();
      document.querySelector('textarea')?.focus();
    }),
    comment: this.#unlessBusy((text) => {
      this.#answers.comment = text;
      this.frame.label(this.#ways());
    }),
    done: this.#unlessBusy(() => this.#forward()),
    again: this.#unlessBusy(() => {
      this.#answers.toFirst();
      this.#go('form');
    }),
    leave: this.#unlessBusy(() => this.reset()),
  };

  /**
   * Deaf while a screen comes or goes: browsers without `inert` let the taps through.
   * @template {unknown[]} T
   * @param {(...values: T) => void} tap
   * @returns {(...values: T) => void}
   */
  #unlessBusy(tap) {
    return (...values) => {
      if (!this.#busy) tap(...values);
    };
  }

  #begin() {
    if (!this.doc) return;
    fillScreen();
    this.#form = new Form(this.doc);
    this.#go('form');
  }

  /** @param {string} option */
  #choose(option) {
    const form = this.#answers;
    form.toggle(option);
    if (form.step.kind === 'choices' && !form.step.multiple && form.isAnswered) {
      this.#afterPick();
    } else {
      screens.repress(this.frame.main);
      this.frame.label(this.#ways());
    }
  }

  /** @param {Screen} screen */
  #go(screen) {
    this.#visitor = null;
    this.#own = screen;
    this.#show();
  }

  /** Show the screen as a new one: focus on its heading, timers of the last one ended. */
  #show() {
    this.reader.stop();
    if (this.screen !== 'sending') this.#handed = null;
    this.#late = false;
    this.#timers.forEach(clearTimeout);
    this.#timers = [];
    this.#busy = true;
    this.#draw();
    this.#watch();
    this.#after(DEAF, () => this.#open());
    focusHeading();
  }

  #open() {
    this.#busy = false;
    this.frame.closed = false;
  }

  #draw() {
    const body = this.#visitor ? this.#visitor.body() : this.#build();
    this.#dress();
    this.frame.show(this.screen, body, this.#ways());
    this.frame.closed = this.#busy;
    this.signal();
  }

  #build() {
    const { words, doc } = this;
    const given = { words, doc, form: this.#form, actions: this.#actions, late: this.#late };
    return screens.build(this.#own, given);
  }

  #dress() {
    const { isSpeaking } = this.reader;
    const speaks = !this.#visitor && this.reader.canRead(this.words.lang);
    this.frame.dress({ large: this.#large, speaks, isSpeaking });
  }

  /** Draw the same screen in other words or another size; the focus stays where it was. */
  redraw() {
    const buttons = () => [...document.querySelectorAll('button')];
    const at = buttons().findIndex((button) => button === document.activeElement);
    this.#draw();
    const place = at < 0 ? null : buttons()[at];
    if (place) place.focus({ preventScroll: true });
    else focusHeading();
  }

  /**
   * The two buttons below.
   * @returns {Ways}
   */
  #ways() {
    if (this.#visitor?.back) return { back: this.words.say('back') };
    return this.screen === 'form' ? screens.ways(this.words, this.#answers) : {};
  }

  /** A form is warned about before it is dropped; where there is none to lose, the screen just goes. */
  #watch() {
    const { idle, countdown } = this.doc?.seconds ?? { idle: STAFF_IDLE, countdown: 0 };
    const asBefore = !this.#large && this.words.lang === this.words.first;
    const rests = this.screen === 'thanks' || this.#visitor?.stays || (this.isWaiting && asBefore);
    if (rests) this.presence.watch(null);
    else if (this.#visitor) this.presence.watch({ idle: STAFF_IDLE, countdown: 0 });
    else this.presence.watch({ idle, countdown: this.#form ? countdown : 0 });
  }

  /** The picked tile is seen as picked, then the next question comes. */
  #afterPick() {
    this.#busy = true;
    screens.repress(this.frame.main);
    this.frame.closed = true;
    this.#after(SEEN, () => this.#next());
  }

  #forward() {
    if (this.#busy || this.screen !== 'form' || !this.#answers.mayPass) return;
    this.#busy = true;
    this.#next();
  }

  #next() {
    const form = this.#answers;
    if (form.next()) this.#go('form');
    else if (form.hasScore) this.#hand(form.record());
    else this.#go('nothing');
  }

  #back() {
    if (this.#busy) return;
    if (this.#visitor) return this.#visitor.back?.();
    if (this.#own !== 'form') return;
    this.#busy = true;
    if (this.#answers.back()) this.#go('form');
    else this.reset();
  }

  /**
   * Give the answers away, and hold none. Thanks once they are on the tablet's disk; where it has
   * none for us, only on the server's receipt.
   * @param {AnswerRecord} record
   */
  async #hand(record) {
    const mine = {};
    this.#form = null;
    this.#own = 'sending';
    this.#handed = mine;
    this.#after(SHORT, () => this.#showSending());
    const { durable, settled } = await this.keep(record);
    const receipt = durable ? 'kept' : await settled;
    if (this.#handed !== mine) return; // the citizen has left; another may be here
    const failed = receipt === 'refused' || receipt === 'too_large';
    this.#go(failed ? 'refused' : 'thanks');
    if (!failed) this.#after((this.doc?.seconds.thanks ?? 0) * 1000, () => this.reset());
  }

  #showSending() {
    this.#go('sending');
    this.#after(LATE, () => {
      this.#late = true;
      this.redraw();
      this.frame.tell(this.words.say('no_need_to_wait'));
    });
  }

  #change() {
    this.reader.stop();
    this.words.lang = this.words.other;
    this.redraw();
    this.#watch();
  }

  #enlarge() {
    this.#large = !this.#large;
    this.redraw();
    this.#watch();
  }

  /** Enter where no button has the focus: what most people want on this screen. */
  #enter() {
    if (this.#busy) return;
    /** @type {HTMLElement | null} */
    const big = document.querySelector('main .big');
    if (this.screen === 'form') this.#forward();
    else big?.click();
  }

  /**
   * @param {number} milliseconds
   * @param {() => void} action
   */
  #after(milliseconds, action) {
    this.#timers.push(setTimeout(action, milliseconds));
  }
}

const focusHeading = () => document.getElementById('question')?.focus({ preventScroll: true });

/**
 * Whether somebody is at the tablet: watches touches, asks before a form is given up, and knows for
 * how long nobody has been there. Decides nothing about what happens then.
 */
class Presence {
  #lastTouch = performance.now();
  #question;
  #idle;

  /**
   * @param {{ words: Words, after: () => string, gone: () => void }} parts `after`: the key of what
   *   happens when nobody answers
   */
  constructor({ words, after, gone }) {
    this.#question = new StillHere(words);
    this.#idle = new IdleWatch({
      left: (seconds, of) => this.#question.show(seconds, of, after()),
      gone,
    });
    for (const sign of ['pointerdown', 'click', 'keydown', 'input']) {
      document.addEventListener(sign, () => this.#touch(), true);
    }
  }

  /** Milliseconds since the last touch. */
  get untouched() {
    return performance.now() - this.#lastTouch;
  }

  /**
   * Watch from now on, as IdleWatch does; null: nobody is expected to do anything.
   * @param {Patience | null} seconds
   */
  watch(seconds) {
    if (seconds === null) this.#idle.rest();
    else this.#idle.watch(seconds);
  }

  /** Take the question away. */
  close() {
    this.#question.close();
  }

  #touch() {
    this.#lastTouch = performance.now();
    this.#idle.touch();
  }
}

/** @typedef {{ idle: number, countdown: number }} Patience seconds of nothing, then of warning (0: none) */

/**
 * Notices that nobody is there any more. Counts from the last touch, not from the start of the form.
 * Knows no screen; what a warning looks like, and what 'gone' means, it is told.
 */
export class IdleWatch {
  #last = performance.now();
  /** @type {number | null} */
  #hiddenAt = null;
  /** @type {Patience | null} */
  #seconds = null;
  #handlers;

  /**
   * @param {{ left: (seconds: number, of: number) => void, gone: () => void }} handlers `left`: while
   *   the countdown runs; `gone`: when nobody is there
   */
  constructor(handlers) {
    this.#handlers = handlers;
    setInterval(() => this.#tick(), TICK);
    document.addEventListener('visibilitychange', () => this.#seen());
  }

  /**
   * Watch from now on.
   * @param {Patience} seconds
   */
  watch({ idle, countdown }) {
    this.#seconds = { idle, countdown };
    this.#last = performance.now();
  }

  /** Nobody is expected to do anything: watch no more. */
  rest() {
    this.#seconds = null;
  }

  /** Somebody is there. */
  touch() {
    this.#last = performance.now();
  }

  #tick() {
    if (!this.#seconds) return;
    const { idle, countdown } = this.#seconds;
    const left = Math.ceil(idle + countdown - (performance.now() - this.#last) / 1000);
    if (left <= 0) this.#leave();
    else if (left <= countdown) this.#handlers.left(left, countdown);
  }

  // While a tablet sleeps, timers and performance.now() may stand still; the calendar does not.
  #seen() {
    if (document.hidden) {
      this.#hiddenAt = Date.now();
    } else if (this.#seconds && this.#hiddenAt !== null) {
      if (Date.now() - this.#hiddenAt >= this.#seconds.idle * 1000) this.#leave();
    }
  }

  #leave() {
    this.rest();
    this.#handlers.gone();
  }
}

/** The question whether someone is there, over everything else, with the seconds that are left. */
class StillHere {
  ring = ring();
  title = el('h2', { id: 'still-title' });
  text = el('p', { id: 'still-text' });
  news = el('p', { class: 'unseen', role: 'status' });
  button = el('button', { type: 'button', class: 'big' });

  /** @param {Words} words */
  constructor(words) {
    this.words = words;
    this.dialog = el(
      'dialog',
      { 'aria-labelledby': 'still-title', 'aria-describedby': 'still-text' },
      this.ring.drawing,
      this.title,
      this.text,
      this.button,
      this.news,
    );
    // Any tap or key says that someone is there. Not on pointerdown: the tap that follows would then
    // fall on an answer beneath. The key is used up: it must not press what lay beneath either.
    document.addEventListener('click', () => this.close(), true);
    document.addEventListener('keydown', (event) => this.#key(event), true);
    this.dialog.addEventListener('cancel', () => this.close());
  }

  /**
   * Show `left` seconds of `of`; opens the first time.
   * @param {number} left
   * @param {number} of
   * @param {string} after the key of what happens then
   */
  show(left, of, after) {
    this.ring.show(left, of);
    const sentence = this.words.say('seconds_left', { seconds: left });
    this.text.textContent = `${sentence} ${this.words.say(after)}`;
    if (!this.dialog.open) this.#open();
    else if (SAID_ALOUD.has(left)) this.news.textContent = sentence;
  }

  close() {
    if (!this.dialog.open) return;
    this.dialog.close();
    this.dialog.remove();
  }

  #open() {
    this.title.textContent = this.words.say('still_here');
    this.button.textContent = this.words.say('continue');
    this.news.textContent = '';
    document.body.append(this.dialog);
    this.dialog.showModal();
    this.button.focus();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!this.dialog.open || event.key === 'Tab' || event.key === 'Shift') return;
    event.preventDefault();
    event.stopPropagation();
    this.close();
  }
}
