"""The outbox and the door in the browser: a record is kept until the server has decided."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

SETUP = """
const entry = document.querySelector('script[type=module]').src;
const { Outbox, age } = await import(new URL('outbox.js', entry));
const { send } = await import(new URL('door.js', entry));
const nap = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const silence = {receipts: new Map(), connected: false, closed: false, tooLarge: false,
                 misread: false, wait: 0};
const answer = (records, receipt, more) =>
  ({...silence, connected: true, ...more,
    receipts: new Map(records.map((r) => [r.response_id, receipt]))});
const record = (id) => ({response_id: id, scores: {overall: 5}});
"""


@pytest.fixture
def run(bench, address):
    """Runs steps with the app's own modules and returns what they return."""
    bench.goto(f"{address}/one")

    def run(script: str, *arguments: object):
        return bench.evaluate(f"async (given) => {{ {SETUP} {script} }}", list(arguments))

    run.page = bench
    return run


def test_nothing_settles_before_the_server_has_spoken(run):
    assert run(
        """
        let reply; const box = new Outbox(() => new Promise((resolve) => { reply = resolve; }));
        let receipt = 'none yet'; box.put(record('a')).then((found) => { receipt = found; });
        await nap(300); const before = [receipt, box.state.unsent];
        reply(answer([record('a')], 'stored')); await nap(50);
        return [...before, receipt, box.state.unsent];
        """
    ) == ["none yet", 1, "stored", 0]


def test_the_same_record_put_twice_is_sent_once(run):
    assert run(
        """
        const sent = []; const box = new Outbox(async (records) => {
          sent.push(...records.map((r) => r.response_id)); await nap(50);
          return answer(records, 'stored'); });
        const both = await Promise.all([box.put(record('a')), box.put(record('a'))]);
        return [both, sent];
        """
    ) == [["stored", "stored"], ["a"]]


def test_silence_is_answered_by_trying_again_with_the_same_content(run):
    assert run(
        """
        const bodies = []; const box = new Outbox(async (records) => {
          bodies.push(records.map(({age_s, ...rest}) => JSON.stringify(rest)).join());
          return bodies.length < 3 ? silence : answer(records, 'repeated'); });
        const receipt = box.put(record('a'));
        for (let n = 0; n < 2; n += 1) { await nap(20); box.flush(); }
        return [await receipt, bodies.length, new Set(bodies).size];
        """
    ) == ["repeated", 3, 1]


def test_waits_grow_and_are_never_in_step(run):
    waits = run(
        """
        const waits = []; let last = null;
        const real = window.setTimeout;
        window.setTimeout = (action, ms) => { waits.push(ms); return real(action, 0); };
        const box = new Outbox(async (records) =>
          waits.length < 9 ? silence : answer(records, 'stored'));
        await box.put(record('a')); window.setTimeout = real; return waits;
        """
    )
    bounds = [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000, 30000]
    assert all(0.75 * b <= wait <= 1.25 * b for wait, b in zip(waits, bounds, strict=True))
    assert len(set(waits)) == len(waits)


def test_a_pause_that_the_server_asks_for_is_kept_whatever_happens(run):
    assert run(
        """
        let tries = 0; const box = new Outbox(async (records) =>
          ++tries === 1 ? {...silence, connected: true, wait: 900} : answer(records, 'stored'));
        const receipt = box.put(record('a')); await nap(100);
        box.flush(); dispatchEvent(new Event('online')); await nap(200); const early = tries;
        return [await receipt, early, tries];
        """
    ) == ["stored", 1, 2]


def test_a_record_that_is_always_put_off_keeps_no_other_back(run):
    assert run(
        """
        const box = new Outbox(async (records) => { await nap(5); return {...silence,
          connected: true, receipts: new Map(records.map(({response_id: id}) =>
            [id, id === 'bad' ? 'later' : 'stored']))}; });
        box.put(record('bad'));
        const others = Array.from({length: 120}, (_, n) => box.put(record(`r${n}`)));
        const receipts = await Promise.all(others);
        return [new Set(receipts).size, receipts[0], box.state.unsent];
        """
    ) == [1, "stored", 1]


def test_fifty_records_that_are_put_off_make_way_for_the_fifty_first(run):
    assert (
        run(
            """
        const box = new Outbox(async (records) => { await nap(1); return {...silence,
          connected: true, receipts: new Map(records.map(({response_id: id}) =>
            [id, id.startsWith('bad') ? 'later' : 'stored']))}; });
        for (let n = 0; n < 50; n += 1) box.put(record(`bad${n}`));
        const good = box.put(record('good'));
        for (let n = 0; n < 2; n += 1) { await nap(50); box.flush(); }
        return await good;
        """
        )
        == "stored"
    )


@pytest.mark.parametrize("trouble", ["tooLarge", "misread"])
def test_a_request_that_is_too_much_is_divided_until_it_is_not(run, trouble):
    receipts, sizes = run(
        f"""
        const sizes = []; const box = new Outbox(async (records) => {{
          sizes.push(records.length); await nap(1);
          return records.length > 6 ? {{...silence, connected: true, {trouble}: true}}
                                    : answer(records, 'stored'); }});
        const all = Array.from({{length: 40}}, (_, n) => box.put(record(`r${{n}}`)));
        return [await Promise.all(all), sizes];
        """
    )
    assert receipts == ["stored"] * 40
    assert sum(size for size in sizes if size <= 6) == 40  # each went in once
    assert len(sizes) < 20


