/** What stands for the tablet's own database where it is not the subject: names and values in memory. */

export class Disk {
  trouble = null;
  written = [];

  constructor(kept = {}) {
    this.kept = new Map(Object.entries(kept));
  }

  async get(name) {
    return this.kept.get(name);
  }

  async set(name, value) {
    this.kept.set(name, structuredClone(value));
    this.written.push([name, structuredClone(value)]);
    return true;
  }

  async look(table, read) {
    return read({ get: async (name) => this.kept.get(name) });
  }
}

/** A browser that has no database for us, as Store says it. */
export const none = {
  trouble: 'missing',
  get: async () => undefined,
  set: async () => false,
  look: async () => Promise.reject(new Error('no database')),
  write: async () => Promise.reject(new Error('no database')),
};
