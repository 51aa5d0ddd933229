/** How the screens for staff look: the PIN pad, the status, the way out. Changes nothing. */
import { el } from './dom.js';
import { bigButton, heading } from './screens.js';

const DIGITS = [1, 2, 3, 4, 5, 6, 7, 8, 9];
const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

/** `given` of `of` digits typed; `pause`: seconds until the next try is taken. */
export function pinPad({ words, given, of, wrong, pause, press, erase }) {
  const button = (text, key, action) =>
    el('button', {
      type: 'button',
      class: 'key',
      text,
      'data-key': key,
      disabled: pause > 0 ? '' : null,
      on: { click: action },
    });
  const digit = (number) => button(number, number, () => press(String(number)));
  const dots = Array.from({ length: of }, (_, at) => el('span', { class: at < given ? 'full' : '' }));
  const news = pause > 0 ? words.say('pin_pause', { seconds: pause }) : wrong ? words.say('pin_wrong') : '';
  return [
    heading(words.say('pin')),
    el('p', { class: 'pin', 'aria-hidden': 'true' }, ...dots),
    el('p', { class: 'unseen', role: 'status', text: words.say('pin_given', { given, of }) }),
    el('p', { class: 'news', role: 'status', text: news }),
    el(
      'div',
      { class: 'answers pad' },
      ...DIGITS.map(digit),
      el('span', {}),
      digit(0),
      button(words.say('erase'), 'erase', erase),
    ),
  ];
}

/**
 * `facts`: {device, counter, unsent, sent, quarantined, aside, oldest, contact, offset, storage,
 * room, build, questionnaire, timezone, alerts}, as kiosk.js gathers them; `news`: {key, values}.
 */
export function status({ words, facts, news, actions }) {
  const holds = facts.unsent + facts.quarantined > 0;
  const button = (key, action, kind = '', on = true) =>
    el('button', { type: 'button', class: `tile ${kind}`, text: words.say(key), disabled: on ? null : '', on: { click: action } });
  return [
    heading(words.say('staff')),
    facts.alerts.length > 0 && alerts(words, facts.alerts),
    el(
      'div',
      { class: 'state' },
      el('dl', { class: 'facts' }, ...rows(words, facts)),
      el(
        'div',
        { class: 'deeds' },
        button('send_now', actions.send, 'primary'),
        button('export', actions.export, '', holds),
        button('print', actions.print),
        button('pair_anew', actions.pair),
        button('leave', actions.leave),
      ),
    ),
    el('p', { class: 'news', role: 'status', text: news ? words.say(news.key, news.values) : '' }),
    facts.aside.length > 0 && aside(words, facts),
  ].filter(Boolean);
}

function alerts(words, found) {
  const lines = found.map(({ key, values }) => el('li', { text: words.say(key, values) }));
  return el('ul', { class: 'alert' }, ...lines);
}

function rows(words, facts) {
  const row = (key, value) =>
    el('div', {}, el('dt', { text: words.say(key) }), el('dd', { text: value }));
  const never = words.say('never');
  return [
    row('fact_unsent', facts.unsent),
    row('fact_sent', facts.sent),
    row('fact_quarantined', facts.quarantined),
    row('fact_oldest', facts.unsent > 0 ? span(words, facts.oldest) : words.say('none')),
    row('fact_contact', facts.contact ? when(words, facts.contact, facts.timezone) : never),
    row('fact_clock', facts.offset === null ? never : difference(words, -facts.offset)),
    row('fact_storage', storage(words, facts)),
    row('fact_device', facts.device),
    row('fact_counter', facts.counter),
    row('fact_questionnaire', facts.questionnaire),
    row('fact_build', facts.build),
    row('fact_now', when(words, Date.now(), facts.timezone)),
  ];
}

/** What the server would not take: when, why, and the beginning of its id. */
function aside(words, { aside: entries, timezone }) {
  const line = ({ record, receipt, problems, on }) => {
    const reasons = problems.map(({ place, code }) => `${place}: ${code}`).join(', ');
    const why = [words.say(`aside_${receipt}`), reasons].filter(Boolean).join(' · ');
    return el(
      'li',
      {},
      el('strong', { text: when(words, on, timezone) }),
      el('span', { text: why }),
      el('code', { text: record.response_id.slice(0, 8) }),
    );
  };
  return el(
    'section',
    { class: 'aside' },
    el('h2', { text: words.say('aside') }),
    el('p', { text: words.say('aside_what') }),
    el('ul', {}, ...entries.map(line)),
  );
}

/** After leaving the kiosk mode. */
export function left({ words, enter }) {
  return [
    heading(words.say('left')),
    el('p', { text: words.say('left_how') }),
    el('div', { class: 'answers one' }, bigButton(words.say('enter'), enter)),
  ];
}

/** A moment (milliseconds) or a day (ISO text). */
function when(words, moment, timeZone) {
  const day = { day: '2-digit', month: '2-digit' };
  const format = (shape, at) => new Intl.DateTimeFormat(localeOf(words), shape).format(at);
  if (typeof moment === 'string') return format({ ...day, timeZone: 'UTC' }, Date.parse(moment));
  return format({ ...day, timeZone, hour: '2-digit', minute: '2-digit' }, moment);
}

/** A stretch of time in its largest unit. */
function span(words, seconds) {
  if (seconds < MINUTE) return words.say('seconds', { count: Math.round(seconds) });
  if (seconds < HOUR) return words.say('minutes', { count: Math.round(seconds / MINUTE) });
  if (seconds < DAY) return words.say('hours', { count: Math.round(seconds / HOUR) });
  return words.say('days', { count: Math.round(seconds / DAY) });
}

/** By how much this clock is ahead of the server's, in seconds; below two it is right. */
function difference(words, ahead) {
  if (Math.abs(ahead) < 2) return words.say('clock_right');
  const key = ahead > 0 ? 'clock_ahead' : 'clock_behind';
  return words.say(key, { span: span(words, Math.abs(ahead)) });
}

function storage(words, { storage: state, room }) {
  const used = room && words.say('used', { used: megabytes(words, room.used) });
  return [words.say(`storage_${state}`), used].filter(Boolean).join(' · ');
}

const localeOf = (words) => (words.lang === 'vi' ? 'vi-VN' : 'en-GB');
const megabytes = (words, bytes) =>
  new Intl.NumberFormat(localeOf(words), { maximumFractionDigits: 1 }).format(bytes / 1e6);