def test_a_single_record_that_is_too_large_is_refused_and_not_sent_for_ever(run):
    assert run(
        """
        let tries = 0; const box = new Outbox(async () => {
          tries += 1; return {...silence, connected: true, tooLarge: true}; });
        return [await box.put(record('huge')), tries, box.state.unsent];
        """
    ) == ["refused", 1, 0]


@pytest.mark.parametrize("receipt", ["stored", "repeated", "conflict", "refused"])
def test_every_decision_of_the_server_ends_the_record(run, receipt):
    found = run(
        "const box = new Outbox(async (records) => answer(records, given[0]));"
        "return [await box.put(record('a')), box.state.unsent]",
        receipt,
    )
    assert found == [receipt, 0]


MINUTE, DAY = 60_000, 86_400_000


@pytest.mark.parametrize(
    ("steady", "calendar", "seconds"),
    [
        (5_000, 5_000, 5),
        (5_000, 3 * DAY, 3 * 86_400),  # the tablet slept over the weekend
        (5_000, 40 * DAY, 5),  # the calendar was put right meanwhile
        (5_000, 5_000 - 40 * DAY, 5),  # and the other way
        (90 * MINUTE, 90 * MINUTE + 400, 5_400),
    ],
)
def test_the_age_of_an_answer_is_right_after_a_sleep_and_after_a_corrected_clock(
    run, steady, calendar, seconds
):
    found = run(
        "return age({steady: 1000, calendar: 1e12},"
        " {steady: 1000 + given[0], calendar: 1e12 + given[1]})",
        steady,
        calendar,
    )
    assert found == seconds


def test_an_answer_carries_its_age_when_it_goes_out_at_last(run):
    ages = run(
        """
        const ages = []; const box = new Outbox(async (records) => {
          ages.push(records[0].age_s); await nap(1);
          return ages.length < 2 ? silence : answer(records, 'stored'); });
        const receipt = box.put(record('a')); await nap(2100); box.flush(); await receipt;
        return ages;
        """
    )
    assert ages[0] == 0
    assert ages[-1] in {1, 2, 3}


FIELDS = """
const {receipts, ...rest} = await send(given[0], 'one', [record('a'), record('b')]);
return {...rest, receipts: Object.fromEntries(receipts)};
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
    run.page.route("**/door", lambda route: route.fulfill(**reply))
    return run(FIELDS, "/door")


@pytest.mark.parametrize(
    "reply",
    [
        {"status": 200, "body": "<html>Sign in to the office network</html>"},
        {"status": 200, "body": '{"results":[{"response_id":"a","receipt":"sto'},
        {"status": 200, "body": '{"results":[{"response_id":"x","receipt":"stored"}]}'},
        {"status": 200, "body": '{"results":[{"response_id":"a","receipt":"ok"},null,7]}'},
        {"status": 200, "body": '{"results":"stored"}'},
        {"status": 200, "body": "null"},
        {"status": 200, "body": ""},
        {"status": 302, "headers": {"Location": "/elsewhere"}},
        {"status": 502, "body": "Bad gateway"},
        {"status": 404, "body": "not this server"},
    ],
    ids=range(10),
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


@pytest.mark.parametrize(
    ("status", "news"),
    [
        (404, {"closed": True}),
        (410, {"closed": True}),
        (400, {"misread": True}),
        (413, {"tooLarge": True}),
    ],
)
def test_refusals_of_the_whole_request_are_told_apart(run, status, news):
    found = reply_with(run, status=status, body='{"error":"why"}')
    assert found == {**NOBODY, "connected": True, **news}


@pytest.mark.parametrize(
    ("header", "wait"), [("7", 7000), ("0", 0), ("soon", 0), ("999999", 3.6e6)]
)
def test_the_pause_that_a_server_asks_for_is_read(run, header, wait):
    found = reply_with(run, status=429, body="busy", headers={"Retry-After": header})
    assert found["wait"] == wait


def test_a_dead_server_is_silence(run):
    run.page.route("**/door", lambda route: route.abort())
    assert run(FIELDS, "/door") == NOBODY


def test_a_server_that_never_answers_is_given_up_after_ten_seconds(run):
    run.page.route("**/door", lambda _: None)
    waits = run(
        """
        const real = window.setTimeout; let waited = null;
        window.setTimeout = (action, ms) => { waited = ms; return real(action, 50); };
        const {receipts, ...rest} = await send(given[0], 'one', [record('a')]);
        window.setTimeout = real; return [waited, rest.connected];
        """,
        "/door",
    )
    assert waits == [10_000, False]


def test_a_real_server_and_the_real_door_understand_each_other(run, ledger):
    found = run(
        """
        const id = '3f2b8c1e-7d4a-4b6f-9a51-0c2d8e6f7a90';
        const box = new Outbox((records) => send('/kiosk/responses', 'one', records));
        const mine = {response_id: id, questionnaire: 'desk@1', sector: 'land',
                      scores: {overall: 5}, choices: {}, comment: null};
        return [await box.put(mine), await box.put(mine), await box.put({...mine, comment: 'x'}),
                await box.put({...mine, response_id: id.replace('3f', '4f'), scores: {}})];
        """
    )
    assert found == ["stored", "repeated", "conflict", "refused"]
    assert len(ledger.stored) == 1
