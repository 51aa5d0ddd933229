"""Days in a real browser. The age of an answer is reckoned in tests/js/clock.test.mjs."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser

EVENING = "1.79e12 + 3 * 3600e3"  # 21 September 2026, 17:13:20 UTC: the 22nd in Vietnam


@pytest.mark.parametrize(
    ("zone", "day"),
    [("Asia/Ho_Chi_Minh", "2026-09-22"), ("UTC", "2026-09-21"), ("no/where", "2026-09-21")],
)
def test_answers_are_dated_in_the_days_of_the_office_wherever_the_tablet_thinks_it_is(
    bench, address, zone, day
):
    bench.goto(f"{address}/")
    found = bench.evaluate(
        f"""async (zone) => {{
          const entry = document.querySelector('script[type=module]').src;
          const {{ Clock }} = await import(new URL('clock.js', entry));
          Date.now = () => {EVENING};
          const clock = new Clock(); clock.zone = zone; return clock.day().day;
        }}""",
        zone,
    )
    assert found == day
