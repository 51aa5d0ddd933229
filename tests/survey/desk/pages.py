"""Accounts of staff in tests: their password, their tokens, and how one is signed in."""

from __future__ import annotations

import re
from collections.abc import Callable

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from survey.access import Role

PASSWORD = "bốn từ không dính nhau"

SignIn = Callable[[Role, str | None], FlaskClient]
"""Makes an account, named after its role and office, and signs it in."""


def token(page: TestResponse) -> str:
    """What a form of the page has to bring back."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]
