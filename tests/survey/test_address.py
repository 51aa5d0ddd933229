"""The address that goes to print: read in its parts, one form for what is the same, or refused."""

from __future__ import annotations

import pytest

from survey.address import parse_address
from survey.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://hailong.vn", "https://hailong.vn"),
        ("HTTPS://HaiLong.VN:443/", "https://hailong.vn"),
        ("https://hailong.vn.", "https://hailong.vn"),
        ("https://hailong.vn:", "https://hailong.vn"),
        ("http://192.168.1.20:8000", "http://192.168.1.20:8000"),
        ("http://[2001:0DB8::1]:8000", "http://[2001:db8::1]:8000"),
        ("https://hàilòng.vn", "https://xn--hilng-rqa2k.vn"),
        ("https://ha\u0300ilo\u0300ng.vn", "https://xn--hilng-rqa2k.vn"),
        ("https://xn--hilng-rqa2k.vn", "https://xn--hilng-rqa2k.vn"),
    ],
)
def test_what_means_the_same_is_one_address(text: str, url: str) -> None:
    address = parse_address(text)
    assert address.url == url
    assert parse_address(address.shown) == address


def test_a_name_in_its_own_letters_is_shown_in_them() -> None:
    assert parse_address("https://xn--hilng-rqa2k.vn").shown == "https://hàilòng.vn"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "begin with http"),
        ("hailong.vn", "begin with http"),
        ("ftp://hailong.vn", "begin with http"),
        ("https://", "host name"),
        ("https://:8000", "host name"),
        ("https://hailong..vn", "host name"),
        ("https://-hailong.vn", "host name"),
        ("https://hai_long.vn", "host name"),
        ("https://%68ailong.vn", "host name"),
        ("http://127.1", "host name"),
        ("http://0x7f000001", "host name"),
        ("http://1.2.3.4.5", "host name"),
        ("http://[::1", "host name"),
        ("http://[fe80::1%25eth0]", "host name"),
        ("https://" + "a" * 64 + ".vn", "host name"),
        ("https://hailong.vn ", r"<U\+0020>"),
        ("https://hai\u200blong.vn", r"<U\+200B>"),
        ("https://hailong.vn\n", r"<U\+000A>"),
        ("https://hailong.vn\\x", r"character \\"),
        ("https://hailong.vn/khao-sat", "path '/khao-sat'"),
        ("https://hailong.vn/?a=1", "holds \\? or #"),
        ("https://hailong.vn?", "holds \\? or #"),
        ("https://hailong.vn#a", "holds \\? or #"),
        ("https://lan:x@hailong.vn", "user name"),
        ("https://hailong.vn:0", "port"),
        ("https://hailong.vn:65536", "port"),
        ("https://hailong.vn:tám", "port"),
    ],
)
def test_what_could_not_lead_to_a_form_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(ConfigError, match=why) as caught:
        parse_address(text)
    assert "https://hailong.example.vn" in caught.value.said("vi")


@pytest.mark.parametrize(
    ("base_url", "reach"),
    [
        ("http://127.0.0.1:8000", "here"),
        ("http://localhost", "here"),
        ("http://van-phong.localhost", "here"),
        ("http://[::1]:80", "here"),
        ("http://0.0.0.0:8000", "here"),
        ("https://hailong.test", "here"),
        ("http://192.168.1.20:8000", "inside"),
        ("http://10.0.0.5", "inside"),
        ("http://100.64.0.5", "inside"),
        ("http://169.254.3.4", "inside"),
        ("http://[fd00::1]", "inside"),
        ("https://van-phong", "inside"),
        ("https://hailong.local", "inside"),
        ("https://hailong.example.vn", "everywhere"),
        ("http://8.8.8.8", "everywhere"),
    ],
)
def test_an_address_tells_which_phones_can_open_it(base_url: str, reach: str) -> None:
    assert parse_address(base_url).reach == reach


@pytest.mark.parametrize(
    ("base_url", "secure"),
    [
        ("https://hailong.example.vn", True),
        ("https://192.168.1.20", True),
        ("http://127.0.0.1:8000", True),
        ("http://localhost:8000", True),
        ("http://[::1]:80", True),
        ("http://192.168.1.20:8000", False),
        ("http://hailong.example.vn", False),
        ("http://0.0.0.0:8000", False),
        ("http://[::]:8000", False),
    ],
)
def test_where_a_browser_lets_a_page_work_without_network(base_url: str, secure: bool) -> None:
    """Secure Contexts (W3C), 3.1: https, loopback addresses, localhost."""
    assert parse_address(base_url).secure_context is secure
