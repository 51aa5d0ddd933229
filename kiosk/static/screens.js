/**
 * Builds what each screen shows from the form as it stands. Changes nothing: every tap goes to an
 * action. Each function returns the children of <main>; the heading, first of all, takes the focus.
 */
import { bigButton, el, face, heading, step, tick } from './elements.js';
import { NOT_APPLICABLE, UNKNOWN } from './form.js';

/** @import { Words } from './elements.js' */
/** @import { Form } from './form.js' */
/** @import { Actions, Child, ChoicesQuestion, CommentQuestion, Phone, ScoreQuestion, Station, Step, Ways } from './shapes.js' */
/** @typedef {{ words: Words, actions: Actions, late?: boolean }} View `late`: it takes long */
/** @typedef {{ words: Words, actions: Actions, form: Form }} Asking */
/** @typedef {'start' | 'form' | keyof typeof PLAIN} Screen */

const A_ROW = 6; // levels beside each other; more stand in two rows

/** @type {WeakMap<Element, () => boolean>} of a tile: whether its answer is the one given */
const pressedNow = new WeakMap();

/**
 * A screen by its name.
 * @param {Screen} name
 * @param {View & { doc: Station | null, form: Form | null }} given
 */
export function build(name, { doc, form, ...view }) {
  if (name === 'form') return question({ ...view, form: need(form) });
  if (name !== 'start') return PLAIN[name](view);
  return doc?.one_tap ? rating({ ...view, form: need(form) }) : start(view, need(doc));
}

/**
 * @template T
 * @param {T | null} thing
 */
function need(thing) {
  if (thing === null) throw new Error('a screen lacks what it is about');
  return thing;
}

/**
 * @param {View} view
 * @param {Station} doc
 */
function start({ words, actions }, doc) {
  return [
    el('div', { class: 'faces' }, ...[1, 2, 3, 4, 5].map(face)),
    heading(words.say('invite')),
    el('div', { class: 'answers one' }, bigButton(words.say('start'), actions.begin)),
    el('p', { class: 'small', text: words.of(doc.intro) }),
  ];
}

/**
 * The start screen where one tap is a whole answer: it is the question.
 * @param {Asking} asking
 */
function rating({ words, form, actions }) {
  const asked = /** @type {ScoreQuestion} */ (form.step);
  const asking = { words, form, actions: { ...actions, score: actions.rate } };
  const note = el('p', { class: 'small', text: words.say('tap_is_enough') });
  return [...score(asking, asked), note];
}

/**
 * What the form asks for now, beneath what was recorded already.
 * @param {Asking} asking
 * @returns {Child[]}
 */
function question(asking) {
  const { words, form } = asking;
  const asked = form.step;
  if (asked.kind === 'recorded') return recorded(asking);
  const isAfter = form.isOneTap && asked.id !== form.doc.one_tap;
  return [isAfter && el('p', { class: 'recorded', text: told(words, form) }, tick()), ...body(asking, asked)];
}

/**
 * @param {Asking} asking
 * @param {Step} asked
 * @returns {Child[]}
 */
function body(asking, asked) {
  if (asked.kind === 'score') return score(asking, asked);
  if (asked.kind === 'choices') return choices(asking, asked);
  return asked.kind === 'comment' ? comment(asking, asked) : sector(asking);
}

/**
 * "Đã ghi: Hài lòng", where one tap is a whole answer.
 * @param {Words} words
 * @param {Form} form
 */
function told(words, form) {
  const level = form.scores.get(form.doc.one_tap ?? '') ?? null;
  const label = level === null ? null : form.doc.scale.labels[level - 1];
  return words.say('recorded', { level: label ? words.of(label) : '' });
}

/** @param {Asking} asking */
function recorded({ words, form, actions }) {
  const more = !form.isLast && bigButton(words.say('more'), actions.more, 'quiet');
  return [
    seal(),
    heading(told(words, form)),
    el('p', { text: words.say('thanks_recorded') }),
    el('div', { class: 'answers pair' }, bigButton(words.say('done'), actions.finish), more),
  ];
}

/** @param {Asking} asking */
function sector({ words, form, actions }) {
  const tiles = form.doc.sectors.map(({ id, name, hint }) =>
    tile(words.of(name), () => form.sector === id, () => actions.sector(id), hint && words.of(hint)),
  );
  const unknown = tile(words.say('sector_unknown'), () => form.sector === UNKNOWN, () => actions.sector(UNKNOWN));
  return [heading(words.say('sector_question')), group([...tiles, unknown], 'list')];
}

