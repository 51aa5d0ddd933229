/**
 * The shapes that the tablet's modules hand to each other, the server and the disk. For checking alone:
 * neither served nor packaged.
 */
import type { DBSchema, IDBPObjectStore } from 'idb';

export type Language = 'vi' | 'en';
export type Text = Record<Language, string>;

/** What fills the {places} of a sentence. */
export type Values = Readonly<Record<string, string | number>>;

/** A sentence to be said: its key, and what fills its places. */
export interface Said {
  key: string;
  values?: Values;
}

// What the server says a tablet is: `station_document` of kiosk/station.py.

export interface Station {
  format: string;
  build: string;
  digest: string;
  device: string;
  pin: Verifier;
  counter_id: string;
  office_id: string;
  timezone: string;
  simulated: boolean;
  office: Text;
  counter: Text;
  sectors: { id: string; name: Text; hint?: Text | null }[];
  questionnaire: string;
  /** The item whose score is a whole answer; null or missing: a form is begun and sent. */
  one_tap?: string | null;
  partial: 'drop' | 'keep';
  languages: Language[];
  title: Text;
  intro: Text;
  stem: Text | null;
  scale: { labels: Text[]; not_applicable: Text };
  questions: Question[];
  seconds: {
    reading: Patience;
    typing: Patience;
    recorded: number;
    thanks: number;
    refresh: number;
  };
}

/** Seconds of nothing, then of warning (0: none). */
export interface Patience {
  idle: number;
  countdown: number;
}

/** What the PIN is checked against; base64. */
export interface Verifier {
  salt: string;
  iterations: number;
  hash: string;
}

export interface Condition {
  item: string;
  at_most: number | null;
  at_least: number | null;
}

export interface ScoreQuestion {
  kind: 'score';
  id: string;
  text: Text;
  stem: boolean;
  not_applicable: boolean;
  /** What the choice of no level is called here; a document of an earlier server has none. */
  none?: Text | null;
  required: boolean;
}

export interface ChoicesQuestion {
  kind: 'choices';
  id: string;
  text: Text;
  multiple: boolean;
  options: { id: string; text: Text }[];
  show_when: Condition | null;
}

export interface CommentQuestion {
  kind: 'comment';
  id: string;
  text: Text;
  max_length: number;
  /** In place of the box; null or missing: one types here. */
  phone?: Phone | null;
  show_when: Condition | null;
}

/** Where a comment is written on a phone: what to type, a QR code as SVG, which phones get there. */
export interface Phone {
  address: string;
  qr: string;
  reach: 'here' | 'inside' | 'everywhere';
}

export type Question = ScoreQuestion | ChoicesQuestion | CommentQuestion;

/** What a form shows in one screen. `recorded`: one tap was a whole answer, and more is welcome. */
export type Step = { kind: 'sector' | 'recorded'; id: string } | Question;

/** A level 1..n; null: not applicable. */
export type Level = number | null;

// Answers, from the form to the server: `read_record` of kiosk/records.py.

/** One person's answers. */
export interface AnswerRecord {
  response_id: string;
  questionnaire: string;
  office: string;
  sector: string | null;
  scores: Record<string, Level>;
  choices: Record<string, string[]>;
  comment: string | null;
  /** Given faster than people read. */
  haste?: true;
}

/** An answer as it goes out. */
export interface OutgoingRecord extends AnswerRecord {
  age_s: number;
  clock_doubtful?: true;
}

/** Both clocks at an answer, for memory alone: milliseconds; `offset` in seconds. */
export interface Moment {
  steady: number;
  calendar: number;
  session: string;
  era: string;
  offset: number | null;
  zone: string | undefined;
}

/** When an answer was given, for the disk; `shift` in days. Apps of before wrote moments. */
export interface KeptDay {
  day: string;
  era: string;
  shift: number | null;
}

/**
 * What the outbox keeps. `enrolment`: id of the one under which the answer was given. `turn` is
 * missing while the person may still add to it: then it is in no turn to be sent.
 */
export interface Entry {
  record: AnswerRecord;
  enrolment: string;
  kept: KeptDay | Moment;
  turn?: number;
}

export interface Problem {
  place: string;
  code: string;
}

export type Receipt = 'stored' | 'repeated' | 'conflict' | 'refused';

/** What the server says about a record. */
export interface Result {
  response_id: string;
  receipt: Receipt | 'later';
  problems?: Problem[];
}

/** What became of a record for good. */
export type Decided = Receipt | 'too_large';

export interface Decision {
  entry: Entry;
  receipt: Decided;
  problems?: Problem[] | undefined;
}

/** What was put aside for staff. `on`: the day. */
export interface AsideEntry extends Entry {
  receipt: Decided;
  problems: Problem[];
  on: string;
}

export interface Totals {
  unsent: number;
  quarantined: number;
  sent: number;
  memory: number;
}

// The tablet's own database.

/** The clock's notes for the disk: `seen` and `contact` are days; apps of before wrote moments. */
export interface KeptNotes {
  era: string;
  offset: number | null;
  seen: string | number;
  contact: string | number | null;
}

export interface Enrolled {
  device: string;
  secret: string;
  code: string;
  counter: string;
}

