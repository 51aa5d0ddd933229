/** The question whether someone is there, over everything else, with the seconds that are left. */
import { el } from './dom.js';
import { ring } from './faces.js';

const SAID_ALOUD = new Set([10, 5]);

export class StillHere {
  constructor(words) {
    this.words = words;
    this.ring = ring();
    this.title = el('h2', { id: 'still-title' });
    this.text = el('p', { id: 'still-text' });
    this.news = el('p', { class: 'unseen', role: 'status' });
    this.button = el('button', { type: 'button', class: 'big' });
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

  /** Show `left` seconds of `of`; opens the first time. `after`: key of what happens then. */
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

  #key(event) {
    if (!this.dialog.open || event.key === 'Tab' || event.key === 'Shift') return;
    event.preventDefault();
    event.stopPropagation();
    this.close();
  }
}
