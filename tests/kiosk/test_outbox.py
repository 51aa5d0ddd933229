"""Outbox, sender and door in the browser: a record is kept until the server has decided."""

from __future__ import annotations

import pytest

from tests.kiosk.memory import CODES

pytestmark = pytest.mark.browser

SETUP = """
const entry = document.querySelector('script[type=module]').src;
const app = (name) => import(new URL(name, entry));
const [{ Clock }, { Outbox, Store }, { Sender, ...door }] = await Promise.all(
  ['clock.js', 'outbox.js', 'sender.js'].map(app));
const nap = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const until = async (holds, end = performance.now() + 20000) => {
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited in vain: ${holds}`);
    await nap(10); } };
const silence = {receipts: new Map(), problems: new Map(), reached: false, connected: false,
                 closed: false, tooLarge: false, misread: false, wait: 0, time: null};
const spoken = {...silence, reached: true, connected: true};
const answer = (records, receipt, more) =>
  ({...spoken, ...more, receipts: new Map(records.map((r) => [r.response_id, receipt]))});
const record = (id) => ({response_id: id, scores: {overall: 5}});
const me = {device: 'me', secret: 'mine', counter: 'one'};

/** A tablet's outbox with a sender of its own; `send(records, secret)` stands for the server. */
const tablet = async (send, { enrolments = [me], ...more } = {}) => {
  const store = new Store(); const clock = new Clock(); const box = new Outbox(store, clock);
  await box.open();
  const sender = new Sender({ outbox: box, clock, enrolments: () => enrolments,
                              send: (secret, records) => send(records, secret), ...more });
  const put = async (one, device = 'me') => {
    const { durable, settled } = await box.put(one, device); sender.flush();
    return { durable, settled };
  };
  const sent = async (one) => (await put(one)).settled;
  return { store, clock, box, sender, put, sent };
};
"""


@pytest.fixture
def run(bench, address):
    """Runs steps with the app's own modules and returns what they return."""
    bench.goto(f"{address}/")

    def run(script: str, *arguments: object):
        return bench.evaluate(f"async (given) => {{ {SETUP} {script} }}", list(arguments))

    run.page = bench
    return run


# --- Kept -------------------------------------------------------------------------------------


def test_a_record_is_on_the_disk_before_anybody_is_thanked(run):
    """Durable says: a second connection of another page would find it there."""
    found = run(
        """
        const { box, put } = await tablet(() => new Promise(() => {}));
        const { durable } = await put(record('a'));
        const other = new Store();
        const rows = await other.look('outbox', (outbox) => outbox.getAll());
        return [durable, rows.map((row) => row.record.response_id), box.totals.unsent];
        """
    )
    assert found == [True, ["a"], 1]


def test_nothing_but_the_day_is_written_beside_an_answer_whatever_becomes_of_it(run):
    """Kept, put off again and again, put aside, tried once more: every row that the disk sees."""
    found = run(
        """
        const rows = []; const words = [];
        for (const name of ['add', 'put']) {
          const real = IDBObjectStore.prototype[name];
          IDBObjectStore.prototype[name] = function (row, ...more) {
            rows.push([this.name, row]); return real.call(this, row, ...more); }; }
        const setItem = Storage.prototype.setItem;
        Storage.prototype.setItem = function (...given) {
          words.push(given); return setItem.apply(this, given); };
        let tries = 0; const { box, put, sender } = await tablet(async (records) => {
          tries += 1; return tries < 3 ? spoken : answer(records, 'refused'); });
        const { settled } = await put(record('a'));
        while (tries < 3) { sender.flush(); await nap(20); }
        await settled; await box.tryAside(); sender.flush();
        await until(() => box.totals.quarantined === 1 && box.totals.unsent === 0);
        const today = box.totals && new Date().toLocaleDateString('en-CA');
        return [rows.map(([table, row]) => [table, row.record ? Object.keys(row).sort() : row]),
                rows.filter(([, row]) => row.record).every(({ 1: { kept, turn, on = kept.day } }) =>
                  Object.keys(kept).join() === 'day,era,shift' && kept.day === today &&
                  on === today && turn === 0), words];
        """
    )
    entry = ["enrolment", "kept", "record", "turn"]
    aside = sorted([*entry, "on", "problems", "receipt"])
    assert found == [
        [
            ["outbox", entry],
            *[["quarantine", aside], ["kept", 0]],
            ["outbox", entry],
            *[["quarantine", aside], ["kept", 0]],
        ],
        True,
        [],
    ]


