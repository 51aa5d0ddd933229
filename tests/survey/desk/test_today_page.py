"""The page of the day: what needs doing, each with its button, and where this month stands."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from questionnaires import Text
from survey.config import Config
from survey.dossiers import PopulationCount
from survey.figures.asking import Asking, NotComputed
from survey.figures.shelf import FigureKind, Wanted
from survey.intake import Response
from survey.places import Office, shipped_places
from survey.slips import token_hash
from survey.store.comments import handle_comment, list_comments, mark_read
from survey.store.places import save_places
from survey.store.population import CountSource, save_counts
from survey.store.responses import add_many
from survey.store.slips import mark_used
from survey.store.staff_actions import By, note
from survey.store.upkeep import note_done
from tests.chromium import NewContext
from tests.clock import stand_at
from tests.survey.conftest import Beside
from tests.survey.desk.communes import FOREIGN, OWN, save_communes
from tests.survey.desk.pages import PASSWORD, SignIn, token
from tests.survey.desk.paired import pair_tablet
from tests.survey.desk.seen import checked, sign_in
from tests.survey.slips import issue
from tests.waiting import wait_until

NOW = datetime(2026, 11, 20, 9, 30, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
TODAY = NOW.date()
LOG = CountSource(date(2026, 11, 1), "tháng.csv", "0" * 64)

pytestmark = pytest.mark.sqlite_is_enough


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_at(monkeypatch, NOW)


class OnDemand(Asking):
    """Figures that are there, fail or are on their way, as a test says; computes none itself."""

    failing, computing = False, False

    def start(self) -> None:
        """Start no process."""

    def glance(self, wanted: Wanted, kind: FigureKind) -> bytes | None:
        if self.failing:
            raise NotComputed("đĩa đã đầy")
        return None if self.computing else b'{"flagged": 0, "progress": null}'


@pytest.fixture
def figures(request: pytest.FixtureRequest, config: Config) -> Iterator[Asking]:
    """None are computed but for a test that is about figures."""
    real = request.node.get_closest_marker("slow") is not None
    figures = Beside(config, patience=120) if real else OnDemand(config, patience=0)
    yield figures
    figures.close()


@pytest.fixture
def officer(signed_in: SignIn) -> FlaskClient:
    return signed_in("officer", None)


def answers(
    engine: Engine, day: date, scores: str, sector: str = "land", office: str = OWN
) -> None:
    sheet = ("desk@1", office, sector, "poster", day)
    add_many(engine, [Response(str(uuid.uuid4()), *sheet, f"{score}-----") for score in scores])


def dossiers(engine: Engine, *offices: str) -> None:
    counts = [PopulationCount("2026-10", office, "land", 50) for office in offices]
    save_counts(engine, counts, log=LOG)


def tasks(page: TestResponse) -> list[str]:
    """The sentences of the tasks, in their order."""
    listed = page.text.partition('<ol class="tasks">')[2].partition("</ol>")[0]
    found = re.findall(r"<li>\s*<p>\s*(.*?)\s*(?:<small|</p>)", listed, re.DOTALL)
    return [re.sub(r"\s+", " ", text) for text in found]


LAST_MONTH = date(2026, 10, 12)
THIS_MONTH = date(2026, 11, 3)


def test_an_office_that_has_just_begun_is_told_what_makes_answers_come(
    officer: FlaskClient,
) -> None:
    page = officer.get("/today")
    assert page.status_code == 200
    assert "Hôm nay, 20/11/2026" in page.text
    assert "Tháng này chưa có phiếu nào" in page.text
    assert "nhờ công chức mời người dân trả lời" in page.text
    assert "Báo cáo tháng" not in page.text


def test_nothing_to_do_is_said_plainly(
    officer: FlaskClient, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("survey.web.desk.today._unverified", lambda *_: {})
    page = officer.get("/today").text
    assert "Không có việc gì cần làm." in page
    answers(engine, LAST_MONTH, "5")
    assert "Không có việc gì cần làm." not in officer.get("/today").text
    dossiers(engine, OWN)
    assert "Không có việc gì cần làm." in officer.get("/today").text


def test_dossiers_that_are_missing_are_asked_for_and_no_more_once_they_are_there(
    officer: FlaskClient, engine: Engine
) -> None:
    answers(engine, LAST_MONTH, "55")
    page = officer.get("/today")
    assert tasks(page)[0].startswith("Chưa nhập hồ sơ tháng 10/2026 của UBND xã Triệu Sơn")
    assert re.search(r'class="button" href="/dossiers\?lang=vi">Nhập hồ sơ<', page.text)
    dossiers(engine, OWN)
    assert "Chưa nhập hồ sơ" not in officer.get("/today").text


def test_of_many_offices_without_dossiers_some_are_named_and_the_rest_counted(
    officer: FlaskClient, engine: Engine
) -> None:
    shipped = shipped_places()
    more = [Office(id=f"xa-{n}", name=Text(vi=f"Xã {n}", en=f"Commune {n}")) for n in range(8)]
    save_places(engine, shipped.model_copy(update={"office": (*shipped.office, *more)}), TODAY)
    for office in more:
        answers(engine, LAST_MONTH, "5", office=office.id)
    (first, *_) = tasks(officer.get("/today"))
    assert "của Xã 0, Xã 1, Xã 2, Xã 3, Xã 4 và 3 cơ quan nữa:" in first


def test_the_report_of_last_month_is_offered_with_its_print_page(
    officer: FlaskClient, engine: Engine
) -> None:
    answers(engine, LAST_MONTH, "5")
    page = officer.get("/today").text
    assert "Báo cáo tháng 10/2026 đã có thể in." in page
    assert 'href="/results/2026-10/all/print?lang=vi"' in page


def test_tablets_that_need_somebody_come_first_in_the_words_of_their_page(
    officer: FlaskClient, engine: Engine
) -> None:
    answers(engine, LAST_MONTH, "5")
    silent = pair_tablet(engine, NOW, ago=timedelta(days=3)).device.id
    old = pair_tablet(engine, NOW, build="0123456789ab").device.id
    page = officer.get("/today")
    found = tasks(page)
    assert f"Máy {silent} (Quầy 1" in found[0]
    assert "không liên lạc từ 09:30 17/11" in found[0]
    assert f"Máy {old} (Quầy 1" in found[-1]
    assert page.text.count(">Xem máy tính bảng<") == 2


def test_slips_are_told_of_where_something_needs_doing_and_are_silent_else(
    officer: FlaskClient, signed_in: SignIn, engine: Engine
) -> None:
    save_communes(engine)
    for month in (7, 8, 9):
        issue(engine, 40, on=date(2026, month, 1))
    issue(engine, 16, on=date(2026, 10, 26))  # good until the 25th of November
    page = officer.get("/today")
    told = [text for text in tasks(page) if "phiếu mời" in text]
    assert told == [
        "Số phiếu mời phát trong tháng 10/2026 ở UBND xã Triệu Sơn chưa bằng một nửa mức bình quân "
        "của ba tháng trước. Phát ít phiếu mời đi thì kết quả dễ chỉ là ý kiến của người hài lòng: "
        "hãy nhắc các quầy phát đều cho mọi hồ sơ.",
        "16 phiếu mời chưa dùng sẽ hết hạn trong bảy ngày tới, sớm nhất là ngày 25/11/2026. "
        "Hãy phát nốt cho người dân hoặc in đợt mới.",
    ]
    link = re.search(
        r'href="(/slips\?[^"#]*month=2026-10[^"#]*)#counts">Xem số phiếu mời', page.text
    )
    assert link is not None
    assert officer.get(link[1].replace("&amp;", "&")).status_code == 200
    assert "phiếu mời" not in signed_in("officer", FOREIGN).get("/today").text
    issue(engine, 24, on=date(2026, 10, 26), good_for=timedelta(days=60))
    mark_used(
        engine, [token_hash(one) for one in issue(engine, 51, on=date(2026, 10, 1))], "2026-10"
    )
    answers(engine, LAST_MONTH, "5")
    dossiers(engine, OWN)  # 50 of them
    told = [text for text in tasks(officer.get("/today")) if "phiếu mời" in text]
    assert [text.split(" ở ")[0].split(",")[0] for text in told] == [
        "Trong tháng 10/2026",
        "16 phiếu mời chưa dùng sẽ hết hạn trong bảy ngày tới",
    ]


def test_comments_that_nobody_has_read_and_those_to_be_done_lead_to_them(
    officer: FlaskClient, engine: Engine
) -> None:
    sheet = ("desk@1", OWN, "land", "poster", THIS_MONTH, "2-----")
    texts = ("Chờ lâu", "Thiếu ghế", "Mất hồ sơ")
    add_many(engine, [Response(str(uuid.uuid4()), *sheet, comment=text) for text in texts])
    page = officer.get("/today").text
    assert "Có 3 góp ý của người dân chưa đọc." in page
    assert 'href="/comments?lang=vi&amp;state=new">Đọc góp ý' in page
    first, second, _ = list_comments(engine)
    mark_read(engine, [first])
    handle_comment(engine, second, "todo", "", By("lan", NOW))
    page = officer.get("/today").text
    assert "Có 1 góp ý của người dân chưa đọc." in page
    assert "Có 1 góp ý cần làm mà chưa làm xong." in page
    assert 'href="/comments?lang=vi&amp;state=todo">' in page
    for state in ("new", "todo"):
        assert officer.get(f"/comments?lang=vi&state={state}").status_code == 200


def test_an_old_backup_is_told_to_who_can_make_one(signed_in: SignIn, engine: Engine) -> None:
    everywhere, commune = signed_in("administrator", None), signed_in("administrator", OWN)
    assert "sao lưu" not in everywhere.get("/today").text  # there is nothing to lose yet
    answers(engine, THIS_MONTH, "5")
    assert "Chưa có bản sao lưu nào ở ngoài máy chủ" in everywhere.get("/today").text
    note_done(engine, "backup", TODAY - timedelta(days=9))
    page = everywhere.get("/today").text
    assert "Bản sao lưu gần nhất ở ngoài máy chủ đã từ ngày 11/11/2026" in page
    assert 'href="/server' in page
    note_done(engine, "backup", TODAY)
    for client in (everywhere, commune, signed_in("officer", None)):
        assert "sao lưu" not in client.get("/today").text


def test_settings_that_do_not_fit_are_told_to_who_runs_the_installation(
    signed_in: SignIn,
) -> None:
    name = "vẫn mang tên có sẵn"
    page = signed_in("administrator", None).get("/today").text
    assert name in page
    assert re.search('href="/places[^>]*>Sửa ngay', page)
    assert "places.toml" not in page
    for client in (signed_in("administrator", OWN), signed_in("officer", None)):
        assert name not in client.get("/today").text


def test_wordings_to_check_are_those_of_the_account_s_own_counters(
    signed_in: SignIn, engine: Engine
) -> None:
    save_communes(engine)
    assert "câu chữ cần đối chiếu" in signed_in("officer", OWN).get("/today").text
    assert "câu chữ cần đối chiếu" not in signed_in("officer", FOREIGN).get("/today").text


def test_a_questionnaire_that_another_administrator_published_is_told_for_two_weeks(
    signed_in: SignIn, engine: Engine
) -> None:
    told = "Bộ câu hỏi mới được công bố"
    mine, other = signed_in("administrator", None), "hoa"
    about = {"questionnaire": "rieng@1", "title": "Phiếu riêng"}
    with engine.begin() as connection:
        for name, days in (("administrator-all", 1), (other, 15)):
            by = By(name, NOW - timedelta(days=days))
            note(connection, by, "questionnaire_published", **about)
    assert told not in mine.get("/today").text
    with engine.begin() as connection:
        note(connection, By(other, NOW), "questionnaire_published", **about)
    page = mine.get("/today").text
    assert told in page
    assert "Phiếu riêng (rieng@1)" in page
    assert told not in signed_in("administrator", OWN).get("/today").text


def test_stored_answers_that_are_not_as_they_were_sealed_come_first(
    signed_in: SignIn, engine: Engine
) -> None:
    note_done(engine, "altered", TODAY)
    page = signed_in("administrator", None).get("/today").text
    assert "không còn như lúc niêm phong" in page.partition('<ol class="tasks">')[2][:400]
    assert "niêm phong" not in signed_in("officer", None).get("/today").text


def test_nothing_of_another_office_is_told(signed_in: SignIn, engine: Engine) -> None:
    save_communes(engine)
    answers(engine, LAST_MONTH, "5")
    answers(engine, THIS_MONTH, "555")
    pair_tablet(engine, NOW, ago=timedelta(days=3))
    page = signed_in("officer", FOREIGN).get("/today").text
    assert "Không có việc gì cần làm." in page
    assert "Tháng này chưa có phiếu nào" in page
    assert "Triệu Sơn" not in page
    assert "Báo cáo tháng" not in page
    assert "Số phiếu của kỳ này đến lúc này: 3." in signed_in("officer", OWN).get("/today").text


def test_a_failure_is_never_nothing_to_do(
    officer: FlaskClient,
    engine: Engine,
    figures: OnDemand,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("survey.web.desk.today._unverified", lambda *_: {})
    answers(engine, LAST_MONTH, "5")
    answers(engine, THIS_MONTH, "5")
    dossiers(engine, OWN)
    assert "Không có việc gì cần làm." in officer.get("/today").text
    figures.failing = True
    page = officer.get("/today")
    assert page.status_code == 200
    assert "Không có việc gì cần làm." not in page.text
    for month in ("10/2026", "11/2026"):
        assert f"Chưa xem được tháng {month} có phiếu nào đáng xem lại không" in page.text
    assert page.text.count("đĩa đã đầy") == 3
    assert "Không tính được kết quả" in page.text


def test_while_figures_are_computed_the_tasks_are_there_and_the_page_comes_again(
    officer: FlaskClient, engine: Engine, figures: OnDemand
) -> None:
    answers(engine, LAST_MONTH, "5")
    answers(engine, THIS_MONTH, "5")
    figures.computing = True
    page = officer.get("/today")
    assert page.status_code == 202
    assert page.headers["Refresh"]
    assert "Không có việc gì cần làm." not in page.text
    assert "Số liệu của tháng 10/2026 đang được tính" in page.text
    assert tasks(page)[0].startswith("Chưa nhập hồ sơ")


def test_who_has_the_page_comes_to_it_after_signing_in(signed_in: SignIn, app: Flask) -> None:
    homes = {}
    for role in ("administrator", "officer", "analyst", "viewer"):
        signed_in(role, None)  # makes the account
        client = app.test_client()
        given = {"name": f"{role}-all", "password": PASSWORD}
        reply = client.post("/sign-in", data={"csrf_token": token(client.get("/sign-in")), **given})
        homes[role] = reply.headers["Location"]
    assert homes == {
        "administrator": "/today", "officer": "/today", "analyst": "/results", "viewer": "/results",
    }  # fmt: skip


def ready(client: FlaskClient, query: str = "") -> TestResponse:
    """The page once its figures are there."""
    found: list[TestResponse] = []

    def there() -> bool:
        found.append(client.get(f"/today{query}"))
        return found[-1].status_code == 200

    wait_until(there, "the figures")
    return found[-1]


def cells(page: TestResponse, sector: str) -> list[str]:
    """The cells of a row of this month."""
    row = page.text.split(f">{sector}</th>")[1].partition("</tr>")[0]
    return [cell.strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]


@pytest.mark.slow
def test_this_month_tells_answers_dossiers_limits_and_what_is_still_needed(
    officer: FlaskClient, engine: Engine
) -> None:
    answers(engine, THIS_MONTH, "5" * 30 + "2" * 6)
    answers(engine, THIS_MONTH, "555", "construction")
    page = ready(officer)
    came, completed, limits, by_2025, by_2030 = cells(page, "Đất đai")
    assert (came, completed) == ("36", "chưa có")
    assert re.fullmatch(r"\d\d,\d% – \d\d,\d%", limits)
    assert by_2025.startswith("85%: Chưa đủ căn cứ.")
    assert by_2030.startswith("90%: Chưa đủ căn cứ.")
    assert re.search(r"thêm khoảng [\d.]+ phiếu là đủ căn cứ kết luận Chưa đạt", by_2030)
    assert cells(page, "Xây dựng")[:3] == ["3", "chưa có", "–"]
    assert "còn ít phiếu, chưa nói được" in page.text
    assert "Kỳ chưa kết thúc nên chưa kết luận." in page.text
    assert "Số phiếu của kỳ này đến lúc này: 39." in page.text
    # the limits are those of the section on looking every day
    wait_until(lambda: officer.get("/results/2026-11").status_code == 200, "the results")
    assert officer.get("/results/2026-11").text.count(limits) >= 1


@pytest.mark.slow
def test_what_is_worth_a_second_look_leads_to_it(officer: FlaskClient, engine: Engine) -> None:
    for day in range(1, 9):
        answers(engine, date(2026, 10, day), "5434")
    answers(engine, date(2026, 10, 20), "5" * 140)  # a day that no counter can serve
    page = ready(officer)
    (told,) = [text for text in tasks(page) if "đáng xem lại" in text]
    assert told.startswith("Phiếu của tháng 10/2026 có ")
    assert 'href="/results/2026-10?lang=vi#screening"' in page.text
    results = officer.get("/results/2026-10").text
    assert '<section id="screening">' in results


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_state_fits_and_axe_finds_nothing(
    new_context: NewContext,
    address: str,
    signed_in: SignIn,
    engine: Engine,
    lang: str,
) -> None:
    client = signed_in("administrator", None)
    page = new_context().new_page()
    sign_in(page, address, "administrator-all", PASSWORD)
    page.goto(f"{address}/today?lang={lang}")
    checked(page)  # nothing has come yet
    for day in range(1, 9):
        answers(engine, date(2026, 10, day), "5434")
    answers(engine, date(2026, 10, 20), "5" * 140)
    answers(engine, THIS_MONTH, "5" * 30 + "2" * 6)
    answers(engine, THIS_MONTH, "555", "construction")
    pair_tablet(engine, NOW, ago=timedelta(days=3))
    pair_tablet(engine, NOW, storage="full", quarantined=3, clock_offset_s=400_000)
    ready(client, f"?lang={lang}")
    page.goto(f"{address}/today?lang={lang}")
    page.locator("table").wait_for()
    checked(page)
    assert len(page.content().encode()) < 60_000


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_failure_and_a_wait_fit_and_axe_finds_nothing(
    new_context: NewContext,
    address: str,
    officer: FlaskClient,
    engine: Engine,
    figures: OnDemand,
    lang: str,
) -> None:
    answers(engine, LAST_MONTH, "5")
    answers(engine, THIS_MONTH, "5")
    page = new_context().new_page()
    sign_in(page, address, "officer-all", PASSWORD)
    figures.failing = True
    page.goto(f"{address}/today?lang={lang}")
    checked(page)


def test_answers_that_go_within_a_month_are_told_to_who_keeps_the_server(
    signed_in: SignIn, engine: Engine, config: Config, app: Flask
) -> None:
    answers(engine, date(2023, 3, 5), "555")
    administrator = signed_in("administrator", None)
    object.__setattr__(config, "answer_years", 2)
    told = "Phiếu"
    late = "3 phiếu của năm 2023 hết hạn lưu từ ngày 01/01/2026 mà chưa xóa được"
    assert any(one.startswith(late) for one in tasks(administrator.get("/today"))), told
