"""The pages of the address that phones open: chosen, then tried with a phone."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, jsonify, request

from survey.address import Address, parse_address
from survey.errors import ConfigError
from survey.qr import qr_svg
from survey.setup.filled import Problem, address_problem
from survey.setup.machine import is_alone, own_addresses
from survey.web.setup.context import SetUp
from survey.web.setup.drafts import Draft
from survey.web.setup.ending import Reply
from survey.web.setup.frame import page, told
from survey.web.setup.order import kept, step, to
from survey.web.setup.trial import PATH as TRIAL


def add_address(pages: Blueprint, setup: SetUp) -> None:
    """Add the pages."""

    @pages.get("/address")
    def address() -> Reply:
        return step(setup, "address", lambda draft: _address_page(setup, draft))

    @pages.post("/address")
    def keep_address() -> Reply:
        return step(setup, "address", lambda draft: _take_address(setup, draft))

    @pages.get("/phone")
    def phone() -> Reply:
        draft = setup.drafts.own()
        missing, chosen = draft.missing(), draft.filled.address
        if missing or chosen is None:
            return to(missing or "finish")
        url = f"{chosen.url}{TRIAL}{draft.token}"
        return page("phone", code=qr_svg(url), url=url, opened=draft.opened, reach=chosen.reach)

    @pages.get("/phone/state")
    def phone_state() -> Response:
        return jsonify(opened=setup.drafts.own().opened)


def _address_page(setup: SetUp, draft: Draft, problem: str = "", typed: str = "") -> str:
    port = setup.config.port
    own = [(one, parse_address(f"http://{one}:{port}").shown) for one in own_addresses()]
    named = draft.filled.address.shown if draft.where == "name" and draft.filled.address else typed
    return page(
        "address",
        own=own,
        where=draft.where or (own[0][0] if own else "name"),
        named=named,
        alone=is_alone(setup.config.host),
        problem=problem,
    )


def _take_address(setup: SetUp, draft: Draft) -> Reply:
    draft.where = request.form.get("where", "")
    draft.sure.discard("address")
    draft.filled, draft.opened = replace(draft.filled, address=None), False
    if draft.where == "later":
        return kept(draft, "address")
    typed = request.form.get("name", "").strip()
    try:
        chosen = _chosen(setup, draft.where, typed)
    except ConfigError as error:
        return _address_page(setup, draft, told(error), typed), 422
    if problem := address_problem(chosen) or _unreachable(setup, chosen):
        return _address_page(setup, draft, told(problem), typed), 422
    draft.filled = replace(draft.filled, address=chosen)
    draft.sure.add("address")
    return to("phone")


def _chosen(setup: SetUp, where: str, typed: str) -> Address:
    """The address that was chosen; one that is typed without http may have it before it."""
    if where in own_addresses():
        return parse_address(f"http://{where}:{setup.config.port}")
    return parse_address(typed if "://" in typed else f"https://{typed}")


def _unreachable(setup: SetUp, chosen: Address) -> Problem | None:
    """Listen where phones will come, for their trial; say why that cannot be."""
    if chosen.scheme == "https" or not is_alone(setup.config.host):
        return None
    for one in own_addresses():
        try:
            setup.open_aside(one)
        except OSError as error:
            return Problem("shut", {"address": one, "why": error.strerror or error})
    return None