def test_what_an_app_of_before_has_kept_is_sent_with_its_age(run):
    """With its moment and a turn by the clock, as tablets in use may still hold it."""
    ages = run(
        """
        const ages = []; const { store, clock, box, sender } = await tablet(async (records) => {
          ages.push(...records.map((one) => one.age_s)); return answer(records, 'stored'); });
        const { zone, ...then } = clock.moment(); const calendar = then.calendar - 7200000;
        await store.write(['outbox'], ({ outbox }) => outbox.add({ record: record('old'),
          enrolment: 'me', kept: { ...then, calendar, session: 'x' }, turn: calendar }));
        await box.count(); sender.flush(); await until(() => box.totals.unsent === 0); return ages;
        """
    )
    assert len(ages) == 1
    assert 7200 <= ages[0] <= 7260


def test_writes_ask_for_strict_durability(run):
    found = run(
        """
        const asked = []; const real = IDBDatabase.prototype.transaction;
        IDBDatabase.prototype.transaction = function (names, mode, options) {
          if (mode === 'readwrite') asked.push(options?.durability);
          return real.call(this, names, mode, options); };
        const { sent } = await tablet(async (records) => answer(records, 'stored'));
        await sent(record('a')); IDBDatabase.prototype.transaction = real; return asked;
        """
    )
    assert len(found) >= 2
    assert set(found) == {"strict"}


def test_a_record_leaves_the_disk_only_on_a_receipt_for_its_id(run):
    found = run(
        """
        let reply; const { box, put } = await tablet(
          () => new Promise((done) => { reply = done; }));
        let receipt = 'none yet'; const { settled } = await put(record('a'));
        settled.then((found) => { receipt = found; });
        await until(() => reply); await nap(100); const before = [receipt, box.totals.unsent];
        reply(answer([record('a')], 'stored')); await settled; await nap(10);
        return [...before, receipt, box.totals.unsent, box.totals.sent];
        """
    )
    assert found == ["none yet", 1, "stored", 0, 1]


def test_the_same_record_put_twice_is_sent_once(run):
    assert run(
        """
        const seen = []; const { sent, box } = await tablet(async (records) => {
          seen.push(...records.map((r) => r.response_id)); await nap(200);
          return answer(records, 'stored'); });
        const both = await Promise.all([sent(record('a')), sent({...record('a'), comment: 'x'})]);
        return [both, seen, box.totals.sent];
        """
    ) == [["stored", "stored"], ["a"], 1]


def test_what_was_kept_by_a_page_is_sent_by_the_next(run):
    found = run(
        """
        const first = await tablet(async () => silence); await first.put(record('a'));
        const seen = []; const next = await tablet(async (records) => {
          seen.push(...records.map((r) => r.response_id)); return answer(records, 'stored'); });
        const before = next.box.totals.unsent; next.sender.flush();
        await until(() => next.box.totals.unsent === 0); return [before, seen];
        """
    )
    assert found == [1, ["a"]]


FULL = """
const real = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function () {
  const isFull = window.isFull && this.name === 'outbox';
  if (isFull) throw new DOMException('no room', 'QuotaExceededError');
  return real.apply(this, arguments); };
window.isFull = true;
"""


def test_a_full_disk_is_said_and_the_answer_waits_in_memory_for_its_receipt(run):
    found = run(
        FULL
        + """
        let open = false; const { store, box, put } = await tablet(async (records) =>
          open ? answer(records, 'stored') : silence);
        const { durable, settled } = await put(record('a'));
        const before = [durable, store.trouble, box.totals.memory, box.totals.unsent];
        open = true; dispatchEvent(new Event('online'));
        const receipt = await settled; await nap(20);
        return [...before, receipt, box.totals.unsent, box.totals.sent];
        """
    )
    assert found == [False, "full", 1, 1, "stored", 0, 1]


