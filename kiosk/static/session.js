/**
 * One citizen after the other: which screen is shown, what each tap does, and when nobody is there
 * any more. When a citizen is done or gone, the form is dropped, and with it all that the page knew
 * about them. Other modules (staff, pairing) may show screens of their own between two citizens.
 */
import { Words } from './elements.js';
import { Form } from './form.js';
import { fillScreen, Frame, listenToKeys, Reader } from './frame.js';
import { Pace } from './pace.js';
import { Presence } from './presence.js';
import * as screens from './screens.js';

/** @import { Screen } from './screens.js' */
/** @import { Actions, AnswerRecord, Language, Level, Patience, Signal, Station, Text, Visitor, Ways } from './shapes.js' */
/** @typedef {(record: AnswerRecord) => Promise<{ durable: boolean, settled: Promise<string> }>} Keep */
/** @typedef {(record: AnswerRecord) => Promise<boolean>} Hold */
/** @typedef {{ name: Screen } | Visitor} Home what the tablet shows when nobody uses it */

const SEEN = 200; // milliseconds for which a picked answer is shown before the next question comes
const DEAF = 350; // and for which the next one takes no tap: a double tap answers one question
const AIMED = 250; // and this long after it is seen, a touch was aimed at what stood there before
const QUEUED = 10_000; // what claims to be older has another clock, and is no touch that waited
const SHORT = 150; // a shorter wait for the disk is not shown
const LATE = 8_000; // after this long without a receipt people are told that they need not wait
const CALM = 10_000; // untouched for this long, nobody is at the start screen
/** @type {Language[]} until the questionnaire says which */
const LANGUAGES = ['vi', 'en'];
const STAFF_IDLE = 120; // seconds after which a screen for staff closes by itself

export class Session {
  /**
   * Of who is answering.
   * @type {Form | null}
   */
  #form = null;
  /**
   * Of who may tap next, where one tap is a whole answer.
   * @type {Form | null}
   */
  #blank = null;
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
  #seenFrom = 0;
  /** @type {object | null} */
  #drawing = null;
  /**
   * What follows once a new screen is seen, also where it is drawn again before.
   * @type {(() => void) | null}
   */
  #unseen = null;
  /** @type {number[]} */
  #timers = [];
  #large = false;
  #pace = new Pace();

  /** @type {Station | null} */
  doc = null;

