"""Every staff route × every role × own and foreign office: who may open what.

A route must name the action that it needs, or be listed here as public on purpose.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from survey.access import ALLOWED, EVERYTHING, ROLES, Action, Grant, Role, covers, may, offices_of
from survey.config import Config
from survey.figures.asking import Asking
from survey.intake import Response
from survey.places import shipped_places
from survey.store.comments import list_comments
from survey.store.places import save_places
from survey.store.responses import add_many
from survey.store.staff import add_staff, find_staff
from survey.web.desk.accounts import ACTS
from survey.web.desk.guard import ACTION
from tests.survey.desk.communes import BELOW, FOREIGN, OWN, TODAY, save_communes
from tests.survey.web.test_routes import BY_SECRET, PUBLIC

PASSWORD = "bốn từ không dính nhau"

pytestmark = pytest.mark.sqlite_is_enough

# What each action opens, said once more: a role that may do more is a decision, not a slip.
EXPECTED: dict[Action, set[Role]] = {
    "see_results": {"administrator", "officer", "analyst", "viewer"},
    "see_unpublished": {"administrator", "officer", "analyst"},
    "see_tablets": {"administrator", "officer"},
    "keep_tablets": {"administrator", "officer"},
    "see_today": {"administrator", "officer"},
    "read_comments": {"administrator", "officer"},
    "import_dossiers": {"administrator", "officer"},
    "enter_indicators": {"administrator", "officer"},
    "print_posters": {"administrator", "officer"},
    "enter_paper": {"administrator", "officer"},
    "keep_rechecks": {"administrator", "officer"},
    "issue_slips": {"administrator", "officer"},
    "make_files": {"administrator", "officer", "analyst"},
    "keep_public_page": {"administrator", "officer"},
    "bring_in_answers": {"administrator"},
    "change_places": {"administrator"},
    "change_targets": {"administrator"},
    "design_questionnaires": {"administrator"},
    "delete_comments": {"administrator"},
    "manage_accounts": {"administrator"},
    "keep_server": {"administrator"},
    "read_log": {"administrator"},
    "keep_own_account": {"administrator", "officer", "analyst", "viewer"},
}


class NothingComputed(Asking):
    """Figures that are never there: who may ask for them is all that is tried here."""

    def start(self) -> None:
        """Start no process."""


@pytest.fixture
def figures(config: Config) -> Asking:
    return NothingComputed(config, patience=0)


@pytest.fixture
def offices(engine: Engine) -> Engine:
    """A commune with an office below it, and another commune; a comment and an account in each."""
    save_communes(engine)
    for office in (OWN, BELOW, FOREIGN):
        sheet = ("desk@1", office, "land", "poster", date(2026, 9, 5), "2-----")
        add_many(engine, [Response(str(uuid.uuid4()), *sheet, comment=f"góp ý ở {office}")])
        add_staff(engine, f"of-{office}", PASSWORD, TODAY, grant=Grant("officer", office))
    return engine


SignIn = Callable[[Role, str | None], FlaskClient]


@pytest.fixture
def signed_in(app: Flask, offices: Engine) -> SignIn:
    def sign_in(role: Role, office: str | None) -> FlaskClient:
        name = f"{role}-{office or 'all'}"
        add_staff(offices, name, PASSWORD, TODAY, grant=Grant(role, office))
        client = app.test_client()
        given = {"csrf_token": token(client.get("/sign-in")), "name": name, "password": PASSWORD}
        assert client.post("/sign-in", data=given).status_code == 303
        return client

    return sign_in


def token(page: TestResponse) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def rules(app: Flask) -> list[Rule]:
    """The routes that are not public."""
    open_to_all = PUBLIC | BY_SECRET
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint not in open_to_all]


def action_of(app: Flask, rule: Rule) -> Action:
    found: Action = getattr(app.view_functions[rule.endpoint], ACTION)
    return found


def test_every_route_names_its_action_or_is_public_on_purpose(app: Flask) -> None:
    without = [
        rule.endpoint
        for rule in rules(app)
        if not hasattr(app.view_functions[rule.endpoint], ACTION)
    ]
    assert without == []
    named = [rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint in PUBLIC]
    assert not [one for one in named if hasattr(app.view_functions[one], ACTION)]


def test_a_route_without_a_named_action_is_found(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "all comments")
    with pytest.raises(AssertionError, match="forgotten"):
        test_every_route_names_its_action_or_is_public_on_purpose(app)


def test_the_rule_gives_each_role_what_was_decided() -> None:
    assert {action for role in ROLES for action in ALLOWED[role]} == set(EXPECTED)
    for action, allowed in EXPECTED.items():
        assert {role for role in ROLES if may(Grant(role, None), action)} == allowed, action


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("office", [None, OWN, FOREIGN])
def test_every_route_is_open_to_the_roles_that_may_and_shut_to_the_others(
    app: Flask, signed_in: SignIn, role: Role, office: str | None
) -> None:
    client = signed_in(role, office)
    for rule in rules(app):
        place = office or OWN
        path = rule.rule.replace("<period>", "1999-10").replace("<place>", place)
        path = path.replace("<id_>", "none")
        if rule.endpoint == "account.end":
            continue  # it would end the walk; tried elsewhere
        allowed = role in EXPECTED[action_of(app, rule)]
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
            status = client.open(path, method=method).status_code
            if allowed:
                # Nothing was asked for by name (404), or no token came along (400).
                assert status in (200, 303, 400, 404, 503), (method, path, status)
                assert (status == 400) == (method == "POST"), (method, path, status)
            else:
                assert status == 403, (method, path, status)


@pytest.mark.parametrize("role", ROLES)
def test_results_of_another_office_are_not_there(signed_in: SignIn, role: Role) -> None:
    client = signed_in(role, OWN)
    for own in ("", f"/{OWN}", f"/{BELOW}"):
        assert client.get(f"/results/1999-10{own}").status_code == 200, own
    for path in ("", "/months", "/chart.svg"):
        assert client.get(f"/results/1999-10/{FOREIGN}{path}").status_code == 404
        assert client.get(f"/results/1999-10/nowhere{path}").status_code == 404
    page = client.get("/results/1999-10").text
    assert "Thôn Một" in page
    assert "Xã Khác" not in page


def test_all_comments_are_those_of_the_account_s_own_offices(signed_in: SignIn) -> None:
    page = signed_in("officer", OWN).get("/comments").text
    assert f"góp ý ở {OWN}" in page
    assert f"góp ý ở {BELOW}" in page
    assert FOREIGN not in page
    assert "Xã Khác" not in page


def test_comments_of_another_office_are_not_there(signed_in: SignIn) -> None:
    client = signed_in("officer", OWN)
    assert client.get(f"/comments?office={BELOW}").status_code == 200
    for office in (FOREIGN, "nowhere"):
        assert client.get(f"/comments?office={office}").status_code == 404


def test_a_comment_of_another_office_cannot_be_deleted(signed_in: SignIn, offices: Engine) -> None:
    theirs = signed_in("administrator", FOREIGN).get("/comments")
    found = re.search(r'name="comment" value="([^"]+)"', theirs.text)
    assert found
    client = signed_in("administrator", OWN)
    given = {"csrf_token": token(client.get("/comments")), "comment": found[1], "sure": "1"}
    assert client.post("/comments/delete", data=given).status_code == 303
    assert len(list_comments(offices)) == 3


def test_an_administrator_of_an_office_sees_and_changes_no_account_of_another(
    signed_in: SignIn, offices: Engine
) -> None:
    add_staff(offices, "everywhere", PASSWORD, TODAY)
    client = signed_in("administrator", OWN)
    page = client.get("/accounts").text
    assert f"of-{OWN}" in page
    assert f"of-{BELOW}" in page
    for account in (f"of-{FOREIGN}", "everywhere", "nobody"):
        assert account not in page
        assert client.get(f"/accounts/edit?account={account}").status_code == 404
        given = {"csrf_token": token(client.get("/accounts/invite")), "account": account}
        for act in ACTS:
            sure = given | {"act": act, "sure": "1"}
            assert client.post("/accounts/act", data=sure).status_code == 404
        change = given | {"role": "viewer", "office": OWN}
        assert client.post("/accounts/edit", data=change).status_code == 404
    foreign = find_staff(offices, f"of-{FOREIGN}")
    assert foreign is not None
    assert (foreign.grant, foreign.active) == (Grant("officer", FOREIGN), True)


@pytest.mark.parametrize("office", ["", FOREIGN, "nowhere"])
def test_an_administrator_of_an_office_gives_no_role_beyond_it(
    signed_in: SignIn, offices: Engine, office: str
) -> None:
    client = signed_in("administrator", OWN)
    given = {"csrf_token": token(client.get("/accounts/invite")), "role": "administrator"}
    invite = given | {"account": "new", "office": office}
    refused = client.post("/accounts/invite", data=invite)
    assert (refused.status_code, 'value="new"' in refused.text) == (422, True)
    assert "không cấp được quyền cho cơ quan này" in refused.text
    assert find_staff(offices, "new") is None
    change = given | {"account": f"of-{BELOW}", "office": office}
    before = find_staff(offices, f"of-{BELOW}")
    assert client.post("/accounts/edit", data=change).status_code == 422
    assert find_staff(offices, f"of-{BELOW}") == before


def test_the_log_of_another_office_is_not_shown(signed_in: SignIn) -> None:
    signed_in("viewer", FOREIGN)
    signed_in("viewer", BELOW)
    client = signed_in("administrator", OWN)
    for path in ("/log", "/log/log.csv"):
        assert f"viewer-{FOREIGN}" not in client.get(path).text
    assert "Không có dòng nào" in client.get(f"/log?name=viewer-{FOREIGN}").text
    assert f"viewer-{BELOW}" in client.get("/log").text
    assert f"viewer-{FOREIGN}" in signed_in("administrator", None).get("/log").text


def test_a_page_that_the_role_may_not_open_is_not_in_the_navigation(signed_in: SignIn) -> None:
    seen = {
        role: re.findall(r"<a[^>]*>([^<]+)</a>", menu(signed_in(role, OWN).get("/account").text))
        for role in ROLES
    }
    own = ["Kết quả", "Các cơ quan"]  # there is an office below
    assert seen["viewer"] == [*own, "Tài khoản của tôi"]
    assert seen["analyst"] == [*own, "Báo cáo và tệp", "Tài khoản của tôi"]
    desk = [
        "Hôm nay", *own, "Báo cáo và tệp", "Góp ý",
        "Hồ sơ tháng", "Nhập phiếu giấy", "Phúc tra",
        "Máy tính bảng", "Áp phích", "Phiếu mời", "Trang công khai",
    ]  # fmt: skip
    assert seen["officer"] == [*desk, "Tài khoản của tôi"]
    # Questionnaires and the server belong to the whole installation; an office may have
    # thresholds of its own.
    assert seen["administrator"] == [
        *desk, "Cơ quan và quầy", "Mục tiêu", "Người dùng", "Nhật ký", "Tài khoản của tôi",
    ]  # fmt: skip
    everything = menu(signed_in("administrator", None).get("/account").text)
    assert "Bộ câu hỏi" in everything
    assert "Mục tiêu" in everything
    assert "Máy chủ" in everything


def menu(html: str) -> str:
    return html.partition('<nav class="menu"')[2].partition("</nav>")[0]


def test_a_grant_covers_its_office_and_all_below_and_a_circle_ends() -> None:
    parents = {"a": None, "b": "a", "c": "b", "d": None, "e": "f", "f": "e"}
    assert offices_of(Grant("viewer", "a"), parents) == {"a", "b", "c"}
    assert offices_of(EVERYTHING, parents) == set(parents)
    assert not covers(Grant("viewer", "a"), None, parents)
    assert not covers(Grant("viewer", "a"), "e", parents)
    assert not covers(Grant("viewer", "gone"), "a", parents)
    assert not covers(EVERYTHING, "nowhere", parents)


def test_an_account_moves_along_with_its_office(offices: Engine) -> None:
    shipped = shipped_places()
    moved = [
        one.model_copy(update={"id": "moi", "was": OWN}) if one.id == OWN else one
        for one in shipped.office
    ]
    counters = [
        one.model_copy(update={"office": "moi"}) if one.office == OWN else one
        for one in shipped.counter
    ]
    update = {"office": tuple(moved), "counter": tuple(counters)}
    save_places(offices, shipped.model_copy(update=update), TODAY)
    staff = find_staff(offices, f"of-{OWN}")
    assert staff is not None
    assert staff.grant == Grant("officer", "moi")
