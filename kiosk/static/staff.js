/**
 * What staff do at the tablet, with no network needed: open their screen by the PIN, see how the
 * tablet is, send, export, print, pair anew, leave. Owns the order of these screens; how they look
 * is staffview's.
 */
import { exportFile, save } from './export.js';
import { leaveFullScreen } from './fullscreen.js';
import * as view from './staffview.js';

const LENGTH = 6;

export class Staff {
  #parts;
  #digits = '';
  #wrong = false;
  #facts = null;
  #news = null;
  #shown = null;
  #timer = null;

  /** `parts`: {session, pin, contact, sender, outbox, enrolment, clock, pairing, facts()}. */
  constructor(parts) {
    this.#parts = parts;
  }

  /** Ask for the PIN; not while a citizen is answering, nor on a tablet that was never paired. */
  open() {
    const { session, contact } = this.#parts;
    const open = ['pin', 'staff', 'left'].includes(session.screen);
    if (session.isTaken || open || !contact.document?.pin) return;
    this.#digits = '';
    this.#wrong = false;
    session.visit({ name: 'pin', body: () => this.#pinPad(), back: () => this.#leave() });
    this.#tick();
  }

  /** Something has changed: show it, where the status stands open. */
  async refresh() {
    const { session, facts } = this.#parts;
    if (session.screen !== 'staff') return;
    const found = await facts();
    const isNews = JSON.stringify([found, this.#news]) !== this.#shown;
    this.#facts = found;
    if (isNews && session.screen === 'staff') session.redraw();
  }

  #leave() {
    clearTimeout(this.#timer);
    this.#digits = '';
    this.#facts = null;
    this.#parts.session.reset();
  }

  #pinPad() {
    const { session, pin } = this.#parts;
    return view.pinPad({
      words: session.words,
      given: this.#digits.length,
      of: LENGTH,
      wrong: this.#wrong,
      pause: pin.pause,
      press: (digit) => this.#press(digit),
      erase: () => this.#type(this.#digits.slice(0, -1)),
    });
  }

  #press(digit) {
    if (this.#digits.length >= LENGTH || this.#parts.pin.pause > 0) return;
    this.#wrong = false;
    this.#type(this.#digits + digit);
    if (this.#digits.length === LENGTH) this.#check();
  }

  #type(digits) {
    this.#digits = digits;
    this.#parts.session.redraw();
  }

  async #check() {
    const { session, pin, contact } = this.#parts;
    const right = await pin.check(this.#digits, contact.document.pin);
    if (session.screen !== 'pin') return;
    this.#wrong = !right;
    this.#type('');
    if (right) this.#show();
    else this.#tick();
  }

  /** Count the pause down where people see it. */
  #tick() {
    clearTimeout(this.#timer);
    const { session, pin } = this.#parts;
    if (pin.pause === 0) return;
    this.#timer = setTimeout(() => {
      if (session.screen !== 'pin') return;
      session.redraw();
      this.#tick();
    }, 1_000);
  }

  async #show() {
    const { session, facts } = this.#parts;
    this.#facts = await facts();
    this.#news = null;
    session.visit({ name: 'staff', body: () => this.#status(), back: () => this.#leave() });
  }

  #status() {
    const { session } = this.#parts;
    const actions = {
      send: () => this.#send(),
      export: () => this.#export(),
      print: () => print(),
      pair: () => this.#pairAnew(),
      leave: () => this.#quit(),
    };
    this.#shown = JSON.stringify([this.#facts, this.#news]);
    return view.status({ words: session.words, facts: this.#facts, news: this.#news, actions });
  }

  async #send() {
    const { contact, sender, outbox } = this.#parts;
    this.#say('sending_now');
    await outbox.tryAside();
    sender.flush();
    await contact.beat();
    this.#say(contact.state.connected ? 'asked_server' : 'not_connected');
  }

  async #export() {
    const { outbox, enrolment, contact, clock } = this.#parts;
    const { unsent, quarantined } = await outbox.all();
    const file = await exportFile({
      entries: [...unsent, ...quarantined],
      enrolments: enrolment.all,
      now: clock.moment(),
      timezone: contact.document.timezone,
    });
    save(file);
    this.#say('exported', { name: file.name });
  }

  #say(key, values) {
    this.#news = { key, values };
    this.refresh();
  }

  #pairAnew() {
    const { session, pairing } = this.#parts;
    session.visit(pairing.screen(() => this.#show()));
  }

  #quit() {
    const { session } = this.#parts;
    leaveFullScreen();
    const body = () => view.left({ words: session.words, enter: () => this.#leave() });
    session.visit({ name: 'left', body, back: null, stays: true });
  }
}