/** A pairing that was begun. */
export interface Pending {
  code: string;
  secret: string;
}

/** Wrong numbers one after the other, and the pause that they have made; milliseconds. */
export interface Tries {
  wrong: number;
  until: number;
  pause: number;
}

/** `on`: milliseconds; `lost`: answers that could not be written again. */
export interface Wiped {
  on: number;
  lost: number;
}

/** What is kept under a name of its own. */
export interface Kept {
  clock: KeptNotes;
  enrolments: Enrolled[];
  pending: Pending | null;
  pin: Tries;
  sent: number;
  station: Station | null;
  wiped: Wiped;
}

export interface Tables extends DBSchema {
  kept: { key: string; value: Kept[keyof Kept] };
  outbox: { key: string; value: Entry; indexes: { turn: [string, number] } };
  quarantine: { key: string; value: AsideEntry };
}

export type TableName = 'kept' | 'outbox' | 'quarantine';
export type Readable<T extends TableName> = IDBPObjectStore<Tables, [T], T, 'readonly'>;

/** The tables of one change, by their names. */
export type Writable<T extends TableName> = {
  [Name in T]: IDBPObjectStore<Tables, T[], Name, 'readwrite'>;
};

export type StorageState = 'granted' | 'denied' | 'missing' | 'full';
export type Room = { used: number; quota: number };

// What the server says.

/** The server's time (seconds), when it was asked and when the answer came (milliseconds). */
export interface ServerTime {
  time: number;
  asked: number;
  answered: number;
}

export interface Reply {
  status: number;
  answer: Record<string, unknown> | null;
  asked: number;
  answered: number;
  wait: number;
}

/** What a reply says about the line and about us; `wait` in milliseconds. */
export interface Meaning {
  status: number;
  reached: boolean;
  connected: boolean;
  closed: boolean;
  wait: number;
  time: ServerTime | null;
}

export type Pairing = Meaning & { error: string | null } & (
  | { device: string; station: Station }
  | { device: null; station: null }
);

export interface Sent extends Meaning {
  receipts: Map<string, Receipt | 'later'>;
  problems?: Map<string, Problem[]>;
  tooLarge: boolean;
  misread: boolean;
}

/** The line as the sender sees it. */
export interface Line {
  connected: boolean;
  closed: boolean;
  retryAt: number | null;
}

/** The line as the heartbeat sees it. `closed`: the status that says so. */
export interface Standing {
  connected: boolean;
  closed: number | null;
}

/** How the tablet is, as it tells the server. */
export interface Health {
  unsent: number;
  quarantined: number;
  oldest_s: number;
  sent: number;
  build: string;
  questionnaire: string | null;
  storage: StorageState;
}

// What is shown.

/** A part of a screen; one that is not there is left out. */
export type Child = Node | null | undefined | false;

type Attribute =
  | 'alt' | 'autocapitalize' | 'autocomplete' | 'autocorrect' | 'class' | 'cx' | 'cy' | 'd' | 'disabled' | 'dy'
  | 'focusable' | 'for' | 'id' | 'inputmode' | 'lang' | 'maxlength' | 'placeholder' | 'r' | 'role' | 'rows'
  | 'spellcheck' | 'src' | 'stroke-dasharray' | 'tabindex' | 'text-anchor' | 'type' | 'viewBox' | 'x' | 'y'
  | `aria-${string}` | `data-${string}`;

/** Of an element. */
export type Props = {
  [Name in Attribute]?: string | number | boolean | null | undefined;
} & {
  text?: string | number;
  on?: Record<string, (event: Event) => void>;
};

/** A screen of another module than session.js. `back`: the way out, null for none. */
export interface Visitor {
  name: 'enrol' | 'pin' | 'staff' | 'left';
  body: () => Child[];
  back: (() => void) | null;
  /** Whether it does not close by itself. */
  stays?: boolean;
}

/**
 * What the buttons around a screen say, null for none. `primary`: forward is what most people want;
 * `done`: the answer is whole; `anew`: for who finds another's form. `news`: said to who cannot see.
 */
export interface Ways {
  back?: string | null;
  forward?: string | null;
  done?: string | null;
  anew?: string | null;
  primary?: boolean;
  progress?: { number: number; total: number } | null;
  news?: string;
}

/** What taps on a citizen's screens do. */
export interface Actions {
  begin: () => void;
  rate: (level: Level) => void;
  more: () => void;
  finish: () => void;
  sector: (id: string) => void;
  score: (level: Level) => void;
  choose: (option: string) => void;
  write: () => void;
  comment: (text: string) => void;
  done: () => void;
  again: () => void;
  leave: () => void;
}

/** What the sign for staff and the line of who waits are drawn from. `attention`: a word's key. */
export interface Signal {
  unsent: number;
  connected: boolean;
  closed: number | boolean | null;
  retryAt: number | null;
  attention: string | null;
}

/** Everything that the staff screen shows; seconds, `contact` a moment or a day. */
export interface Facts extends Totals {
  device: string;
  counter: string;
  aside: AsideEntry[];
  oldest: number;
  contact: number | string | null;
  offset: number | null;
  storage: StorageState;
  room: Room | null;
  build: string;
  questionnaire: string;
  timezone: string;
}
