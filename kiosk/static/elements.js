/**
 * What every screen is made of: elements, drawings, and the words of the moment's language. Knows
 * nothing of the form: text goes in as text, never as markup; holds no wording itself.
 */

/** @import { Child, Language, Props, Text, Values } from './shapes.js' */

const MOUTHS = [
  'M15 35q9-9 18 0',
  'M15 33.5q9-5 18 0',
  'M15.5 31.5h17',
  'M15 30q9 6 18 0',
  'M13 28q11 13 22 0z',
];
const BROWS = ['M11.5 12.5l7 2.8M36.5 12.5l-7 2.8', '', '', '', ''];
const LONG = 90; // letters beyond which a question is set smaller, so that its answers fit below it

/** The sentence of a key, in the language of the moment. */
export class Words {
  /**
   * @param {Record<string, Text>} sentences by their keys, as the page carries them
   * @param {Language[]} languages at least one; the first is that of the next citizen
   */
  constructor(sentences, languages) {
    this.sentences = sentences;
    this.languages = languages;
    this.lang = this.first;
  }

  get first() {
    return this.languages[0] ?? 'vi';
  }

  /**
   * A text of the questionnaire.
   * @param {Text} text
   */
  of(text) {
    return text[this.lang];
  }

  /**
   * The sentence of this key, with its {places} filled.
   * @param {string} key
   * @param {Values} [values]
   */
  say(key, values) {
    return this.in(this.lang, key, values);
  }

  /**
   * The same in a language of choice.
   * @param {Language} lang
   * @param {string} key
   * @param {Values} values
   */
  in(lang, key, values = {}) {
    const text = this.sentences[key];
    if (!text) throw new Error(`no sentence has the key '${key}'`);
    return text[lang].replace(/\{(\w+)\}/g, (place, name) => String(values[name] ?? place));
  }

  /** The language that the button offers: the one after this. */
  get other() {
    const at = this.languages.indexOf(this.lang);
    return this.languages[(at + 1) % this.languages.length] ?? this.first;
  }
}

/**
 * An element with properties, listeners and children.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Props} props `text`, `on` ({event: listener}); any other is an attribute, left out where it
 *   is null or undefined
 * @param {Child[]} children
 */
export function el(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/**
 * The same for SVG.
 * @template {keyof SVGElementTagNameMap} T
 * @param {T} tag
 * @param {Props} props
 * @param {Child[]} children
 */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), props, children);
}

/**
 * @template {Element} E
 * @param {E} element
 * @param {Props} props
 * @param {Child[]} children
 */
function fill(element, { text, on = {}, ...attributes }, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  if (text !== undefined) element.textContent = String(text);
  element.append(...present(children));
  return element;
}

/**
 * The parts that are there.
 * @param {Child[]} children
 */
export const present = (children) => children.filter((child) => child instanceof Node);

/** @param {string} text @param {string | null} describedBy */
export function heading(text, describedBy = null) {
  const long = text.length > LONG ? 'long' : null;
  return el('h1', { id: 'question', class: long, tabindex: '-1', text, 'aria-describedby': describedBy });
}

/** @param {string} text @param {(event: Event) => void} action @param {string} kind */
export function bigButton(text, action, kind = '') {
  return el('button', { type: 'button', class: `big ${kind}`, text, on: { click: action } });
}

/**
 * Which of the five drawings stands for a level of a scale of any size, 1 to 5.
 * @param {number} level
 * @param {number} size
 */
export function step(level, size) {
  return Math.round(((level - 1) / (size - 1)) * 4) + 1;
}

/**
 * A face for step 1 to 5. Decoration: the words beside it carry the meaning.
 * @param {number} number
 */
export function face(number) {
  const brows = BROWS[number - 1];
  return svg(
    'svg',
    { class: `face step-${number}`, viewBox: '0 0 48 48', 'aria-hidden': 'true', focusable: 'false' },
    svg('circle', { class: 'skin', cx: 24, cy: 24, r: 21.5 }),
    svg('circle', { class: 'eye', cx: 16.5, cy: 20.5, r: 2.6 }),
    svg('circle', { class: 'eye', cx: 31.5, cy: 20.5, r: 2.6 }),
    svg('path', { class: number === 5 ? 'mouth open' : 'mouth', d: MOUTHS[number - 1] }),
    brows ? svg('path', { class: 'mouth', d: brows }) : null,
  );
}

/** The mark of a picked answer. */
export function tick() {
  return svg(
    'svg',
    { class: 'tick', viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { d: 'M4 12.5l5.5 5.5L20 6.5' }),
  );
}

/** The sign of reading aloud. */
export function speaker() {
  return svg(
    'svg',
    { class: 'speaker', viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' },
    svg('path', { class: 'horn', d: 'M3 9.5v5h3.5L12 19V5L6.5 9.5z' }),
    svg('path', { class: 'wave', d: 'M15.5 8.5q3 3.5 0 7M18.5 5.5q6 6.5 0 13' }),
  );
}

/** A ring that empties: `show(left, of)` draws it. */
export function ring() {
  const length = 2 * Math.PI * 44;
  const arc = svg('circle', { class: 'arc', cx: 50, cy: 50, r: 44, 'stroke-dasharray': length });
  const number = svg('text', { x: 50, y: 50, dy: '0.35em', 'text-anchor': 'middle' });
  const drawing = svg(
    'svg',
    { class: 'ring', viewBox: '0 0 100 100', 'aria-hidden': 'true', focusable: 'false' },
    svg('circle', { class: 'track', cx: 50, cy: 50, r: 44 }),
    arc,
    number,
  );
  const show = (/** @type {number} */ left, /** @type {number} */ of) => {
    arc.setAttribute('stroke-dashoffset', String(length * (1 - left / of)));
    number.textContent = String(left);
  };
  return { drawing, show };
}
