/**
 * What every screen is made of: elements, drawings, and the words of the moment's language. Knows
 * nothing of the form: text goes in as text, never as markup; holds no wording itself.
 */

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
  /** `sentences`: key -> {vi, en}, as the page carries them. */
  constructor(sentences, languages) {
    this.sentences = sentences;
    this.languages = languages;
    this.lang = languages[0];
  }

  /** A text of the questionnaire, {vi, en}. */
  of(text) {
    return text[this.lang];
  }

  /** The sentence of this key, with its {places} filled. */
  say(key, values = {}) {
    return this.in(this.lang, key, values);
  }

  /** The same in a language of choice. */
  in(lang, key, values = {}) {
    const text = this.sentences[key];
    if (!text) throw new Error(`no sentence has the key '${key}'`);
    return text[lang].replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
  }

  /** The language that the button offers: the one after this. */
  get other() {
    const at = this.languages.indexOf(this.lang);
    return this.languages[(at + 1) % this.languages.length];
  }
}

/**
 * An element with properties, listeners and children.
 * `props`: `class`, `text`, `on` ({event: listener}); any other is an attribute, left out where it
 * is null or undefined.
 */
export function el(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for SVG. */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), props, children);
}

function fill(element, { text, on = {}, ...attributes }, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  if (text !== undefined) element.textContent = text;
  element.append(...children.filter(Boolean));
  return element;
}

export function heading(text, describedBy = null) {
  const long = text.length > LONG ? 'long' : null;
  return el('h1', { id: 'question', class: long, tabindex: '-1', text, 'aria-describedby': describedBy });
}

export function bigButton(text, action, kind = '') {
  return el('button', { type: 'button', class: `big ${kind}`, text, on: { click: action } });
}

/** Which of the five drawings stands for a level of a scale of any size, 1 to 5. */
export function step(level, size) {
  return Math.round(((level - 1) / (size - 1)) * 4) + 1;
}

/** A face for step 1 to 5. Decoration: the words beside it carry the meaning. */
export function face(number) {
  return svg(
    'svg',
    { class: `face step-${number}`, viewBox: '0 0 48 48', 'aria-hidden': 'true', focusable: 'false' },
    svg('circle', { class: 'skin', cx: 24, cy: 24, r: 21.5 }),
    svg('circle', { class: 'eye', cx: 16.5, cy: 20.5, r: 2.6 }),
    svg('circle', { class: 'eye', cx: 31.5, cy: 20.5, r: 2.6 }),
    svg('path', { class: number === 5 ? 'mouth open' : 'mouth', d: MOUTHS[number - 1] }),
    BROWS[number - 1] && svg('path', { class: 'mouth', d: BROWS[number - 1] }),
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
  const show = (left, of) => {
    arc.setAttribute('stroke-dashoffset', length * (1 - left / of));
    number.textContent = left;
  };
  return { drawing, show };
}