def test_what_had_to_wait_in_memory_goes_to_the_disk_as_soon_as_there_is_room(run):
    found = run(
        FULL
        + """
        const { store, box, put, sender } = await tablet(async () => silence);
        await put(record('a')); window.isFull = false; sender.flush();
        await until(() => box.totals.memory === 0 || (box.count(), false));
        const rows = await store.look('outbox', (outbox) => outbox.count());
        return [rows, store.trouble, box.totals.unsent];
        """
    )
    assert found == [1, None, 1]


def test_without_a_database_nothing_is_pretended(run):
    found = run(
        """
        indexedDB.open = () => { throw new DOMException('private', 'SecurityError'); };
        const { store, box, put } = await tablet(async (records) => answer(records, 'stored'));
        const { durable, settled } = await put(record('a'));
        return [durable, store.trouble, await settled, box.totals.unsent];
        """
    )
    assert found == [False, "missing", "stored", 0]


def test_a_refused_record_without_a_database_is_kept_in_memory_for_staff(run):
    found = run(
        """
        indexedDB.open = () => { throw new DOMException('private', 'SecurityError'); };
        const { box, sent } = await tablet(async (records) => answer(records, 'refused'));
        await sent(record('a')); await nap(20);
        const { quarantined } = await box.all();
        return [box.totals.quarantined, quarantined.map((one) => one.record.response_id)];
        """
    )
    assert found == [1, ["a"]]


def test_a_database_that_the_system_closed_is_opened_again(run):
    """Browsers close it under memory pressure; every later save of other tools then failed."""
    found = run(
        """
        const opened = []; const real = indexedDB.open.bind(indexedDB);
        indexedDB.open = (...given) => { const request = real(...given);
          request.addEventListener('success', () => opened.push(request.result)); return request; };
        const { box, put } = await tablet(async () => silence); await put(record('a'));
        for (const db of opened) db.close();
        const { durable } = await put(record('b'));
        for (const db of opened) db.dispatchEvent(new Event('close'));
        const again = await put(record('c'));
        return [durable, again.durable, box.totals.unsent, box.totals.memory];
        """
    )
    assert found == [True, True, 3, 0]


def test_records_survive_a_database_that_is_deleted_under_the_open_page(run):
    found = run(
        """
        const { store, box, put } = await tablet(async () => silence);
        let isReopened; store.reopened = () => { isReopened = true; };
        await put(record('a')); await put(record('b'));
        await new Promise((done) => {
          indexedDB.deleteDatabase('hailong-kiosk').onsuccess = done; });
        await until(() => isReopened); await box.restore();
        const rows = await store.look('outbox', (outbox) => outbox.getAllKeys());
        return [rows, box.totals.unsent];
        """
    )
    assert found == [["a", "b"], 2]


def test_a_transaction_that_fails_half_way_changes_nothing(run):
    found = run(
        """
        const { store } = await tablet(async () => silence);
        const failed = await store.write(['kept'], async ({ kept }) => {
          await kept.put(1, 'one'); throw new Error('planted'); }).catch((error) => error.message);
        return [failed, (await store.get('one')) ?? null];
        """
    )
    assert found == ["planted", None]


# --- Sent -------------------------------------------------------------------------------------


def test_silence_is_answered_by_trying_again_with_the_same_content(run):
    assert run(
        """
        const bodies = []; const { put, sender } = await tablet(async (records) => {
          bodies.push(records.map(({age_s, ...rest}) => JSON.stringify(rest)).join());
          return bodies.length < 3 ? silence : answer(records, 'repeated'); });
        const { settled } = await put(record('a'));
        for (let n = 1; n < 3; n += 1) {
          await until(() => sender.state.retryAt !== null && bodies.length === n); sender.flush(); }
        return [await settled, bodies.length, new Set(bodies).size];
        """
    ) == ["repeated", 3, 1]


def test_a_record_that_is_always_put_off_keeps_no_other_back(run):
    assert run(
        """
        const { box, put } = await tablet(async (records) => ({...spoken,
          receipts: new Map(records.map(({response_id: id}) =>
            [id, id === 'bad' ? 'later' : 'stored']))}));
        await box.put(record('bad'), 'me');
        const others = await Promise.all(Array.from({length: 120}, (_, n) => put(record(`r${n}`))));
        const receipts = await Promise.all(others.map(({ settled }) => settled)); await nap(50);
        return [new Set(receipts).size, receipts[0], box.totals.unsent];
        """
    ) == [1, "stored", 1]


