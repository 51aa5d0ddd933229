/** Whether the browser promises to keep what is on this tablet, and how much there is. */

export class Storage {
  #store;
  #persisted = false;

  constructor(store) {
    this.#store = store;
  }

  /** Ask the browser not to clear this by itself; its answer is shown to staff. */
  async ask() {
    const { storage } = navigator;
    const ask = async () => (await storage?.persisted?.()) || storage?.persist?.();
    this.#persisted = Boolean(await ask().catch(() => false));
  }

  /** 'granted' | 'denied' | 'missing' | 'full', as it is now. */
  get state() {
    return this.#store.trouble ?? (this.#persisted ? 'granted' : 'denied');
  }

  /** {used, quota} in bytes; null where the browser does not say. */
  async room() {
    const found = await navigator.storage?.estimate?.().catch(() => null);
    return found ? { used: found.usage, quota: found.quota } : null;
  }
}
