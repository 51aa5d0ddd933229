/**
 * Everything around the questions: whose counter it is, language, larger text, reading aloud, the
 * sign for staff, back and forward, progress, and the ways in beside touching the screen. Built
 * once; knows no answers.
 */
import { el, speaker } from './elements.js';

const speech = globalThis.speechSynthesis; // of a browser that has one
const READ = 'h1, p, .words, .big'; // what is read aloud, in the order of the screen
const SIDE = 96; // pixels of the corner where staff tap
const TAPS = 5;
const WITHIN = 3_000; // milliseconds

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

/** Reads a screen aloud, where the device itself has a voice of the language. Knows no question. */
export class Reader {
  #changed;
  isSpeaking = false;

  /** `changed()`: reading began or ended, or voices were found, some while after the page opened. */
  constructor(changed) {
    this.#changed = changed;
    speech?.addEventListener?.('voiceschanged', changed);
  }

  canRead(lang) {
    return voiceOf(lang) !== null;
  }

  /** Read what stands in `place`, or stop reading. */
  toggle(place, lang) {
    if (this.isSpeaking) this.stop();
    else this.#read([...place.querySelectorAll(READ)].map((part) => part.textContent), lang);
  }

  stop() {
    speech?.cancel?.();
    this.#end();
  }

  #read(texts, lang) {
    const voice = voiceOf(lang);
    const parts = texts.filter(Boolean).map((text) => {
      const part = new SpeechSynthesisUtterance(text);
      part.voice = voice;
      part.lang = voice.lang;
      return part;
    });
    const last = parts[parts.length - 1];
    last.onend = () => this.#end();
    last.onerror = () => this.#end();
    this.isSpeaking = true;
    for (const part of parts) speech.speak(part);
    this.#changed();
  }

  #end() {
    if (!this.isSpeaking) return;
    this.isSpeaking = false;
    this.#changed();
  }
}

/** The device's own voice of a language; null where it has none. A voice from afar needs network. */
function voiceOf(lang) {
  const voices = speech?.getVoices?.() ?? [];
  const mine = (voice) => voice.localService && voice.lang.toLowerCase().split(/[-_]/)[0] === lang;
  return voices.find(mine) ?? null;
}

/** After the picture that answers the tap: laying everything out in another size takes its time. */
export function fillScreen() {
  if (document.fullscreenElement || matchMedia('(display-mode: fullscreen)').matches) return;
  requestAnimationFrame(() => setTimeout(() => {
    document.documentElement.requestFullscreen?.({ navigationUI: 'hide' })?.catch(() => {});
  }));
}

export function leaveFullScreen() {
  if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
}

/**
 * The keyboard, and switches that act as one: digits answer, Enter goes on, Escape goes back. `actions`:
 * forward(), back(). A key held down counts once.
 */
export function listenToKeys(actions) {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector('dialog[open]')) return;
    const place = document.activeElement;
    const writing = place?.tagName === 'TEXTAREA' || place?.tagName === 'INPUT';
    if (event.repeat && !writing && /^(Enter| |\d|Escape)$/.test(event.key)) event.preventDefault();
    else if (event.key === 'Escape') actions.back();
    else if (writing) return;
    else if (/^\d$/.test(event.key)) press(event.key);
    else if (event.key === 'Backspace') press('erase');
    else if (event.key === 'Enter' && place?.tagName !== 'BUTTON') actions.forward();
    else if (event.key.startsWith('Arrow')) walk(event, place);
  });
}

/** A key of the pad by its name; else the level or option of that number, 0 for 'not applicable'. */
function press(key) {
  const tiles = document.querySelectorAll('main .answers:not(.apart) .tile');
  const pad = document.querySelector(`main [data-key="${key}"]`);
  const tile = key === '0' ? document.querySelector('main .apart .tile') : tiles[Number(key) - 1];
  (pad ?? tile)?.click();
}

/** Arrows move between the tiles; Tab does too, as everywhere. */
function walk(event, place) {
  const tiles = [...document.querySelectorAll('main .answers button')];
  const at = tiles.indexOf(place);
  const by = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : -1;
  if (at < 0 && by < 0) return;
  tiles[Math.min(Math.max(at + by, 0), tiles.length - 1)]?.focus();
  event.preventDefault();
}

/**
 * The way to the staff screen that citizens do not meet: `open()` after five taps in the top left
 * corner within three seconds, or Ctrl+Alt+K.
 */
export function watchCorner(open) {
  let taps = [];
  document.addEventListener('pointerdown', ({ clientX, clientY }) => {
    const now = performance.now();
    const inside = clientX < SIDE && clientY < SIDE;
    taps = inside ? [...taps.filter((at) => now - at < WITHIN), now] : [];
    if (taps.length < TAPS) return;
    taps = [];
    open();
  });
  document.addEventListener('keydown', (event) => {
    if (!(event.ctrlKey && event.altKey && event.code === 'KeyK') || event.repeat) return;
    event.preventDefault();
    open();
  });
}
