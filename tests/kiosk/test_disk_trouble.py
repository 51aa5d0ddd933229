"""A disk that fails in the middle: the tablet neither runs wild, nor stops sending, nor forgets."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

APP = """
const entry = document.querySelector('script[type=module]').src;
const app = (name) => import(new URL(name, entry));
const nap = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
"""
HEARTBEAT, DOOR = "**/kiosk/heartbeat", "**/kiosk/responses"


@pytest.fixture
def run(bench, address):
    """Runs steps with the app's own modules and returns what they return."""
    bench.goto(f"{address}/")
    return lambda script: bench.evaluate(f"async () => {{ {APP} {script} }}")


def test_a_damaged_database_is_looked_at_a_few_times_and_then_left_alone(run):
    """Each look at what is left must not call for two more."""
    looks, calls = run(
        """
        const { Store } = await app('outbox.js');
        let looks = 0, calls = 0;
        const store = new Store();
        store.reopened = () => { looks += 1; return store.get('x'); };
        IDBDatabase.prototype.transaction = () => {
          calls += 1;
          throw new DOMException('Internal error', 'UnknownError');
        };
        await store.get('x');
        await nap(1000);
        return [looks, calls];
        """
    )
    assert looks == 1
    assert calls <= 10


def test_a_database_that_was_closed_twice_is_looked_at_each_time(run):
    looks = run(
        """
        const { Store } = await app('outbox.js');
        const open = IDBFactory.prototype.open, connections = [];
        IDBFactory.prototype.open = function (...given) {
          const request = open.apply(this, given);
          request.addEventListener('success', () => connections.push(request.result));
          return request;
        };
        let looks = 0;
        const store = new Store();
        store.reopened = async () => { looks += 1; };
        for (const time of [1, 2]) {
          await store.set('x', time);
          connections.pop().close();
          await store.get('x');
          await nap(50);
        }
        return looks;
        """
    )
    assert looks == 2


def test_a_round_that_breaks_off_is_tried_again(run):
    sent = run(
        """
        const { Sender } = await app('sender.js');
        const lock = navigator.locks.request;
        let refusals = 1, asked = 0;
        navigator.locks.request = (...given) => refusals-- > 0
          ? Promise.reject(new DOMException('not now', 'AbortError'))
          : lock.apply(navigator.locks, given);
        const outbox = { batch: async () => { asked += 1; return []; } };
        const enrolments = () => [{ device: 'me', secret: 'mine' }];
        const sender = new Sender({ outbox, enrolments });
        sender.flush();
        for (let left = 300; left > 0 && asked === 0; left -= 1) await nap(20);
        return asked;
        """
    )
    assert sent == 1


def test_a_pairing_that_is_being_written_down_is_not_taken_for_another_tabs(run):
    found = run(
        """
        const { Enrolment } = await app('enrolment.js');
        let kept = [{ device: 'former', secret: 'x', code: 'a' }];
        let writeDown;
        const slow = {
          get: async (name) => (name === 'enrolments' ? kept : undefined),
          set: (name, value) => name === 'pending' ? Promise.resolve(true)
            : new Promise((done) => { writeDown = () => { kept = value; done(true); }; }),
        };
        const enrolment = new Enrolment(slow);
        await enrolment.open();
        const pairing = enrolment.pair('b', async () =>
          ({ error: null, device: 'present', station: { counter_id: 'one' } }));
        for (let left = 300; left > 0 && !writeDown; left -= 1) await nap(20);
        const during = await enrolment.isOutdated();
        writeDown();
        await pairing;
        const after = await enrolment.isOutdated();
        kept = [...kept, { device: 'of another tab', secret: 'z', code: 'c' }];
        return [during, after, await enrolment.isOutdated()];
        """
    )
    assert found == [False, False, True]


def test_a_page_that_alone_holds_answers_is_not_opened_anew(tablet):
    """The disk is full and the server away; meanwhile another tab is paired anew."""
    tablet.open("one")
    for path in (DOOR, HEARTBEAT):
        tablet.page.route(path, lambda route: route.abort())
    tablet.page.evaluate(
        """() => {
          const real = IDBObjectStore.prototype.put;
          IDBObjectStore.prototype.put = function (...given) {
            if (this.name === 'outbox') throw new DOMException('full', 'QuotaExceededError');
            return real.apply(this, given);
          };
        }"""
    )
    tablet.answer()
    tablet.pass_time(9)
    tablet.tap("Về màn hình đầu")
    tablet.page.evaluate(
        """async () => {
          const entry = document.querySelector('script[type=module]').src;
          const { Store } = await import(new URL('outbox.js', entry));
          const store = new Store();
          const [one] = await store.get('enrolments');
          await store.set('enrolments', [one, { ...one, device: 'another1' }]);
          self.isThisPage = true;
          dispatchEvent(new Event('online'));
        }"""
    )
    tablet.pass_time(60)
    tablet.page.wait_for_timeout(500)
    assert tablet.page.evaluate("self.isThisPage")
    assert tablet.page.get_by_text("Chờ gửi: 1").is_visible()