def test_fifty_records_that_are_put_off_make_way_for_the_fifty_first(run):
    assert (
        run(
            """
        const { box, sender } = await tablet(async (records) => ({...spoken,
          receipts: new Map(records.map(({response_id: id}) =>
            [id, id.startsWith('bad') ? 'later' : 'stored']))}));
        for (let n = 0; n < 50; n += 1) await box.put(record(`bad${n}`), 'me');
        const { settled } = await box.put(record('good'), 'me'); sender.flush();
        for (let n = 0; n < 2; n += 1) { await nap(100); sender.flush(); }
        return await settled;
        """
        )
        == "stored"
    )


@pytest.mark.parametrize("trouble", ["tooLarge", "misread"])
def test_a_request_that_is_too_much_is_divided_until_it_is_not(run, trouble):
    receipts, sizes = run(
        f"""
        const sizes = []; const {{ box, sender }} = await tablet(async (records) => {{
          sizes.push(records.length);
          const much = records.length > 6;
          return much ? {{...spoken, {trouble}: true}} : answer(records, 'stored'); }});
        const all = await Promise.all(Array.from({{length: 40}}, (_, n) =>
          box.put(record(`r${{n}}`), 'me'))); sender.flush();
        return [await Promise.all(all.map(({{ settled }}) => settled)), sizes];
        """
    )
    assert receipts == ["stored"] * 40
    assert sum(size for size in sizes if size <= 6) == 40  # each went in once
    assert len(sizes) < 30


def test_a_box_in_between_that_minds_one_record_does_not_block_the_rest(run):
    """A filter on the way answers every request that holds a certain word by a page of its own."""
    receipts = run(
        """
        const real = window.setTimeout; window.setTimeout = (action, ms) =>
          real(action, Math.min(ms, 5));
        const { box, sender } = await tablet(async (records) =>
          records.some((r) => r.response_id === 'bad') ? {...silence, reached: true}
                                                       : answer(records, 'stored'));
        await box.put(record('bad'), 'me');
        const all = [];
        for (let n = 0; n < 9; n += 1) all.push(await box.put(record(`r${n}`), 'me'));
        sender.flush(); const receipts = await Promise.all(all.map(({ settled }) => settled));
        window.setTimeout = real; return [...receipts, box.totals.unsent >= 1];
        """
    )
    assert receipts == ["stored"] * 9 + [True]


@pytest.mark.parametrize("receipt", ["conflict", "refused"])
def test_what_the_server_will_never_take_is_put_aside_with_the_reason_and_blocks_nothing(
    run, receipt
):
    found = run(
        """
        const { box, put } = await tablet(async (records) => ({...spoken,
          receipts: new Map(records.map(({response_id: id}) =>
            [id, id === 'bad' ? given[0] : 'stored'])),
          problems: new Map([['bad', [{place: 'sector', code: 'unknown'}]]])}));
        const bad = await put(record('bad')); const good = await put(record('good'));
        const receipts = [await bad.settled, await good.settled]; await nap(20);
        const [{ record: kept, receipt, problems }] = (await box.all()).quarantined;
        return [receipts, box.totals.unsent, box.totals.quarantined, kept, receipt, problems];
        """,
        receipt,
    )
    assert found[:3] == [[receipt, "stored"], 0, 1]
    assert found[3] == {"response_id": "bad", "scores": {"overall": 5}}
    assert found[4:] == [receipt, [{"place": "sector", "code": "unknown"}]]


def test_what_was_put_aside_is_tried_again_when_staff_ask_and_leaves_once_it_is_taken(run):
    """Mended on the server, or taken from the exported file meanwhile: it haunts nobody."""
    found = run(
        """
        let answers = { bad: 'refused', worse: 'conflict' };
        const { box, sender, sent } = await tablet(async (records) => ({...spoken,
          receipts: new Map(records.map(({response_id: id}) => [id, answers[id]]))}));
        await sent(record('bad')); await sent(record('worse'));
        const before = box.totals.quarantined;
        answers = { bad: 'repeated', worse: 'conflict' };
        await box.tryAside(); const waiting = box.totals.unsent; sender.flush();
        await until(() => box.totals.unsent === 0); await nap(50);
        const { quarantined } = await box.all();
        return [before, waiting, quarantined.map((one) => one.record.response_id),
                box.totals.sent];
        """
    )
    assert found == [2, 2, ["worse"], 1]


