/**
 * Whether answers come faster than people read. Counts in this page's memory alone and keeps no time
 * beyond the last few answers; what is hasty is marked, never dropped.
 */

const READ = 4_000; // milliseconds: nobody reads a whole form in less
const CROWD = 3; // answers
const WITHIN = 12_000; // milliseconds in which so many are one person's play

export class Pace {
  #begun = 0;
  /** @type {number[]} when the last answers ended */
  #ends = [];

  /**
   * Somebody's first tap, at this moment (milliseconds of any one clock).
   * @param {number} now
   */
  begin(now) {
    this.#begun = now;
  }

  /**
   * The answer is over. Whether it was hasty: a whole form in no time to read it, or one of a row.
   * @param {number} now
   * @param {boolean} isThrough every question has its answer
   */
  end(now, isThrough) {
    this.#ends = [...this.#ends.filter((end) => now - end < WITHIN), now];
    return (isThrough && now - this.#begun < READ) || this.#ends.length >= CROWD;
  }
}
