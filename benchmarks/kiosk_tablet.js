/**
 * Runs before the app in a simulated tablet: a clock that can jump, a database that can be closed
 * under the app's hands, and citizens who answer by the app's own form and outbox. Sends nothing:
 * that the app does.
 */
(() => {
  const RealDate = Date;
  const connections = new Set();
  const transactions = new Set();
  let shift = 0; // milliseconds by which this tablet's calendar is wrong
  let parts = null;

  self.Date = class extends RealDate {
    constructor(...given) {
      if (given.length > 0) super(...given);
      else super(RealDate.now() + shift);
    }

    static now() {
      return RealDate.now() + shift;
    }
  };

  const open = IDBFactory.prototype.open;
  IDBFactory.prototype.open = function remembered(...given) {
    const request = open.apply(this, given);
    request.addEventListener('success', () => connections.add(request.result));
    return request;
  };

  const begin = IDBDatabase.prototype.transaction;
  IDBDatabase.prototype.transaction = function remembered(...given) {
    const transaction = begin.apply(this, given);
    transactions.add(transaction);
    for (const end of ['complete', 'abort']) {
      transaction.addEventListener(end, () => transactions.delete(transaction));
    }
    return transaction;
  };

  /** As the system does under memory pressure: what runs is aborted, the connection is gone. */
  function closeStorage(tells) {
    for (const transaction of [...transactions]) {
      try {
        transaction.abort();
      } catch {
        // it has ended already
      }
    }
    for (const connection of [...connections]) {
      connection.close();
      connections.delete(connection);
      if (tells) connection.dispatchEvent(new Event('close'));
    }
    return true;
  }

  async function app() {
    const folder = document.querySelector('script[type="module"]').src.replace('kiosk.js', '');
    const load = (name) => import(`${folder}${name}.js`);
    const [{ Clock }, { Form }, { Outbox, Store }, { exportFile }] = await Promise.all(
      ['clock', 'form', 'outbox', 'staff'].map(load),
    );
    const store = new Store();
    const clock = new Clock();
    clock.open(await store.get('clock'));
    return { store, clock, outbox: new Outbox(store, clock), Form, exportFile };
  }

  const opened = () => (parts ??= app());

  /**
   * One citizen: every question of the form, in the order in which it asks; `answered` after each.
   * The comment is there from the start: a record that was left in the middle is known by it.
   */
  async function fill(form, { levels, comment }, answered) {
    const left = [...levels];
    form.comment = comment;
    do {
      const { kind, options } = form.step;
      if (kind === 'sector') form.sector = form.doc.sectors[0].id;
      else if (kind === 'score') form.score(left.shift());
      else if (kind === 'choices') form.toggle(options[0].id);
      await answered(form.record());
    } while (form.next());
    return form.record();
  }

  /**
   * Citizens one after the other. Each whose first tap was recorded, and each that is thanked, is told
   * by a line of the console.
   */
  async function answer(citizens) {
    const { store, clock, Form, outbox } = await opened();
    for (const citizen of citizens) {
      const device = (await store.get('enrolments')).at(-1).device;
      const station = await store.get('station');
      clock.zone = station.timezone;
      let recorded = false;
      const record = await fill(new Form(station), citizen, async (given) => {
        const isHeld = station.one_tap && (await outbox.hold(given, device));
        if (isHeld && !recorded) console.info(`recorded: ${citizen.comment}`);
        recorded ||= isHeld;
      });
      const { durable } = await outbox.put(record, device);
      console.info(`${durable ? 'thanked' : 'not kept'}: ${citizen.comment}`);
    }
  }

  async function state() {
    const { store } = await opened();
    const count = (table) => store.look(table, (rows) => rows.count());
    const enrolments = (await store.get('enrolments')) ?? [];
    const { device = null, code = null } = enrolments.at(-1) ?? {};
    const [unsent, quarantined] = [await count('outbox'), await count('quarantine')];
    const typed = code?.replaceAll('-', '') ?? null;
    return { device, code: typed, unsent, quarantined, screen: document.body.dataset.screen };
  }

  /** The text of the file that staff carry to the server by hand. */
  async function exported() {
    const { store, clock, outbox, exportFile } = await opened();
    const { unsent, quarantined } = await outbox.all();
    const { timezone } = await store.get('station');
    const { text } = await exportFile({
      entries: [...unsent, ...quarantined],
      enrolments: await store.get('enrolments'),
      now: clock.moment(),
      timezone,
    });
    return text;
  }

  async function secret() {
    const { store } = await opened();
    return (await store.get('enrolments')).at(-1).secret;
  }

  self.ordeal = {
    answer,
    closeStorage,
    exported,
    secret,
    state,
    setClock: (milliseconds) => {
      shift = milliseconds;
    },
  };
})();
