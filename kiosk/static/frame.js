/**
 * Everything around the questions: whose counter it is, language, larger text, reading aloud, the
 * sign for staff, back and forward, progress, and the ways in beside touching the screen. Built
 * once; knows no answers.
 */
import { el, present, speaker } from './elements.js';

/** @import { Words } from './elements.js' */
/** @import { Child, Language, Signal, Station, Ways } from './shapes.js' */

/** @type {SpeechSynthesis | undefined} of a browser that has one */
const speech = globalThis.speechSynthesis;
const READ = 'h1, p, .words, .big'; // what is read aloud, in the order of the screen
const SIDE = 96; // pixels of the corner where staff tap
const TAPS = 5;
const WITHIN = 3_000; // milliseconds

export class Frame {
  /**
   * The station's document; null while there is none.
   * @type {Station | null}
   */
  doc = null;

  main = el('main', { id: 'screen' });
  #banner = el('p', { class: 'simulated' });
  #place = el('p', { class: 'place' });
  #dot = el('span', { class: 'dot' });
  #count = el('span', { class: 'count' });
  #light = el('p', { class: 'light' }, this.#dot, this.#count);
  #progress = el('p', { class: 'progress' });
  #news = el('p', { class: 'unseen', role: 'status' });
  #anew;
  #aloud;
  #language;
  #larger;
  #back;
  #forward;
  #done;
  /** @type {number | undefined} */
  #retry;