/**
 * @param {Asking} asking
 * @param {ScoreQuestion} asked
 */
function score({ words, form, actions }, { id, text, stem, not_applicable: mayNotApply, none: own }) {
  const { labels, not_applicable: general } = form.doc.scale;
  const above = stem ? form.doc.stem : null;
  const levels = labels.map((label, at) => {
    const number = step(at + 1, labels.length);
    const pressed = () => form.scores.get(id) === at + 1;
    const look = { picture: face(number), kind: `step-${number}` };
    return tile(words.of(label), pressed, () => actions.score(at + 1), null, look);
  });
  const pressed = () => form.scores.get(id) === NOT_APPLICABLE;
  const none = mayNotApply
    && tile(words.of(own ?? general), pressed, () => actions.score(NOT_APPLICABLE), null, { kind: 'none' });
  const answers = group(levels, labels.length > A_ROW ? 'levels many' : 'levels');
  answers.style.setProperty('--columns', String(Math.min(labels.length, A_ROW)));
  return [
    above && el('p', { class: 'stem', id: 'stem', text: words.of(above) }),
    heading(words.of(text), above ? 'stem' : null),
    answers,
    none && el('div', { class: 'answers apart' }, none),
  ];
}

/**
 * @param {Asking} asking
 * @param {ChoicesQuestion} asked
 */
function choices({ words, form, actions }, { text, options, multiple }) {
  const tiles = options.map((option) =>
    tile(words.of(option.text), () => form.isChosen(option.id), () => actions.choose(option.id)),
  );
  return [heading(words.of(text)), group(tiles, multiple ? 'list many' : 'list')];
}

/**
 * @param {Asking} asking
 * @param {CommentQuestion} asked
 */
function comment({ words, form, actions }, { text, max_length: most, phone }) {
  if (phone) return [heading(words.of(text)), onPhone(words, phone)];
  if (!form.writing) {
    const write = bigButton(words.say('write'), actions.write, 'quiet');
    const send = !form.isOneTap && bigButton(words.say('send'), actions.done);
    return [heading(words.of(text)), el('div', { class: 'answers pair' }, write, send)];
  }
  return [heading(words.of(text)), ...box({ words, form, actions }, most)];
}

/**
 * In place of the box, where the tablet has no keyboard. What is written there is no part of the form.
 * @param {Words} words
 * @param {Phone} phone
 */
function onPhone(words, { address, qr, reach }) {
  const src = `data:image/svg+xml,${encodeURIComponent(qr)}`;
  return el(
    'div',
    { class: 'phone' },
    el('img', { class: 'qr', src, alt: words.say('on_phone_qr') }),
    el(
      'div',
      { class: 'how' },
      el('p', { class: 'strong', text: words.say('on_phone') }),
      el('p', { text: words.say('on_phone_how') }),
      el('div', { class: 'address', text: address }),
      reach === 'everywhere' ? null : el('p', { class: 'small', text: words.say(`reach_${reach}`) }),
    ),
  );
}

/**
 * @param {Asking} asking
 * @param {number} most letters
 */
function box({ words, form, actions }, most) {
  const left = el('p', { class: 'small left' });
  const count = (/** @type {string} */ text) => {
    left.textContent = words.say('letters_left', { count: most - text.length });
  };
  count(form.comment);
  const area = el('textarea', {
    'aria-labelledby': 'question',
    maxlength: most,
    rows: 4,
    autocomplete: 'off', // the next person must not be offered this one's words
    autocapitalize: 'sentences',
    spellcheck: 'false',
    on: {
      input: () => {
        count(area.value);
        actions.comment(area.value);
      },
    },
  });
  area.value = form.comment;
  return [area, left];
}

/**
 * The words of the buttons below a question, and how far one is.
 * @param {Words} words
 * @param {Form} form
 * @returns {Ways}
 */
export function ways(words, form) {
  const around = { back: words.say('back'), anew: words.say('new_person'), progress: form.progress };
  return { ...around, ...(form.isOneTap ? aside(words, form) : onward(words, form)) };
}

/**
 * Of a form that is sent at its end.
 * @param {Words} words
 * @param {Form} form
 * @returns {Ways}
 */