def test_a_record_that_is_too_large_even_alone_is_put_aside_and_not_sent_for_ever(run):
    assert run(
        """
        let tries = 0; const { box, sent } = await tablet(async () => {
          tries += 1; return {...spoken, tooLarge: true}; });
        return [await sent(record('huge')), tries, (await box.count()).quarantined];
        """
    ) == ["too_large", 1, 1]


@pytest.mark.parametrize("receipt", ["stored", "repeated"])
def test_what_arrived_leaves_nothing_behind(run, receipt):
    found = run(
        "const { box, sent } = await tablet(async (records) => answer(records, given[0]));"
        "const receipt = await sent(record('a')); await nap(20); const { all } = box;"
        "return [receipt, await box.all(), box.totals.sent]",
        receipt,
    )
    assert found == [receipt, {"unsent": [], "quarantined": []}, 1]


def test_old_records_go_out_under_the_secret_they_were_answered_under(run):
    """The tablet was paired anew, with another counter: nothing is mixed up."""
    found = run(
        """
        const old = {device: 'old', secret: 'former', counter: 'two'}; const seen = [];
        const { box, sender } = await tablet(async (records, secret) => {
          seen.push(...records.map((r) => [r.response_id, secret]));
          return answer(records, 'stored');
        }, { enrolments: [old, me] });
        await box.put(record('a'), 'old'); await box.put(record('b'), 'me');
        await box.put(record('c'), 'old'); sender.flush();
        await until(() => box.totals.unsent === 0); return seen.sort();
        """
    )
    assert found == [["a", "former"], ["b", "mine"], ["c", "former"]]


def test_a_revoked_enrolment_keeps_its_records_and_holds_up_no_other(run):
    found = run(
        """
        const old = {device: 'old', secret: 'former', counter: 'two'};
        const { box, sender } = await tablet(async (records, secret) =>
          secret === 'former' ? {...spoken, closed: true} : answer(records, 'stored'),
          { enrolments: [old, me] });
        await box.put(record('a'), 'old'); const { settled } = await box.put(record('b'), 'me');
        sender.flush(); const receipt = await settled;
        await until(() => sender.state.retryAt !== null);
        return [receipt, box.totals.unsent, box.totals.quarantined, sender.state.closed];
        """
    )
    assert found == ["stored", 1, 0, False]


def test_two_tabs_of_one_tablet_send_each_record_once(run):
    found = run(
        """
        const seen = []; const send = async (records) => {
          seen.push(...records.map((r) => r.response_id)); await nap(20);
          return answer(records, 'stored'); };
        const first = await tablet(send); const second = await tablet(send);
        for (let n = 0; n < 70; n += 1) await first.box.put(record(`r${n}`), 'me');
        first.sender.flush(); second.sender.flush();
        await until(async () => (await first.box.count()).unsent === 0);
        await nap(50); const { sent } = await second.box.count();
        return [seen.length, new Set(seen).size, sent];
        """
    )
    assert found == [70, 70, 70]


def test_an_answer_carries_its_age_when_it_goes_out_at_last(run):
    ages = run(
        """
        const ages = []; const begun = Date.now();
        const { put } = await tablet(async (records) => {
          ages.push([records[0].age_s, (Date.now() - begun) / 1000]);
          return ages.length < 2 ? silence : answer(records, 'stored'); });
        const { settled } = await put(record('a')); const kept = (Date.now() - begun) / 1000;
        await settled; return ages.map(([age, sent]) => [age, sent - kept, sent]);
        """
    )
    assert len(ages) == 2
    for age, least, most in ages:
        assert round(least) - 1 <= age <= round(most) + 1
    assert ages[1][0] >= 1


