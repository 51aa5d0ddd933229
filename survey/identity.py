"""Asks the identity provider of the settings who somebody is: OpenID Connect, code flow with PKCE.

Keeps what the provider says of itself, and its keys, in memory. Only what it calls the subject is
read: no name and no e-mail address, which may pass from one person to another.
"""

from __future__ import annotations

import json
import logging
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING, Any, Final

from survey.address import is_private_channel
from survey.config import Config
from survey.errors import ConfigError, ProviderAway, ProviderError
from survey.told import sentence

if TYPE_CHECKING:
    from authlib.integrations.requests_client import OAuth2Session

    from questionnaires.bilingual import Told

TIMEOUT: Final = 5  # seconds for each answer of the provider
KEPT: Final = 3600.0  # seconds that its description and keys are kept
KEYS_AGAIN: Final = 60.0  # seconds until a key that is not known has the keys fetched again
LEEWAY: Final = 60  # seconds that its clock may be off
LONGEST_SUBJECT: Final = 255  # characters (OpenID Connect Core, section 2)
LARGEST: Final = 1_000_000  # bytes of an answer
# By a key pair alone: with a shared secret, or none at all, whoever knows the client could sign.
ALGORITHMS: Final = (
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512",
    "EdDSA", "Ed25519",
)  # fmt: skip

_log = logging.getLogger("hailong.identity")


@dataclass(frozen=True, slots=True)
class Question:
    """Where a browser is sent, and what its answer must fit: for the session that asked."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(slots=True)
class _Kept:
    value: dict[str, Any] | None = None
    since: float = 0.0


@dataclass(slots=True)
class Provider:
    """An identity provider that signs in accounts of this installation."""

    issuer: str
    name: str
    client_id: str
    client_secret: str
    back: str
    """The address that a browser comes back to; the provider must know it."""
    clock: Callable[[], float] = time.time
    _described: _Kept = field(default_factory=_Kept)
    _keys: _Kept = field(default_factory=_Kept)
    _lock: Lock = field(default_factory=Lock)

    def check(self) -> None:
        """Hear what the provider says of itself, and its keys, as a sign-in would.

        Raises ProviderAway or ProviderError, whose `why` says what is wrong.
        """
        if not self._signing_keys(again=False):
            raise self._refused(sentence("provider.why_keys", url=self._description()["jwks_uri"]))

    def ask(self) -> Question:
        """Return what a browser is sent there with. Raises ProviderAway or ProviderError."""
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        with self._session() as session:
            url, _ = session.create_authorization_url(
                self._description()["authorization_endpoint"],
                state=state,
                nonce=nonce,
                code_verifier=verifier,
            )
        return Question(url, state, nonce, verifier)

    def subject(self, code: str, verifier: str, nonce: str) -> str:
        """Return whom the provider answered with a code: its own, lasting id of a person.

        Raises ProviderAway where it cannot be reached, ProviderError where its answer does not
        hold: another signature, issuer, audience or nonce, or a time that is over.
        """
        token = self._token(code, verifier)
        return self._checked(token, nonce)

    def _session(self) -> OAuth2Session:
        from authlib.integrations.requests_client import OAuth2Session

        return OAuth2Session(
            self.client_id,
            self.client_secret or None,
            scope="openid",
            redirect_uri=self.back,
            code_challenge_method="S256",
            default_timeout=TIMEOUT,
        )

    def _token(self, code: str, verifier: str) -> str:
        from authlib.common.errors import AuthlibBaseError
        from requests import RequestException

        known = self._description()
        with self._session() as session:
            session.token_endpoint_auth_method = self._proof(known)
            try:
                answer = session.fetch_token(
                    known["token_endpoint"],
                    code=code,
                    code_verifier=verifier,
                    allow_redirects=False,
                )
            except AuthlibBaseError as error:
                raise self._refused(error) from error
            except (RequestException, ValueError) as error:
                raise self._away(error) from error
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise self._refused("no id_token")
        return token

    def _proof(self, known: dict[str, Any]) -> str:
        """How the client proves to the provider who it is."""
        if not self.client_secret:
            return "none"
        ways = known.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        return "client_secret_basic" if "client_secret_basic" in ways else "client_secret_post"

    def _checked(self, token: str, nonce: str) -> str:
        from authlib.oidc.core import CodeIDToken
        from joserfc import jwt
        from joserfc.errors import InvalidKeyIdError, JoseError
        from joserfc.jwk import KeySet

        def opened(*, again: bool) -> Any:
            keys = KeySet.import_key_set({"keys": self._signing_keys(again=again)})
            return jwt.decode(token, keys, algorithms=list(ALGORITHMS))

        try:
            try:
                found = opened(again=False)
            except InvalidKeyIdError:
                found = opened(again=True)  # the provider may have new keys
            options: Any = {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": self.client_id},
                "sub": {"essential": True},
                "exp": {"essential": True},
            }
            params = {"nonce": nonce, "client_id": self.client_id}
            claims = CodeIDToken(found.claims, found.header, options, params)
            claims.validate(int(self.clock()), LEEWAY)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise self._refused(error) from error
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT:
            raise self._refused("sub")
        return subject

    def _description(self) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery)."""
        with self._lock:
            kept = self._described
            if kept.value is None or not 0 <= self.clock() - kept.since < KEPT:
                path = "/.well-known/openid-configuration"
                found = self._fetched(self.issuer.rstrip("/") + path)
                if found.get("issuer") != self.issuer:
                    named = found.get("issuer")
                    raise self._refused(sentence("provider.why_issuer", found=named))
                for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    if not is_private_channel(found.get(name)):
                        told = {"name": name, "found": found.get(name)}
                        raise self._refused(sentence("provider.why_address", **told))
                kept.value, kept.since = found, self.clock()
            return kept.value

    def _signing_keys(self, *, again: bool) -> list[Any]:
        address = self._description()["jwks_uri"]
        with self._lock:
            kept, now = self._keys, self.clock()
            age = now - kept.since if kept.value is not None else KEPT
            if not 0 <= age < (KEYS_AGAIN if again else KEPT):
                kept.value, kept.since = self._fetched(address), now
            keys = (kept.value or {}).get("keys", [])
        found = [one for one in keys if isinstance(one, dict)] if isinstance(keys, list) else []
        return [one for one in found if one.get("use", "sig") == "sig" and one.get("kty") != "oct"]

    def _fetched(self, address: str) -> dict[str, Any]:
        from requests import RequestException, get

        try:
            with get(address, timeout=TIMEOUT, allow_redirects=False, stream=True) as answer:
                answer.raise_for_status()
                content = answer.raw.read(LARGEST, decode_content=True)
            found = json.loads(content)
        except (RequestException, OSError, ValueError, RecursionError) as error:
            raise self._away(_told(address, error)) from error
        if not isinstance(found, dict):
            raise self._away(sentence("provider.why_other", url=address))
        return found

    def _away(self, why: object) -> ProviderAway:
        _log.warning("the identity provider %s cannot be asked: %s", self.issuer, why)
        told = why if isinstance(why, str) else str(why)
        return ProviderAway(sentence("provider.away", name=self.name), told)

    def _refused(self, why: object) -> ProviderError:
        _log.warning("an answer of the identity provider %s does not hold: %s", self.issuer, why)
        told = why if isinstance(why, str) else str(why)
        return ProviderError(sentence("provider.refused", name=self.name), told)


