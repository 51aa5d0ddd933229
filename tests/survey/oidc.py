"""A small identity provider on loopback (OpenID Connect): as strict as a good one, or as wrong as a
test asks for."""

from __future__ import annotations

import json
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import requests
from flask import Flask, Response, abort, jsonify, redirect, request
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Response as AnyResponse

WAYS = "token_endpoint_auth_methods_supported"
CLIENT, SECRET = "hailong", "a secret of the client"


def new_key(kid: str) -> RSAKey:
    """A key of the provider's own."""
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig", "alg": "RS256"})


@dataclass
class LocalProvider:
    """Signs `who` in without asking; what it then says can be made wrong.

    `claims` stand over the right ones of the ID token; `signer` signs where it is set, `secret`
    with the client's secret; `forgetful`: a code can be used again.
    """

    issuer: str = ""
    who: str = "person-1"
    key: RSAKey = field(default_factory=lambda: new_key("one"))
    claims: dict[str, Any] = field(default_factory=dict)
    signer: RSAKey | None = None
    unsigned: bool = False
    by_secret: bool = False
    forgetful: bool = False
    denies: bool = False
    away: bool = False
    description: dict[str, Any] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def well(self) -> None:
        """Be right again."""
        fresh = LocalProvider(self.issuer, key=self.key)
        for name, value in vars(fresh).items():
            setattr(self, name, value)

    def token(self, nonce: str) -> str:
        """The ID token."""
        now = int(time.time())
        claims = {"iss": self.issuer, "sub": self.who, "aud": CLIENT, "nonce": nonce}
        claims |= {"iat": now, "exp": now + 300} | self.claims
        if self.unsigned:
            parts = (json.dumps(one).encode() for one in ({"alg": "none"}, claims))
            return ".".join(urlsafe_b64encode(one).decode().rstrip("=") for one in parts) + "."
        if self.by_secret:
            secret = OctKey.import_key(SECRET.encode())
            return jwt.encode({"alg": "HS256", "kid": self.key.kid}, claims, secret)
        signer = self.signer or self.key
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, claims, signer)

    def knows_client(self) -> bool:
        """Whether the request proves who the client is, in the way that this provider takes."""
        (way,) = self.description.get(WAYS, ["client_secret_basic"])
        if way == "client_secret_basic":
            kind, _, login = request.headers.get("Authorization", "").partition(" ")
            return (kind, b64decode(login).decode()) == ("Basic", f"{CLIENT}:{SECRET}")
        secret = SECRET if way == "client_secret_post" else None
        return (request.form["client_id"], request.form.get("client_secret")) == (CLIENT, secret)

    def pages(self) -> Flask:
        """What it serves."""
        app = Flask("provider")

        @app.before_request
        def count() -> None:
            self.asked.append(request.path)
            if self.away:
                abort(503)

        @app.get("/.well-known/openid-configuration")
        def described() -> Response:
            known = {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
            }
            return jsonify(known | self.description)

        @app.get("/keys")
        def keys() -> Response:
            return jsonify({"keys": [self.key.as_dict(private=False)]})

        @app.get("/authorize")
        def authorize() -> AnyResponse:
            given = request.args.to_dict()
            assert given["client_id"] == CLIENT
            assert given["response_type"] == "code"
            assert given["scope"] == "openid"
            assert given["code_challenge_method"] == "S256"
            code = f"code-{len(self.codes)}"
            self.codes[code] = given
            answer = {"error": "access_denied"} if self.denies else {"code": code}
            answer |= {"state": given["state"], "iss": self.issuer}
            return redirect(f"{given['redirect_uri']}?{urlencode(answer)}")

        @app.post("/token")
        def token() -> Response | tuple[Response, int]:
            if not self.knows_client():
                return jsonify({"error": "invalid_client"}), 401
            code, verifier = request.form["code"], request.form["code_verifier"]
            known = self.codes.get(code) if self.forgetful else self.codes.pop(code, None)
            challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=")
            right = known is not None and (challenge, request.form["redirect_uri"]) == (
                known["code_challenge"], known["redirect_uri"],
            )  # fmt: skip
            if known is None or not right:
                return jsonify({"error": "invalid_grant"}), 400
            made = self.token(known["nonce"])
            return jsonify({"access_token": "x", "token_type": "Bearer", "id_token": made})

        return app


def answered(address: str) -> str:
    """Go to the provider as a browser does; return the path that it leads back to."""
    reply = requests.get(address, allow_redirects=False, timeout=60)
    assert reply.status_code == 302, reply.text
    back = urlsplit(reply.headers["Location"])
    return f"{back.path}?{back.query}"


def state_of(address: str) -> str:
    """The state in an address."""
    return parse_qs(urlsplit(address).query)["state"][0]


@contextmanager
def local_provider() -> Iterator[LocalProvider]:
    """A provider that runs."""
    provider = LocalProvider()
    server = make_server("127.0.0.1", 0, provider.pages(), threaded=True)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