def test_a_thousand_records_all_arrive_in_batches_of_fifty(run):
    found = run(
        """
        const sizes = []; const { box, sender } = await tablet(async (records) => {
          sizes.push(records.length); return answer(records, 'stored'); });
        const rows = Array.from({length: 1000}, (_, n) => box.put(record(`r${n}`), 'me'));
        await Promise.all(rows); sender.flush(); await until(() => box.totals.unsent === 0);
        return [sizes.reduce((sum, size) => sum + size, 0), Math.max(...sizes), box.totals.sent];
        """
    )
    assert found == [1000, 50, 1000]


# --- The door ---------------------------------------------------------------------------------

FIELDS = """
const { connected, closed, tooLarge, misread, wait, receipts } =
  await door.send('secret', [record('a'), record('b')]);
return { connected, closed, tooLarge, misread, wait, receipts: Object.fromEntries(receipts) };
"""
NOBODY = {
    "receipts": {},
    "connected": False,
    "closed": False,
    "tooLarge": False,
    "misread": False,
    "wait": 0,
}


def reply_with(run, **reply):
    run.page.route("**/kiosk/responses", lambda route: route.fulfill(**reply))
    return run(FIELDS)


@pytest.mark.parametrize(
    "reply",
    [
        {"status": 200, "body": "<html>Sign in to the office network</html>"},
        {"status": 200, "body": ""},
        {"status": 302, "headers": {"Location": "/elsewhere"}},
        {"status": 502, "body": "Bad gateway"},
    ],
    ids=range(4),
)
def test_what_is_not_our_servers_receipt_is_silence(run, reply):
    assert reply_with(run, **reply) == NOBODY


def test_receipts_count_for_the_records_they_name(run):
    body = (
        '{"results":[{"response_id":"a","receipt":"stored","problems":[]},'
        '{"response_id":"b","receipt":"later","problems":[]}]}'
    )
    found = reply_with(run, status=200, body=body)
    assert found == {**NOBODY, "connected": True, "receipts": {"a": "stored", "b": "later"}}


def test_a_dead_server_is_silence(run):
    run.page.route("**/kiosk/responses", lambda route: route.abort())
    assert run(FIELDS) == NOBODY


def test_a_server_that_never_answers_is_given_up_after_ten_seconds(run):
    run.page.route("**/kiosk/responses", lambda _: None)
    waits = run(
        """
        const real = window.setTimeout; let waited = null;
        window.setTimeout = (action, ms) => { waited = ms; return real(action, 50); };
        const { connected } = await door.send('secret', [record('a')]);
        window.setTimeout = real; return [waited, connected];
        """
    )
    assert waits == [10_000, False]


def test_a_real_server_and_the_real_door_understand_each_other(run, ledger):
    found = run(
        """
        const secret = 's'.repeat(43); const paired = await door.enrol(given[0], secret);
        const id = '3f2b8c1e-7d4a-4b6f-9a51-0c2d8e6f7a90';
        const send = async (one) => {
          const { receipts } = await door.send(secret, [one]);
          return receipts.get(one.response_id); };
        const mine = {response_id: id, questionnaire: 'desk@1', sector: 'land',
                      scores: {overall: 5}, choices: {}, comment: null, age_s: 3};
        return [paired.station.counter_id, typeof paired.time.time, await send(mine),
                await send(mine), await send({...mine, comment: 'x'}),
                await send({...mine, response_id: id.replace('3f', '4f'), scores: {}})];
        """,
        CODES["one"],
    )
    assert found == ["one", "number", "stored", "repeated", "conflict", "refused"]
    assert len(ledger.stored) == 1


def test_a_heartbeat_tells_how_we_are_and_hears_what_is_new(run, office):
    found = run(
        """
        const secret = 's'.repeat(43); const { station } = await door.enrol(given[0], secret);
        const beat = await door.heartbeat(secret, {unsent: 2, quarantined: 1, oldest_s: 60, sent: 9,
          build: 'abc', questionnaire: 'desk@1', storage: 'denied'});
        const again = await door.station(secret);
        return [beat.digest === station.digest, typeof beat.build, beat.closed,
                again.digest === station.digest];
        """,
        CODES["one"],
    )
    assert found == [True, "string", False, True]
    ((told,),) = office.heartbeats.values()
    assert (told.unsent, told.quarantined, told.oldest_s, told.sent) == (2, 1, 60, 9)
    assert told.storage == "denied"