function onward(words, form) {
  const isComment = form.step.kind === 'comment';
  const on = form.isLast && isComment ? 'send' : form.isAnswered ? 'next' : 'skip';
  const inTheMiddle = isComment && !form.isWriting; // both ways stand on the screen
  return { forward: form.mayPass && !inTheMiddle ? words.say(on) : null, primary: on !== 'skip' };
}

/**
 * Of an answer that is whole already.
 * @param {Words} words
 * @param {Form} form
 * @returns {Ways}
 */
function aside(words, form) {
  if (form.isRecorded) return { news: told(words, form) };
  const on = form.isLast ? null : words.say(form.isAnswered ? 'next' : 'skip');
  return { forward: on, done: words.say('done'), ...(!form.progress && { news: told(words, form) }) };
}

/**
 * @param {View} view
 * @returns {Child[]}
 */
function sending({ words, actions, late }) {
  return [
    el('div', { class: 'spinner', 'aria-hidden': 'true' }),
    heading(words.say('sending')),
    el('p', { class: 'small retry' }),
    late && el('p', { text: words.say('no_need_to_wait') }),
    late && el('div', { class: 'answers one' }, bigButton(words.say('to_start'), actions.leave, 'quiet')),
  ];
}

const seal = () => el('div', { class: 'faces' }, el('span', { class: 'seal' }, tick()));

/** @param {View} view */
function thanks({ words, actions }) {
  return [
    seal(),
    heading(words.say('thanks')),
    el('p', { text: words.say('what_next') }),
    el('div', { class: 'answers one' }, bigButton(words.say('to_start'), actions.leave, 'quiet')),
  ];
}

/** @param {View} view */
function refused({ words, actions }) {
  const leave = bigButton(words.say('to_start'), actions.leave);
  return [heading(words.say('refused')), el('div', { class: 'answers one' }, leave)];
}

/**
 * The form has come to its end without a single score.
 * @param {View} view
 */
function nothing({ words, actions }) {
  return [
    heading(words.say('nothing')),
    el(
      'div',
      { class: 'answers pair one' },
      bigButton(words.say('answer'), actions.again),
      bigButton(words.say('stop'), actions.leave, 'quiet'),
    ),
  ];
}

/**
 * Not in use: taken out of use by the office, or not yet sure what it stands for.
 * @param {View} view
 */
function closed({ words }) {
  return [heading(words.say('out_of_service'))];
}

/** @param {View} view */
function opening({ words }) {
  return [heading(words.say('opening'))];
}

/**
 * At an address where the tablet could not start without network; said to staff, in both languages.
 * @param {View} view
 */
function insecure({ words }) {
  const say = (/** @type {'vi' | 'en'} */ lang) => [
    el('h1', { id: lang === 'vi' ? 'question' : null, lang, tabindex: '-1', text: words.in(lang, 'insecure') }),
    el('p', { lang, text: words.in(lang, 'insecure_why') }),
    el('p', { lang, text: words.in(lang, 'insecure_remedy') }),
  ];
  return [el('div', { class: 'sheet' }, ...say('vi')), el('div', { class: 'sheet' }, ...say('en'))];
}

/** Those that show neither document nor form. */
const PLAIN = { sending, thanks, refused, nothing, closed, opening, insecure };

/** @param {Child[]} tiles @param {string} kind */
function group(tiles, kind) {
  return el('div', { class: `answers ${kind}`, role: 'group', 'aria-labelledby': 'question' }, ...tiles);
}

/**
 * @param {string} text
 * @param {() => boolean} pressed whether this answer is the one given, now
 * @param {() => void} action
 * @param {string | null | undefined} hint examples, small below
 * @param {{ picture?: Child, kind?: string }} look
 */
function tile(text, pressed, action, hint = null, { picture = null, kind = '' } = {}) {
  const button = el(
    'button',
    { type: 'button', class: `tile ${kind}`, 'aria-pressed': pressed(), on: { click: action } },
    picture,
    el('span', { class: 'words', text }, hint ? el('span', { class: 'hint', text: hint }) : null),
    tick(),
  );
  pressedNow.set(button, pressed);
  return button;
}

/**
 * Show the answers as they are now; the tiles stay, so that nobody's focus is lost.
 * @param {Element} main
 */
export function repress(main) {
  for (const button of main.querySelectorAll('.tile')) {
    button.setAttribute('aria-pressed', String(pressedNow.get(button)?.()));
  }
}
