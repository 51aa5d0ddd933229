/**
 * One citizen after the other: which screen is shown, and what each tap does. When a citizen is
 * done or gone, the form is dropped, and with it all that the page knew about them.
 */
import { Form } from './form.js';
import { Frame } from './frame.js';
import { IdleWatch } from './idle.js';
import { listenToKeys } from './keys.js';
import * as screens from './screens.js';
import { StillHere } from './stillhere.js';
import { Words } from './words.js';

const SEEN = 200; // milliseconds for which a picked answer is shown before the next question comes
const DEAF = 350; // and for which the next one takes no tap: a double tap answers one question
const LATE = 8_000; // after this long without a receipt people are told that they need not wait

export class Session {
  #form = null;
  #name = 'start';
  #busy = false;
  #late = false;
  #timers = [];
  #retry = null;
  #large = false;

  constructor(doc, outbox) {
    this.doc = doc;
    this.outbox = outbox;
    this.words = new Words(doc.sentences, doc.languages);
    this.frame = new Frame(this.words, doc, {
      language: () => this.#speak(),
      larger: () => this.#enlarge(),
      back: () => this.#back(),
      forward: () => this.#forward(),
    });
    this.stillHere = new StillHere(this.words);
    this.idle = new IdleWatch({
      left: (seconds, of) => this.stillHere.show(seconds, of),
      gone: () => this.reset(),
    });
    for (const sign of ['pointerdown', 'click', 'keydown', 'input']) {
      document.addEventListener(sign, () => this.idle.touch(), true);
    }
    listenToKeys({
      pick: (number) => this.#press(number),
      back: () => this.#back(),
      forward: () => this.#enter(),
    });
  }

  /** True where nobody is at the tablet: the moment for a new questionnaire or a new app. */
  get isWaiting() {
    return this.#name === 'start' || this.#name === 'closed';
  }

  /** Work from a new document; only while waiting. */
  renew(doc) {
    this.doc = doc;
    this.frame.doc = doc;
    this.words.sentences = doc.sentences;
    this.reset();
  }

  /** The next citizen finds the tablet as if nobody had been here. */
  reset() {
    this.#form = null;
    this.#large = false;
    this.words.lang = this.doc.languages[0];
    this.stillHere.close();
    this.#go('start');
  }

  /** The link is out of use, or our server was never reached. */
  close() {
    this.reset();
    this.#go('closed');
  }

  /** News from the outbox. */
  signal(state) {
    this.frame.signal(state);
    this.#tellRetry(state);
  }

  /** What taps do. While a screen comes or goes they do nothing: see #guarded. */
  #taps = {
    begin: () => {
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
      this.#redraw();
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
    this.#name = name;
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
    const body = build({ words, doc, form, actions: this.#actions, late: this.#late });
    this.frame.dress(this.#large);
    this.frame.show({ body, screen: this.#name, ...this.#ways() });
    this.frame.closed = this.#busy;
    this.signal(this.outbox.state);
  }

  /** Draw the same screen in other words or another size; the focus stays where it was. */
  #redraw() {
    const buttons = () => [...document.querySelectorAll('button')];
    const at = buttons().indexOf(document.activeElement);
    this.#draw();
    const place = at < 0 ? null : buttons()[at];
    (place ?? document.getElementById('question')).focus({ preventScroll: true });
  }

  /** The two buttons below. */
  #ways() {
    const form = this.#form;
    if (this.#name !== 'form') return {};
    const { words } = this;
    const { step } = form;
    const on = form.isLast && step.kind === 'comment' ? 'send' : form.isAnswered ? 'next' : 'skip';
    const inTheMiddle = step.kind === 'comment' && !form.writing; // both ways stand on the screen
    return {
      back: words.say('back'),
      forward: form.mayPass && !inTheMiddle ? words.say(on) : null,
      primary: on !== 'skip',
      progress: form.progress,
    };
  }

  /** A form is warned about before it is dropped; where there is none to lose, the screen just goes. */
  #watch() {
    const { idle, countdown } = this.doc.seconds;
    const asBefore = !this.#large && this.words.lang === this.doc.languages[0];
    if (['thanks', 'closed'].includes(this.#name) || (this.#name === 'start' && asBefore)) {
      this.idle.rest();
    } else {
      this.idle.watch({ idle, countdown: this.#form ? countdown : 0 });
    }
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
    if (this.#busy || this.#name !== 'form') return;
    this.#busy = true;
    if (this.#form.back()) this.#go('form');
    else this.reset();
  }

  /** Give the answers to the outbox, and keep none. Thanks only on the server's receipt. */
  async #hand() {
    const record = this.#form.record();
    this.#form = null;
    const receipt = this.outbox.put(record);
    this.#go('sending');
    this.#after(LATE, () => {
      this.#late = true;
      this.#redraw();
      this.frame.tell(this.words.say('no_need_to_wait'));
    });
    const mine = this.#timers;
    const outcome = await receipt;
    if (this.#timers !== mine) return; // the citizen has left; another may be here
    this.#go(outcome === 'refused' ? 'refused' : 'thanks');
    if (outcome !== 'refused') this.#after(this.doc.seconds.thanks * 1000, () => this.reset());
  }

  #tellRetry({ retryAt, closed }) {
    clearTimeout(this.#retry);
    const line = this.frame.main.querySelector('.retry');
    if (!line) return;
    const seconds = retryAt === null ? 0 : Math.ceil((retryAt - performance.now()) / 1000);
    if (closed) line.textContent = this.words.say('out_of_service');
    else line.textContent = seconds > 0 ? this.words.say('trying_again', { seconds }) : '';
    this.#retry = setTimeout(() => this.#tellRetry(this.outbox.state), 500);
  }

  #speak() {
    this.words.lang = this.words.other;
    this.#redraw();
    this.#watch();
  }

  #enlarge() {
    this.#large = !this.#large;
    this.#redraw();
    this.#watch();
  }

  /** A digit: the level, or the number of the option; 0 is 'not applicable'. */
  #press(number) {
    if (this.#busy || this.#name !== 'form') return;
    const tiles = document.querySelectorAll('main .answers:not(.apart) .tile');
    const tile = number === 0 ? document.querySelector('main .apart .tile') : tiles[number - 1];
    tile?.click();
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
