/**
 * Everything around the questions: whose counter it is, language, larger text, the sign of the
 * connection, back and forward, progress. Built once; knows no answers.
 */
import { el } from './dom.js';

export class Frame {
  /** `actions`: language(), larger(), back(), forward(). */
  constructor(words, doc, actions) {
    this.words = words;
    this.doc = doc;
    this.#build(actions);
  }

  #build(actions) {
    const button = (name, action) => el('button', { type: 'button', class: name, on: { click: action } });
    this.banner = el('p', { class: 'simulated' });
    this.place = el('p', { class: 'place' });
    this.light = el('p', { class: 'light' }, el('span', { class: 'dot' }), el('span', { class: 'count' }));
    this.language = button('tool', actions.language);
    this.larger = button('tool', actions.larger);
    this.main = el('main', { id: 'screen' });
    this.back = button('way back', actions.back);
    this.forward = button('way forward', actions.forward);
    this.progress = el('p', { class: 'progress' });
    this.news = el('p', { class: 'unseen', role: 'status' });
    const tools = el('div', { class: 'tools' }, this.light, this.larger, this.language);
    document.body.replaceChildren(
      el('header', {}, this.banner, el('div', { class: 'top' }, this.place, tools)),
      this.main,
      el('footer', {}, this.back, this.progress, this.forward),
      this.news,
    );
  }

  /** Put everything in the language and text size of the moment. */
  dress(large) {
    const { words, doc } = this;
    const root = document.documentElement;
    root.lang = words.lang;
    root.classList.toggle('large', large);
    document.title = `${words.of(doc.office)} · ${words.of(doc.counter)}`;
    this.banner.hidden = !doc.simulated;
    this.banner.textContent = words.say('simulated');
    this.place.replaceChildren(
      el('strong', { text: words.of(doc.office) }),
      el('span', { text: words.of(doc.counter) }),
    );
    this.larger.textContent = words.say('larger_text');
    this.larger.setAttribute('aria-pressed', large);
    this.language.textContent = words.say(`language_${words.other}`);
    this.language.lang = words.other;
  }

  /**
   * Show a screen: {body, screen, back, forward, primary, progress}. `back`, `forward`: the words of the
   * two buttons, null for none; `primary`: forward is what most people want here.
   */
  show({ body, screen, back = null, forward = null, primary = false, progress = null }) {
    document.body.dataset.screen = screen;
    this.main.replaceChildren(...body);
    this.main.scrollTop = 0;
    this.label({ back, forward, primary });
    this.#draw(progress);
  }

  /** The words of the two buttons below. */
  label({ back, forward, primary }) {
    name(this.back, back);
    name(this.forward, forward);
    this.forward.classList.toggle('primary', primary);
  }

  #draw(progress) {
    const { number, total } = progress ?? { number: 0, total: 0 };
    const words = progress ? this.words.say('progress', progress) : '';
    const dots = Array.from({ length: total }, (_, at) =>
      el('span', { class: at + 1 < number ? 'done' : at + 1 === number ? 'now' : 'to-come' }),
    );
    this.progress.replaceChildren(
      el('span', { class: total > 12 ? 'dots many' : 'dots', 'aria-hidden': 'true' }, ...dots),
      el('span', { class: 'unseen', text: words }),
    );
    this.tell(words);
  }

  /** Say something to who does not see the screen, without moving them. */
  tell(sentence) {
    if (this.news.textContent !== sentence) this.news.textContent = sentence;
  }

  /** The small sign that staff understand: {unsent, connected}. */
  signal({ unsent, connected }) {
    const { words, light } = this;
    const state = words.say(connected ? 'connected' : 'not_connected');
    light.classList.toggle('off', !connected);
    light.firstChild.title = state;
    light.lastChild.textContent = unsent > 0 ? words.say('unsent', { count: unsent }) : '';
  }

  /** While closed, no tap or key reaches the answers: the second half of a double tap is lost. */
  set closed(closed) {
    for (const part of [this.back, this.forward, ...this.main.querySelectorAll('.answers')]) {
      part.inert = closed;
    }
  }
}

function name(button, words) {
  button.hidden = words === null;
  button.textContent = words ?? '';
}
