/**
 * The app on the tablet's own disk, and newer versions of it. A new one waits, complete, until
 * nobody is at the tablet; then the page lets it in and opens anew. Touches no answer.
 */

export class Update {
  #isIdle;
  #registration = null;
  #isNewer = false;

  /** Whether the app is on the disk, so that it opens without network. */
  isKept = Boolean(navigator.serviceWorker?.controller);

  #hadApp = Boolean(navigator.serviceWorker?.controller);

  /** `isIdle()`: whether nobody is at the tablet. */
  constructor(isIdle) {
    this.#isIdle = isIdle;
  }

  /** Keep the app on the disk, where the browser can. */
  async open() {
    if (!navigator.serviceWorker) return;
    navigator.serviceWorker.addEventListener('controllerchange', () => this.#changed());
    try {
      this.#registration = await navigator.serviceWorker.register('sw.js', {
        scope: './',
        updateViaCache: 'none',
      });
    } catch {
      // no network, or not allowed: what was kept before goes on
    }
    if (!this.#registration) return;
    this.#registration.addEventListener('updatefound', () => this.#watch());
    this.#watch();
    this.letIn();
    await navigator.serviceWorker.ready;
    this.isKept = true;
  }

  /** Ask the server for a newer version. */
  check() {
    this.#registration?.update().catch(() => {}); // no network: another time
  }

  /** Take a waiting version, now if nobody is there: call it whenever nobody is. */
  letIn() {
    if (!this.#isIdle()) return;
    if (this.#isNewer) location.reload();
    else this.#registration?.waiting?.postMessage('let-in');
  }

  #watch() {
    const coming = this.#registration.installing;
    coming?.addEventListener('statechange', () => {
      if (coming.state === 'installed') this.letIn();
    });
  }

  /** Another version answers for this page's files now: the first one ever is this page's own. */
  #changed() {
    this.#isNewer = this.#hadApp;
    this.#hadApp = true;
    this.letIn();
  }
}
