/**
 * Everything around the questions: whose counter it is, language, larger text, reading aloud, the
 * sign for staff, back and forward, progress. Built once; knows no answers.
 */
import { el } from './dom.js';
import { speaker } from './faces.js';

export class Frame {
  /** The station's document; null while there is none. */
  doc = null;

  /** `actions`: language(), larger(), aloud(), back(), forward(). */
  constructor(words, actions) {
    this.words = words;
    this.#build(actions);
  }

  #build(actions) {
    const button = (name, action) => el('button', { type: 'button', class: name, on: { click: action } });
    this.banner = el('p', { class: 'simulated' });
    this.place = el('p', { class: 'place' });
    this.light = el('p', { class: 'light' }, el('span', { class: 'dot' }), el('span', { class: 'count' }));
    this.aloud = button('tool aloud', actions.aloud);
    this.language = button('tool', actions.language);
    this.larger = button('tool', actions.larger);
    this.main = el('main', { id: 'screen' });
    this.back = button('way back', actions.back);
    this.forward = button('way forward', actions.forward);
    this.progress = el('p', { class: 'progress' });
    this.news = el('p', { class: 'unseen', role: 'status' });
    const tools = el('div', { class: 'tools' }, this.light, this.aloud, this.larger, this.language);
    document.body.replaceChildren(
      el('header', {}, this.banner, el('div', { class: 'top' }, this.place, tools)),
      this.main,
      el('footer', {}, this.back, this.progress, this.forward),
      this.news,
    );
  }

  /**
   * Put everything in the language and text size of the moment. `speaks`: a voice is there;
   * `isSpeaking`: it is reading.
   */
  dress({ large, speaks, isSpeaking }) {
    const { words, doc } = this;
    const root = document.documentElement;
    root.lang = words.lang;
    root.classList.toggle('large', large);
    document.title = doc ? `${words.of(doc.office)} · ${words.of(doc.counter)}` : 'Hài Lòng';
    this.banner.hidden = !doc?.simulated;
    this.banner.textContent = words.say('simulated');
    this.place.replaceChildren(
      el('strong', { text: doc ? words.of(doc.office) : 'Hài Lòng' }),
      el('span', { text: doc ? words.of(doc.counter) : '' }),
    );
    this.larger.textContent = words.say('larger_text');
    this.larger.setAttribute('aria-pressed', large);
    this.language.textContent = words.say(`language_${words.other}`);
    this.language.lang = words.other;
    this.aloud.hidden = !speaks;
    this.aloud.setAttribute('aria-pressed', isSpeaking);
    this.aloud.replaceChildren(speaker(), el('span', { class: 'unseen', text: words.say('read_aloud') }));
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

  /**
   * The small sign that staff understand, and the line of who waits for a receipt: {unsent,
   * connected, attention, closed, retryAt}; `attention`: the key of a word, null where all is well.
   */
  signal(state) {
    const { words, light } = this;
    const { unsent, connected, attention } = state;
    const waiting = unsent > 0 && words.say('unsent', { count: unsent });
    const news = [attention && words.say(attention), waiting];
    light.classList.toggle('off', !connected);
    light.firstChild.title = words.say(connected ? 'connected' : 'not_connected');
    light.lastChild.textContent = news.filter(Boolean).join(' · ');
    this.#tellRetry(state);
  }

  #tellRetry(state) {
    clearTimeout(this.retry);
    const line = this.main.querySelector('.retry');
    if (!line) return;
    const { retryAt, closed } = state;
    const seconds = retryAt === null ? 0 : Math.ceil((retryAt - performance.now()) / 1000);
    if (closed) line.textContent = this.words.say('out_of_service');
    else line.textContent = seconds > 0 ? this.words.say('trying_again', { seconds }) : '';
    this.retry = setTimeout(() => this.#tellRetry(state), 500);
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
