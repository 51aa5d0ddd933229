"""`help()` of all that completes: it is there, names each parameter, and nothing private."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

import analysis

VERBS = [name for name in analysis.__all__ if inspect.isfunction(getattr(analysis, name))]
CLASSES = [name for name in analysis.__all__ if inspect.isclass(getattr(analysis, name))]


def offered(cls: type[Any]) -> Iterator[str]:
    """The names that complete on what a verb returns, but those of every tuple."""
    hidden = set(getattr(cls, "inner", ())) | set(dir(tuple)) | set(dir(BaseException))
    own = cls.__dir__(cls.__new__(cls)) if cls is analysis.Data else dir(cls)
    yield from (name for name in own if not name.startswith("_") and name not in hidden)


def callables() -> Iterator[Any]:
    for name in VERBS:
        yield pytest.param(getattr(analysis, name), id=name)
    for name in CLASSES:
        cls = getattr(analysis, name)
        for member in offered(cls):
            found = inspect.getattr_static(cls, member)
            if inspect.isfunction(found):
                yield pytest.param(found, id=f"{name}.{member}")


@pytest.mark.parametrize("called", [*callables()])
def test_help_names_every_parameter_and_what_comes_of_it(called: Any) -> None:
    told = inspect.getdoc(called) or ""
    parameters = [one for one in inspect.signature(called).parameters if one != "self"]
    assert [one for one in parameters if not re.search(rf"\b{one}\b", told)] == []
    assert told.partition("\n")[0].rstrip().endswith((".", ":"))


@pytest.mark.parametrize("name", CLASSES)
def test_help_of_what_is_returned_names_every_attribute(name: str) -> None:
    cls = getattr(analysis, name)
    told = inspect.getdoc(cls) or ""
    assert told
    public = set(offered(cls))
    attributes = {one.name for one in fields(cls)} if is_dataclass(cls) else set()
    attributes |= set(getattr(cls, "_fields", ()))
    missing = [one for one in attributes & public if not re.search(rf"\b{one}\b", told)]
    assert missing == []
    for member in public - attributes:
        assert inspect.getdoc(getattr(cls, member)), member


def every_text() -> Iterator[Any]:
    for name in analysis.__all__:
        yield pytest.param(inspect.getdoc(getattr(analysis, name)) or "", id=name)
    for name in CLASSES:
        cls = getattr(analysis, name)
        told = "\n".join(inspect.getdoc(getattr(cls, one)) or "" for one in offered(cls))
        yield pytest.param(told, id=f"{name}.members")


@pytest.mark.parametrize("told", [*every_text()])
def test_help_sends_nobody_to_what_does_not_complete(told: str) -> None:
    named = set(re.findall(r"`([A-Z]\w+)\.\w+", told))
    named |= set(re.findall(r"analysis\.(\w+)", told)) - {"errors"}  # as a traceback has it
    named |= set(re.findall(r"`(\w+Row)`", told))
    assert named <= set(analysis.__all__)


def test_a_data_frame_of_the_docs_is_what_help_says() -> None:
    """Nobody is told of standard errors by the help of a frame that has none."""
    for name in CLASSES:
        cls = getattr(analysis, name)
        if hasattr(cls, "to_frame") and name not in ("Estimates", "Domains"):
            assert "n_eff" not in (inspect.getdoc(cls.to_frame) or ""), name
