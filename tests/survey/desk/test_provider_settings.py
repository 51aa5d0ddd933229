"""The identity provider of the settings: set, changed and switched off by page and command."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner

from survey.access import Grant
from survey.cli import cli
from survey.config import SETTINGS_FILE, load_config, write_settings
from survey.doctor import check_provider
from survey.provider_settings import (
    ProviderSettings,
    drop_provider,
    keep_provider,
    provider_settings,
)
from survey.store.staff_actions import By, DoneFilter, list_actions
from tests.survey.desk.pages import send, sign_in
from tests.survey.oidc import CLIENT, SECRET, local_provider

pytestmark = pytest.mark.sqlite_is_enough

PAGE, OFF, NAME = "/server/provider", "/server/provider/off", "Cổng cán bộ tỉnh"
BY = By("lan", datetime(2026, 10, 15, 8, tzinfo=UTC))


@pytest.fixture
def administrator(app, engine, config, monkeypatch):
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    return sign_in(app, engine, Grant("administrator", None))


def given(provider, **changed):
    fields = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "oidc_name": NAME,
    }
    return {**fields, **changed}


def stored(config):
    return tomllib.loads((config.data / SETTINGS_FILE).read_text(encoding="utf-8"))


def test_a_provider_is_kept_once_it_was_heard_and_its_secret_is_never_shown(
    administrator, provider, config, engine
):
    page = administrator.get(PAGE).text
    assert f"{load_config(config.data).base_url}/sign-in/provider/back" in page
    reply = send(administrator, PAGE, given(provider))
    assert reply.status_code == 303
    assert provider.asked == ["/.well-known/openid-configuration", "/keys"]
    kept = provider_settings(config)
    assert kept == ProviderSettings(provider.issuer, CLIENT, SECRET, NAME)
    for path in (PAGE, "/server", reply.headers["Location"]):
        text = administrator.get(path).text
        assert (NAME in text, SECRET in text) == (True, False)
    (done, *_) = list_actions(engine, DoneFilter())
    assert (done.action, done.details["names"]) == (
        "settings_changed",
        "oidc_issuer, oidc_client_id, oidc_client_secret, oidc_name",
    )
    assert SECRET not in str(done.details)


def test_an_empty_secret_keeps_the_one_that_is_there_and_never_goes_to_another_provider(
    administrator, provider, config
):
    send(administrator, PAGE, given(provider))
    reply = send(administrator, PAGE, given(provider, oidc_client_secret="", oidc_name="Cổng mới"))
    assert reply.status_code == 303
    assert provider_settings(config) == ProviderSettings(
        provider.issuer, CLIENT, SECRET, "Cổng mới"
    )
    with local_provider() as other:
        reply = send(administrator, PAGE, given(other, oidc_client_secret=""))
    assert reply.status_code == 303
    assert provider_settings(config).oidc_client_secret == ""


WRONG = {
    "another issuer": ({"description": {"issuer": "https://other.example"}}, "tự gọi mình là"),
    "plain http": ({"description": {"token_endpoint": "http://x.example/t"}}, "không phải địa chỉ"),
    "away": ({"away": True}, "trả lời mã 503"),
}


@pytest.mark.parametrize(("fault", "told"), WRONG.values(), ids=list(WRONG))
def test_a_provider_that_is_not_as_it_should_be_is_refused_with_the_reason(
    administrator, provider, config, fault, told
):
    before = stored(config)
    for name, value in fault.items():
        setattr(provider, name, value)
    reply = send(administrator, PAGE, given(provider))
    assert (reply.status_code, told in reply.text) == (422, True)
    assert (CLIENT in reply.text, SECRET in reply.text) == (True, False)
    assert stored(config) == before


REFUSED = {
    "nothing": ({"oidc_issuer": "", "oidc_client_id": ""}, "phải có cùng nhau"),
    "half": ({"oidc_client_id": ""}, "phải có cùng nhau"),
    "plain http": ({"oidc_issuer": "http://x.example"}, "https"),
    "no answer": ({"oidc_issuer": "http://127.0.0.1:9"}, "không mở được"),
    "another site": ({"oidc_issuer": "{issuer}/other"}, "trả lời mã 404"),
    "unseen letters": ({"oidc_client_secret": "a\nb"}, "ký tự không nhìn thấy"),
}


@pytest.mark.parametrize(("changed", "told"), REFUSED.values(), ids=list(REFUSED))
def test_settings_that_cannot_hold_are_refused_and_what_was_typed_stays(
    administrator, provider, config, changed, told
):
    before = stored(config)
    changed = {name: text.format(issuer=provider.issuer) for name, text in changed.items()}
    reply = send(administrator, PAGE, given(provider, **changed))
    assert (reply.status_code, told in reply.text, NAME in reply.text) == (422, True, True)
    assert stored(config) == before


def test_it_is_switched_off_once_that_is_confirmed(administrator, provider, config):
    send(administrator, PAGE, given(provider))
    asked = send(administrator, OFF, {}, at=PAGE)
    assert (asked.status_code, f"không ai đăng nhập bằng {NAME}" in asked.text) == (200, True)
    assert provider_settings(config).oidc_issuer == provider.issuer
    assert send(administrator, OFF, {"sure": "1"}, at=PAGE).status_code == 303
    assert provider_settings(config) == ProviderSettings()
    assert "mật khẩu của riêng Hài Lòng" in administrator.get("/server").text


def test_what_is_kept_is_kept_whole_whatever_its_letters(config, engine, provider):
    odd = ProviderSettings(provider.issuer, 'a"b\\c', "ô # 'x' = y", "Cổng “tỉnh”")
    keep_provider(config, engine, odd, BY)
    assert provider_settings(config) == odd
    write_settings(config.data, opening_hours="Mon-Fri\n08:00-17:00")
    assert load_config(config.data).opening_hours == "Mon-Fri\n08:00-17:00"
    drop_provider(config, engine, BY)
    drop_provider(config, engine, BY)
    assert len(list_actions(engine, DoneFilter())) == 2


class Looked:
    def __init__(self, config):
        self.config = load_config(config.data)


def test_the_doctor_hears_the_provider_too(config, engine, provider):
    assert list(check_provider(Looked(config))) == []
    keep_provider(config, engine, ProviderSettings(**given(provider)), BY)
    (well,) = check_provider(Looked(config))
    assert (well.mark, NAME in well.text) == ("ok", True)
    provider.description = {"jwks_uri": provider.issuer}
    (wrong,) = check_provider(Looked(config))
    assert (wrong.mark, "answers with 404" in wrong.text) == ("warning", True)


def test_the_command_does_the_same(config, provider, monkeypatch):
    monkeypatch.setenv("HAILONG_DATABASE_URL", config.database_url)
    data = ["--data", str(config.data)]

    def run(*words, typed=""):
        return CliRunner().invoke(cli, ["provider", *words, *data], input=typed)

    words = ("set", "--issuer", provider.issuer, "--client-id", CLIENT, "--name", NAME)
    kept = run(*words, typed=f"{SECRET}\n")
    assert (kept.exit_code, SECRET in kept.output) == (0, False)
    assert provider_settings(config) == ProviderSettings(provider.issuer, CLIENT, SECRET, NAME)
    assert run("off").exit_code == 0
    assert provider_settings(config) == ProviderSettings()
    provider.away = True
    refused = run(*words, typed="\n")
    assert (refused.exit_code, "answers with 503" in str(refused.exception)) == (1, True)
