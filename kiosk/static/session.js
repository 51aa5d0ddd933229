/**
 * One citizen after the other: which screen is shown, and what each tap does. When a citizen is
 * done or gone, the form is dropped, and with it all that the page knew about them. Other modules
 * (staff, pairing) may show screens of their own between two citizens.
 */
import { Form } from './form.js';
import { Frame } from './frame.js';
import { listenToKeys } from './keys.js';
import { Presence } from './presence.js';
import * as screens from './screens.js';
import { fillScreen } from './fullscreen.js';
import { Reader } from './speech.js';
import { Words } from './words.js';

const SEEN = 200; // milliseconds for which a picked answer is shown before the next question comes
const DEAF = 350; // and for which the next one takes no tap: a double tap answers one question
const SHORT = 150; // a shorter wait for the disk is not shown
const LATE = 8_000; // after this long without a receipt people are told that they need not wait
const CALM = 10_000; // untouched for this long, nobody is at the start screen
const LANGUAGES = ['vi', 'en']; // until the questionnaire says which
const STAFF_IDLE = 120; // seconds after which a screen for staff closes by itself

export class Session {
  #form = null;
  #home = { name: 'opening' };
  #name = 'opening';
  #visitor = null;
  #news = null;
  #handed = null;
  #busy = false;
  #late = false;
  #timers = [];
  #large = false;

  /**
   * `sentences`: key -> {vi, en}; `keep(record)`: as Outbox.put; `state()`: {unsent, connected,
   * closed, retryAt, attention} of the outbox and the line.
   */
  constructor({ sentences, keep, state }) {
    this.doc = null;
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
    return this.#name === this.#home.name;
  }

  /** True where nobody has been at the tablet for a while: the moment for a new app. */
  get isCalm() {
    return this.isWaiting && this.presence.untouched >= CALM;
  }

  /** The name of the screen. */
  get screen() {
    return this.#name;
  }