  /**
   * @param {{ sentences: Record<string, Text>, keep: Keep, hold: Hold, state: () => Signal }} parts
   *   `sentences`: by their keys; `keep`, `hold`: as Outbox.put and Outbox.hold; `state`: of the outbox
   *   and the line
   */
  constructor({ sentences, keep, hold, state }) {
    this.keep = keep;
    this.hold = hold;
    this.state = state;
    this.words = new Words(sentences, LANGUAGES);
    this.frame = new Frame(this.words, {
      language: () => this.#change(),
      larger: () => this.#enlarge(),
      aloud: () => this.reader.toggle(this.frame.main, this.words.lang),
      back: () => this.#back(),
      forward: () => this.#forward(),
      done: () => this.#actions.finish(),
      anew: () => this.#busy || this.#leftAlone(),
    });
    this.presence = new Presence({
      words: this.words,
      after: () => (this.#keepsPartial ? 'kept' : 'erased'),
      gone: () => this.#leftAlone(),
    });
    document.addEventListener('click', (event) => this.#heed(event), true);
    document.addEventListener('click', () => this.screen === 'thanks' && this.#actions.leave());
    listenToKeys({ back: () => this.#back(), forward: () => this.#enter() });
    this.reader = new Reader(() => this.#dress());
  }

  /** True where nobody is in the middle of anything: the moment for a new questionnaire. */
  get isWaiting() {
    return this.screen === this.#home.name && !this.#form;
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
    this.#drop();
    this.#visitor = visitor;
    this.#show();
  }

  /** The next citizen finds the tablet as if nobody had been here. */
  reset() {
    this.#drop();
    if (this.#news) this.#take(this.#news);
    this.#blank = this.doc?.one_tap ? new Form(this.doc) : null;
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
    const isKept = this.#form?.isOneTap || this.doc?.partial === 'keep';
    return isKept && Boolean(this.#form?.isEnough);
  }

  /** Nobody is there any more, or another person: what was answered counts where it is to be kept. */
  #leftAlone() {
    this.#drop(this.#keepsPartial);
    this.reset();
  }

  /**
   * Whoever was here is gone. What one tap has given is a whole answer all the same.
   * @param {boolean} isKept
   */
  #drop(isKept = Boolean(this.#form?.isOneTap) && this.#keepsPartial) {
    const form = this.#form;
    this.#form = null;
    if (form && isKept) this.keep(this.#paced(form.partial()));
  }

  /**
   * Marked where it came faster than people read.
   * @param {AnswerRecord} record
   * @returns {AnswerRecord}
   */
  #paced(record) {
    const questions = this.doc?.questions.filter(({ kind }) => kind === 'score') ?? [];
    const isThrough = questions.length > 1 && questions.every(({ id }) => id in record.scores);
    const isHasty = this.#pace.end(performance.now(), isThrough);
    return isHasty ? { ...record, haste: true } : record;
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
    begin: this.#unlessBusy(() => this.#soon(() => this.#begin())),
    rate: this.#unlessBusy((level) => this.#rate(level)),
    more: this.#unlessBusy(() => this.#forward()),
    finish: this.#unlessBusy(() => this.#soon(() => this.#hand(this.#answers.record()))),
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
      this.#watch();
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
    this.#pace.begin(performance.now());
    this.#form = new Form(this.doc);
    this.#go('form');
  }

  /**
   * Change the screen after the picture that answers the tap: drawing a screen takes a slow tablet
   * longer than a finger should wait for a sign.
   * @param {() => void} change
   */
  #soon(change) {
    const form = this.#form;
    this.#busy = true;
    painted().then(() => this.#form === form && change());
  }

  /**
   * One tap on the start screen is a whole answer: it is on the disk before it is called recorded.
   * @param {Level} level
   */
  #rate(level) {
    const form = this.#blank;
    if (!form) return;
    this.#form = form;
    this.#pace.begin(performance.now());
    form.score(level);
    this.#seen();
    fillScreen();
    const held = painted().then(() => this.#form === form && this.hold(form.partial()));
    this.#after(SEEN, async () => {
      const isHeld = await held;
      if (this.#form !== form) return;
      if (isHeld) this.#next();
      else this.#hand(form.record()); // no disk for us: thanks on the server's receipt alone
    });
  }

  /** @param {string} option */
  #choose(option) {
    const form = this.#answers;
    form.toggle(option);
    this.#holdMore();
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
    this.#unseen = () => {
      this.#seenFrom += AIMED;
      this.#after(DEAF, () => this.#open());
    };
    this.#draw();
    this.#watch();
    focusHeading();
  }

  /**
   * A slow tablet hands on a touch when it has drawn, to whatever stands there by then. What was
   * touched before anybody could see the screen was meant for another one, and does nothing. The
   * tools above (language, letters, voice) are the same on every screen.
   * @param {MouseEvent} event a key has no `detail`: it is aimed at the focus
   */
  #heed(event) {
    const waited = performance.now() - event.timeStamp;
    const isTool = event.target instanceof Element && event.target.closest('.tool:not(.anew)');
    if (isTool || !event.detail || event.timeStamp >= this.#seenFrom || waited > QUEUED) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #open() {
    this.#busy = false;
    this.frame.closed = false;
  }

  #draw() {
    const mine = {};
    this.#drawing = mine;
    this.#seenFrom = this.#busy ? Infinity : performance.now();
    painted().then(() => {
      if (this.#drawing !== mine) return;
      this.#seenFrom = performance.now();
      this.#unseen?.();
      this.#unseen = null;
    });
    const body = this.#visitor ? this.#visitor.body() : this.#build();
    this.#dress();
    this.frame.show(this.screen, body, this.#ways());
    this.frame.closed = this.#busy;
    this.signal();
  }

  #build() {
    const { words, doc } = this;
    const form = this.#form ?? this.#blank;
    const given = { words, doc, form, actions: this.#actions, late: this.#late };
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

  /** @returns {Patience} */
  get #patience() {
    if (!this.doc) return { idle: STAFF_IDLE, countdown: 0 };
    const { reading, typing } = this.doc.seconds;
    return this.#form?.isWriting ? typing : reading;
  }

  /** A form is warned about before it is dropped; where there is none to lose, the screen just goes. */
  #watch() {
    const { idle, countdown } = this.#patience;
    const asBefore = !this.#large && this.words.lang === this.words.first;
    const rests = this.screen === 'thanks' || this.#visitor?.stays || (this.isWaiting && asBefore);
    if (rests) this.presence.watch(null);
    else if (this.#visitor) this.presence.watch({ idle: STAFF_IDLE, countdown: 0 });
    else this.presence.watch({ idle, countdown: this.#form ? countdown : 0 });
  }

  /** The picked tile is seen as picked, then the next question comes. */
  #afterPick() {
    this.#seen();
    this.#holdMore();
    this.#after(SEEN, () => this.#next());
  }

  #seen() {
    this.#busy = true;
    screens.repress(this.frame.main);
    this.frame.closed = true;
  }

  /** More of an answer that is on the disk already. What fails to get there comes with the last. */
  #holdMore() {
    const form = this.#form;
    if (!form?.isOneTap || !form.isEnough) return;
    painted().then(() => this.#form === form && this.hold(form.partial()));
  }

  #forward() {
    if (this.#busy || this.screen !== 'form' || !this.#answers.mayPass) return;
    this.#soon(() => this.#next());
  }

  #next() {
    const form = this.#answers;
    if (form.next()) this.#ask();
    else if (form.hasScore) this.#hand(form.record());
    else this.#go('nothing');
  }

  #ask() {
    this.#go('form');
    if (!this.#answers.isRecorded) return;
    const { recorded } = /** @type {Station} */ (this.doc).seconds;
    this.#after(recorded * 1000, () => this.#hand(this.#answers.record()));
  }

  #back() {
    if (this.#busy) return;
    if (this.#visitor) return this.#visitor.back?.();
    if (this.#own !== 'form') return;
    this.#soon(() => {
      if (this.#answers.back()) this.#ask();
      else this.reset();
    });
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
    const { durable, settled } = await this.keep(this.#paced(record));
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
    if (this.screen === 'form' && !this.#answers.isRecorded) this.#forward();
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

/** Once the picture stands that shows what has been done until now. */
const painted = () => new Promise((resolve) => void requestAnimationFrame(() => setTimeout(resolve)));

const focusHeading = () => document.getElementById('question')?.focus({ preventScroll: true });
