/**
 * Builds what each screen shows from the form as it stands. Changes nothing: every tap goes to an
 * action. Each function returns the children of <main>; the heading, first of all, takes the focus.
 */
import { bigButton, el, face, heading, step, tick } from './elements.js';
import { NOT_APPLICABLE } from './form.js';

const A_ROW = 6; // levels beside each other; more stand in two rows
const pressedNow = new WeakMap(); // tile -> whether its answer is the one given

export function start({ words, doc, actions }) {
  return [
    el('div', { class: 'faces' }, ...[1, 2, 3, 4, 5].map(face)),
    heading(words.say('invite')),
    el('div', { class: 'answers one' }, bigButton(words.say('start'), actions.begin)),
    el('p', { class: 'small', text: words.of(doc.intro) }),
  ];
}

export function sector({ words, doc, form, actions }) {
  const tiles = doc.sectors.map(({ id, name }) =>
    tile(words.of(name), () => form.sector === id, () => actions.sector(id)),
  );
  return [heading(words.say('sector_question')), group(tiles, 'list')];
}

export function score({ words, doc, form, actions }) {
  const { id, text, stem, not_applicable: mayNotApply } = form.step;
  const { labels, not_applicable: notApplicable } = doc.scale;
  const levels = labels.map((label, at) => {
    const number = step(at + 1, labels.length);
    const pressed = () => form.scores.get(id) === at + 1;
    return tile(words.of(label), pressed, () => actions.score(at + 1), face(number), `step-${number}`);
  });
  const pressed = () => form.scores.get(id) === NOT_APPLICABLE;
  const none = mayNotApply
    && tile(words.of(notApplicable), pressed, () => actions.score(NOT_APPLICABLE), null, 'none');
  const answers = group(levels, labels.length > A_ROW ? 'levels many' : 'levels');
  answers.style.setProperty('--columns', Math.min(labels.length, A_ROW));
  return [
    stem && doc.stem && el('p', { class: 'stem', id: 'stem', text: words.of(doc.stem) }),
    heading(words.of(text), stem && doc.stem ? 'stem' : null),
    answers,
    none && el('div', { class: 'answers apart' }, none),
  ].filter(Boolean);
}

export function choices({ words, form, actions }) {
  const { text, options, multiple } = form.step;
  const tiles = options.map((option) =>
    tile(words.of(option.text), () => form.isChosen(option.id), () => actions.choose(option.id)),
  );
  return [heading(words.of(text)), group(tiles, multiple ? 'list many' : 'list')];
}

export function comment({ words, form, actions }) {
  const { text } = form.step;
  if (!form.writing) {
    return [
      heading(words.of(text)),
      el(
        'div',
        { class: 'answers pair' },
        bigButton(words.say('write'), actions.write, 'quiet'),
        bigButton(words.say('send'), actions.done),
      ),
    ];
  }
  return [heading(words.of(text)), ...box({ words, form, actions })];
}

function box({ words, form, actions }) {
  const { max_length: most } = form.step;
  const left = el('p', { class: 'small left' });
  const count = (text) => {
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

/** The words of the buttons below a question, and how far one is: as Frame.show takes them. */
export function ways({ words, form }) {
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

export function sending({ words, actions, late }) {
  return [
    el('div', { class: 'spinner', 'aria-hidden': 'true' }),
    heading(words.say('sending')),
    el('p', { class: 'small retry' }),
    late && el('p', { text: words.say('no_need_to_wait') }),
    late && el('div', { class: 'answers one' }, bigButton(words.say('to_start'), actions.leave, 'quiet')),
  ].filter(Boolean);
}

export function thanks({ words }) {
  return [
    el('div', { class: 'faces' }, el('span', { class: 'seal' }, tick())),
    heading(words.say('thanks')),
    el('p', { text: words.say('what_next') }),
  ];
}

export function refused({ words, actions }) {
  const leave = bigButton(words.say('to_start'), actions.leave);
  return [heading(words.say('refused')), el('div', { class: 'answers one' }, leave)];
}

/** The form has come to its end without a single score. */
export function nothing({ words, actions }) {
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

/** Not in use: taken out of use by the office, or not yet sure what it stands for. */
export function closed({ words }) {
  return [heading(words.say('out_of_service'))];
}

export function opening({ words }) {
  return [heading(words.say('opening'))];
}

/** At an address where the tablet could not start without network; said to staff, in both languages. */
export function insecure({ words }) {
  const say = (lang) => [
    el('h1', { id: lang === 'vi' ? 'question' : null, lang, tabindex: '-1', text: words.in(lang, 'insecure') }),
    el('p', { lang, text: words.in(lang, 'insecure_why') }),
    el('p', { lang, text: words.in(lang, 'insecure_remedy') }),
  ];
  return [el('div', { class: 'sheet' }, ...say('vi')), el('div', { class: 'sheet' }, ...say('en'))];
}

function group(tiles, kind) {
  return el('div', { class: `answers ${kind}`, role: 'group', 'aria-labelledby': 'question' }, ...tiles);
}

/** `pressed()`: whether this answer is the one given, now. */
function tile(text, pressed, action, picture = null, kind = '') {
  const button = el(
    'button',
    { type: 'button', class: `tile ${kind}`, 'aria-pressed': pressed(), on: { click: action } },
    picture,
    el('span', { class: 'words', text }),
    tick(),
  );
  pressedNow.set(button, pressed);
  return button;
}

/** Show the answers as they are now; the tiles stay, so that nobody's focus is lost. */
export function repress(main) {
  for (const button of main.querySelectorAll('.tile')) {
    button.setAttribute('aria-pressed', pressedNow.get(button)());
  }
}