  /** Whether a citizen is answering, or their answer is on its way. */
  get isTaken() {
    return ['form', 'sending', 'nothing'].includes(this.#name);
  }

  /** Work from this document: at once where nobody is in the middle of anything, else after. */
  renew(doc) {
    this.#news = doc;
    if (this.isWaiting) this.reset();
  }

  /**
   * What the tablet shows when nobody uses it: {name} of a screen of ours, or of another module as
   * in `visit`. Whoever is in the middle of something is not disturbed.
   */
  settle(home) {
    const wasWaiting = this.isWaiting;
    const changed = home.name !== this.#home.name;
    this.#home = home;
    if (changed && wasWaiting) this.reset();
  }

  /**
   * Show a screen of another module: {name, body(), back, stays}. `back()`: the way out, null for
   * none; `stays`: it does not close by itself.
   */
  visit(visitor) {
    this.#form = null;
    this.#visitor = visitor;
    this.#go(visitor.name);
  }

  /** The next citizen finds the tablet as if nobody had been here. */
  reset() {
    if (this.#news) this.#takeNews();
    this.#form = null;
    this.#visitor = this.#home.body ? this.#home : null;
    this.#large = false;
    [this.words.lang] = this.words.languages;
    this.presence.close();
    this.#go(this.#home.name);
  }

  /** News from the outbox and the line. */
  signal() {
    const { attention, ...state } = this.state();
    // A citizen who is answering should not wonder what staff are called for.
    this.frame.signal({ ...state, attention: this.isTaken ? null : attention });
  }

  #takeNews() {
    this.doc = this.#news;
    this.frame.doc = this.#news;
    this.words.languages = this.#news.languages;
    this.#news = null;
  }

  get #keepsPartial() {
    return this.doc?.partial === 'keep' && Boolean(this.#form?.isEnough);
  }

  /** Nobody is there any more: what was answered counts where the questionnaire says so. */
  #leftAlone() {
    if (this.#keepsPartial) this.keep(this.#form.partial());
    this.reset();
  }

  /** What taps do. While a screen comes or goes they do nothing: see #actions. */
  #taps = {
    begin: () => {
      fillScreen();
      this.#form = new Form(this.doc);
      this.#go('form');
    },
    sector: (id) => {
      this.#form.sector = id;
      this.#afterPick();
    },
    score: (level) => {
      this.#form.score(level);
      this.#afterPick();
    },
    choose: (option) => {
      this.#form.toggle(option);
      if (!this.#form.step.multiple && this.#form.isAnswered) return this.#afterPick();
      screens.repress(this.frame.main);
      this.frame.label(this.#ways());
    },
    write: () => {
      this.#form.writing = true;
      this.redraw();
      document.querySelector('textarea').focus();
    },
    comment: (text) => {
      this.#form.comment = text;
      this.frame.label(this.#ways());
    },
    done: () => this.#forward(),
    again: () => {
      this.#form.toFirst();
      this.#go('form');
    },
    leave: () => this.reset(),
  };

  /** The same, deaf while busy: browsers without `inert` let the taps through. */
  #actions = Object.fromEntries(
    Object.entries(this.#taps).map(([name, tap]) => [name, (value) => this.#busy || tap(value)]),
  );

  /** Show the screen `name` as a new one: focus on its heading, timers of the last one ended. */
  #go(name) {
    this.reader.stop();
    this.#name = name;
    if (name !== 'sending') this.#handed = null;
    this.#late = false;
    this.#timers.forEach(clearTimeout);
    this.#timers = [];
    this.#busy = true;
    this.#draw();
    this.#watch();
    this.#after(DEAF, () => this.#open());
    document.getElementById('question').focus({ preventScroll: true });
  }

  #open() {
    this.#busy = false;
    this.frame.closed = false;
  }

  #draw() {
    const { words, doc } = this;
    const form = this.#form;
    const build = screens[this.#name === 'form' ? form.step.kind : this.#name];
    const body = this.#visitor
      ? this.#visitor.body()
      : build({ words, doc, form, actions: this.#actions, late: this.#late });
    this.#dress();
    this.frame.show({ body, screen: this.#name, ...this.#ways() });
    this.frame.closed = this.#busy;
    this.signal();
  }

  #dress() {
    const { isSpeaking } = this.reader;
    const speaks = !this.#visitor && this.reader.canRead(this.words.lang);
    this.frame.dress({ large: this.#large, speaks, isSpeaking });
  }

  /** Draw the same screen in other words or another size; the focus stays where it was. */
  redraw() {
    const buttons = () => [...document.querySelectorAll('button')];
    const at = buttons().indexOf(document.activeElement);
    this.#draw();
    const place = at < 0 ? null : buttons()[at];
    (place ?? document.getElementById('question')).focus({ preventScroll: true });
  }

  /** The two buttons below. */
  #ways() {
    if (this.#visitor?.back) return { back: this.words.say('back') };
    return this.#name === 'form' ? screens.ways({ words: this.words, form: this.#form }) : {};
  }

  /** A form is warned about before it is dropped; where there is none to lose, the screen just goes. */
  #watch() {
    const { idle, countdown } = this.doc?.seconds ?? { idle: STAFF_IDLE, countdown: 0 };
    const asBefore = !this.#large && this.words.lang === this.words.languages[0];
    const rests = this.#name === 'thanks' || this.#visitor?.stays || (this.isWaiting && asBefore);
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
    if (this.#busy || this.#name !== 'form' || !this.#form.mayPass) return;
    this.#busy = true;
    this.#next();
  }

  #next() {
    if (this.#form.next()) this.#go('form');
    else if (this.#form.hasScore) this.#hand();
    else this.#go('nothing');
  }

  #back() {
    if (this.#busy) return;
    if (this.#visitor) this.#visitor.back?.();
    if (this.#visitor || this.#name !== 'form') return;
    this.#busy = true;
    if (this.#form.back()) this.#go('form');
    else this.reset();
  }

  /**
   * Give the answers away, and hold none. Thanks once they are on the tablet's disk; where it has
   * none for us, only on the server's receipt.
   */
  async #hand() {
    const record = this.#form.record();
    const mine = {};
    this.#form = null;
    this.#name = 'sending';
    this.#handed = mine;
    this.#after(SHORT, () => this.#showSending());
    const { durable, settled } = await this.keep(record);
    const receipt = durable ? 'kept' : await settled;
    if (this.#handed !== mine) return; // the citizen has left; another may be here
    const failed = receipt === 'refused' || receipt === 'too_large';
    this.#go(failed ? 'refused' : 'thanks');
    if (!failed) this.#after(this.doc.seconds.thanks * 1000, () => this.reset());
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
    if (this.#name === 'form') this.#forward();
    else document.querySelector('main .big')?.click();
  }

  #after(milliseconds, action) {
    this.#timers.push(setTimeout(action, milliseconds));
  }
}