def _told(address: str, error: Exception) -> Told:
    """Why an address could not be read, for who set it."""
    from requests import HTTPError, Timeout
    from requests.exceptions import JSONDecodeError, SSLError

    if isinstance(error, HTTPError) and error.response is not None:
        return sentence("provider.why_status", url=address, status=error.response.status_code)
    if isinstance(error, SSLError):
        return sentence("provider.why_certificate", url=address)
    if isinstance(error, Timeout):
        return sentence("provider.why_slow", url=address, seconds=TIMEOUT)
    if any(isinstance(one, socket.gaierror) for one in _causes(error)):
        return sentence("provider.why_unknown", url=address)
    if isinstance(error, (JSONDecodeError, json.JSONDecodeError, UnicodeDecodeError)):
        return sentence("provider.why_other", url=address)
    return sentence("provider.why_silent", url=address)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """An error and what it came of."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def provider_of(config: Config) -> Provider | None:
    """Return the identity provider of the settings; None where there is none.

    Raises ConfigError, with the command that installs it, where the library is missing.
    """
    if not config.oidc_issuer:
        return None
    try:
        import authlib.integrations.requests_client  # noqa: F401  only whether it is there
    except ModuleNotFoundError as error:
        from analysis.errors import install

        raise ConfigError(sentence("out.oidc", command=install("oidc"))) from error
    return Provider(
        config.oidc_issuer,
        config.oidc_name or config.oidc_issuer.partition("://")[2].partition("/")[0],
        config.oidc_client_id,
        config.oidc_client_secret,
        f"{config.base_url}/sign-in/provider/back",
    )
