/**
 * The number that opens the staff screen, checked on the tablet without network. Owns the counting
 * of wrong ones: after five a pause, doubled by each wrong one after it, kept over reloads.
 */

const FREE = 5;
const FIRST_PAUSE = 60_000;
const LONGEST_PAUSE = 3_600_000;
const KEPT = 'pin';

export class Pin {
  #store;
  #tries = { wrong: 0, until: 0, pause: 0 };

  constructor(store) {
    this.#store = store;
  }

  async open() {
    this.#tries = (await this.#store.get(KEPT)) ?? this.#tries;
  }

  /** Seconds until the next try is taken; a calendar that was set back makes no longer pause. */
  get pause() {
    const { until, pause } = this.#tries;
    const left = until - Date.now();
    return Math.ceil(Math.max(0, Math.min(left, pause)) / 1000);
  }

  /**
   * Whether these digits are the number. Counted as wrong before it is known, so that a reload in
   * the middle is no free try. `verifier`: {salt, iterations, hash}, base64.
   */
  async check(digits, verifier) {
    if (this.pause > 0) return false;
    const wrong = this.#tries.wrong + 1;
    const pause = wrong < FREE ? 0 : Math.min(FIRST_PAUSE * 2 ** (wrong - FREE), LONGEST_PAUSE);
    await this.#note({ wrong, pause, until: pause > 0 ? Date.now() + pause : 0 });
    const right = (await derive(digits, verifier)) === verifier.hash;
    if (right) await this.#note({ wrong: 0, pause: 0, until: 0 });
    return right;
  }

  async #note(tries) {
    this.#tries = tries;
    await this.#store.set(KEPT, tries);
  }
}

/** PBKDF2-SHA-256, 32 bytes, base64. */
async function derive(digits, { salt, iterations }) {
  const { subtle } = crypto;
  const bytes = new TextEncoder().encode(digits);
  const key = await subtle.importKey('raw', bytes, 'PBKDF2', false, ['deriveBits']);
  const given = Uint8Array.from(atob(salt), (letter) => letter.charCodeAt(0));
  const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt: given, iterations };
  const derived = await subtle.deriveBits(algorithm, key, 256);
  return btoa(String.fromCharCode(...new Uint8Array(derived)));
}