  /**
   * @param {Words} words
   * @param {Record<'language' | 'larger' | 'aloud' | 'anew' | 'back' | 'forward' | 'done', () => void>} actions
   */
  constructor(words, actions) {
    this.words = words;
    this.#anew = button('tool anew', actions.anew);
    this.#aloud = button('tool aloud', actions.aloud);
    this.#language = button('tool', actions.language);
    this.#larger = button('tool', actions.larger);
    this.#back = button('way back', actions.back);
    this.#forward = button('way', actions.forward);
    this.#done = button('way primary', actions.done);
    const on = el('div', { class: 'forward' }, this.#forward, this.#done);
    const tools = [this.#light, this.#anew, this.#aloud, this.#larger, this.#language];
    document.body.replaceChildren(
      el('header', {}, this.#banner, el('div', { class: 'top' }, this.#place, el('div', { class: 'tools' }, ...tools))),
      this.main,
      el('footer', {}, this.#back, this.#progress, on),
      this.#news,
    );
  }

  /**
   * Put everything in the language and text size of the moment.
   * @param {{ large: boolean, speaks: boolean, isSpeaking: boolean }} how `speaks`: a voice is there;
   *   `isSpeaking`: it is reading
   */
  dress({ large, speaks, isSpeaking }) {
    const { words, doc } = this;
    const root = document.documentElement;
    root.lang = words.lang;
    root.classList.toggle('large', large);
    document.title = doc ? `${words.of(doc.office)} · ${words.of(doc.counter)}` : 'Hài Lòng';
    this.#banner.hidden = !doc?.simulated;
    this.#banner.textContent = words.say('simulated');
    this.#place.replaceChildren(
      el('strong', { text: doc ? words.of(doc.office) : 'Hài Lòng' }),
      el('span', { text: doc ? words.of(doc.counter) : '' }),
    );
    this.#larger.textContent = words.say('larger_text');
    this.#larger.setAttribute('aria-pressed', String(large));
    this.#language.textContent = words.say(`language_${words.other}`);
    this.#language.lang = words.other;
    this.#aloud.hidden = !speaks;
    this.#aloud.setAttribute('aria-pressed', String(isSpeaking));
    this.#aloud.replaceChildren(speaker(), el('span', { class: 'unseen', text: words.say('read_aloud') }));
  }

  /**
   * Show a screen.
   * @param {string} screen its name
   * @param {Child[]} body
   * @param {Ways} ways
   */
  show(screen, body, ways) {
    document.body.dataset.screen = screen;
    this.main.replaceChildren(...present(body));
    this.main.scrollTop = 0;
    this.label(ways);
    this.#draw(ways);
  }

  /**
   * The words of the buttons around.
   * @param {Ways} ways
   */
  label({ back = null, forward = null, done = null, anew = null, primary = false }) {
    label(this.#back, back);
    label(this.#forward, forward);
    label(this.#done, done);
    label(this.#anew, anew);
    this.#forward.classList.toggle('primary', primary);
  }

  /** @param {Ways} ways */
  #draw({ progress, news }) {
    const { number, total } = progress ?? { number: 0, total: 0 };
    const words = progress ? this.words.say('progress', progress) : '';
    const dots = Array.from({ length: total }, (_, at) =>
      el('span', { class: at + 1 < number ? 'done' : at + 1 === number ? 'now' : 'to-come' }),
    );
    this.#progress.replaceChildren(
      el('span', { class: total > 12 ? 'dots many' : 'dots', 'aria-hidden': 'true' }, ...dots),
      el('span', { class: 'unseen', text: words }),
    );
    this.tell(news ?? words);
  }

  /**
   * Say something to who does not see the screen, without moving them.
   * @param {string} sentence
   */
  tell(sentence) {
    if (this.#news.textContent !== sentence) this.#news.textContent = sentence;
  }

  /**
   * The small sign that staff understand, and the line of who waits for a receipt.
   * @param {Signal} state
   */
  signal(state) {
    const { words } = this;
    const { unsent, connected, attention } = state;
    const waiting = unsent > 0 && words.say('unsent', { count: unsent });
    const news = [attention && words.say(attention), waiting];
    this.#light.classList.toggle('off', !connected);
    this.#dot.title = words.say(connected ? 'connected' : 'not_connected');
    this.#count.textContent = news.filter(Boolean).join(' · ');
    this.#tellRetry(state);
  }

  /** @param {Signal} state */
  #tellRetry(state) {
    clearTimeout(this.#retry);
    const line = this.main.querySelector('.retry');
    if (!line) return;
    const { retryAt, closed } = state;
    const seconds = retryAt === null ? 0 : Math.ceil((retryAt - performance.now()) / 1000);
    if (closed) line.textContent = this.words.say('out_of_service');
    else line.textContent = seconds > 0 ? this.words.say('trying_again', { seconds }) : '';
    this.#retry = setTimeout(() => this.#tellRetry(state), 500);
  }

  /**
   * While closed, no tap or key reaches the answers: the second half of a double tap is lost.
   * @param {boolean} closed
   */
  set closed(closed) {
    /** @type {NodeListOf<HTMLElement>} */
    const answers = this.main.querySelectorAll('.answers');
    for (const part of [this.#back, this.#forward, this.#done, ...answers]) part.inert = closed;
  }
}

/**
 * @param {string} name
 * @param {() => void} action
 */
const button = (name, action) => el('button', { type: 'button', class: name, on: { click: action } });

/**
 * @param {HTMLButtonElement} way
 * @param {string | null} words
 */
function label(way, words) {
  way.hidden = words === null;
  way.textContent = words ?? '';
}

/** Reads a screen aloud, where the device itself has a voice of the language. Knows no question. */
export class Reader {
  #changed;
  isSpeaking = false;

  /**
   * @param {() => void} changed reading began or ended, or voices were found, some while after the
   *   page opened
   */
  constructor(changed) {
    this.#changed = changed;
    speech?.addEventListener?.('voiceschanged', changed);
  }

  /** @param {Language} lang */
  canRead(lang) {
    return voiceOf(lang) !== null;
  }

  /**
   * Read what stands in `place`, or stop reading.
   * @param {HTMLElement} place
   * @param {Language} lang
   */
  toggle(place, lang) {
    if (this.isSpeaking) this.stop();
    else this.#read([...place.querySelectorAll(READ)].map((part) => part.textContent ?? ''), lang);
  }

  stop() {
    speech?.cancel?.();
    this.#end();
  }

  /**
   * @param {string[]} texts
   * @param {Language} lang
   */
  #read(texts, lang) {
    const voice = voiceOf(lang);
    if (!voice) return;
    const parts = texts.filter(Boolean).map((text) => {
      const part = new SpeechSynthesisUtterance(text);
      part.voice = voice;
      part.lang = voice.lang;
      return part;
    });
    const last = parts[parts.length - 1];
    if (!last) return;
    last.onend = () => this.#end();
    last.onerror = () => this.#end();
    this.isSpeaking = true;
    for (const part of parts) speech?.speak(part);
    this.#changed();
  }

  #end() {
    if (!this.isSpeaking) return;
    this.isSpeaking = false;
    this.#changed();
  }
}

/**
 * The device's own voice of a language; null where it has none. A voice from afar needs network.
 * @param {Language} lang
 */
function voiceOf(lang) {
  const voices = speech?.getVoices?.() ?? [];
  const spoken = (/** @type {string} */ tag) => tag.toLowerCase().split(/[-_]/)[0];
  return voices.find((voice) => voice.localService && spoken(voice.lang) === lang) ?? null;
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
 * The keyboard, and switches that act as one: digits answer, Enter goes on, Escape goes back. A key
 * held down counts once.
 * @param {{ forward: () => void, back: () => void }} actions
 */
export function listenToKeys(actions) {
  document.addEventListener('keydown', (event) => {
    if (isMeantForOthers(event)) return;
    const tag = document.activeElement?.tagName;
    const isWriting = tag === 'TEXTAREA' || tag === 'INPUT';
    if (event.repeat && !isWriting && /^(Enter| |\d|Escape)$/.test(event.key)) event.preventDefault();
    else if (event.key === 'Escape') actions.back();
    else if (event.key === 'Enter' && !isWriting && tag !== 'BUTTON') actions.forward();
    else if (!isWriting) answer(event);
  });
}

/** @param {KeyboardEvent} event */
const isMeantForOthers = ({ ctrlKey, altKey, metaKey }) =>
  ctrlKey || altKey || metaKey || document.querySelector('dialog[open]') !== null;

/**
 * The keys that answer, or lead to an answer.
 * @param {KeyboardEvent} event
 */
function answer(event) {
  if (/^\d$/.test(event.key)) press(event.key);
  else if (event.key === 'Backspace') press('erase');
  else if (event.key.startsWith('Arrow')) walk(event);
}

/**
 * A key of the pad by its name; else the level or option of that number, 0 for 'not applicable'.
 * @param {string} key
 */
function press(key) {
  /** @type {NodeListOf<HTMLElement>} */
  const tiles = document.querySelectorAll('main .answers:not(.apart) .tile');
  /** @type {HTMLElement | null} */
  const pad = document.querySelector(`main [data-key="${key}"]`);
  /** @type {HTMLElement | null} */
  const apart = document.querySelector('main .apart .tile');
  const tile = key === '0' ? apart : tiles[Number(key) - 1];
  (pad ?? tile)?.click();
}

/**
 * Arrows move between the tiles; Tab does too, as everywhere.
 * @param {KeyboardEvent} event
 */
function walk(event) {
  /** @type {NodeListOf<HTMLElement>} */
  const found = document.querySelectorAll('main .answers button');
  const tiles = [...found];
  const at = tiles.findIndex((tile) => tile === document.activeElement);
  const by = event.key === 'ArrowRight' || event.key === 'ArrowDown' ? 1 : -1;
  if (at < 0 && by < 0) return;
  tiles[Math.min(Math.max(at + by, 0), tiles.length - 1)]?.focus();
  event.preventDefault();
}

/**
 * The way to the staff screen that citizens do not meet: five taps in the top left corner within
 * three seconds, or Ctrl+Alt+K.
 * @param {() => void} open
 */
export function watchCorner(open) {
  /** @type {number[]} */
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
