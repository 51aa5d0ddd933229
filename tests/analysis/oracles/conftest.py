"""Reads the oracle files, and holds a case's every figure against what we compute."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent

NOT_OFFERED = {
    "wald": "covers 5% instead of 95% at worst; the product must not print it",
    "wald_cc": "the same, with a correction",
    "midp": "as low as 91%; has no place in a verdict",
    "likelihood": "approximate; the exact interval is as easy",
    "agresti_coull": "approximate; the exact interval is as easy",
    "jeffreys": "as low as 88% in small populations",
    "jeffreys_end_corrected": "as low as 88% in small populations",
    "midp_two_sided": "as low as 91%; has no place in a verdict",
    "blaker_two_sided": "has no one-sided form to drive a verdict",
    "samplingbook_printed": "the next count outside; compared one step inside instead",
    "svyciprop": "R's intervals cover 30-35% at worst here; KG-S takes their place",
    "svyciprop_beta": "R's intervals cover 30-35% at worst here; KG-S takes their place",
    "svyciprop_xlogit": "R's intervals cover 30-35% at worst here; KG-S takes their place",
    "svyciprop_item_rows": "R's intervals cover 30-35% at worst here; KG-S takes their place",
    "ci_t": "covers 35% at worst here; KG-S takes its place",
    "ci_z": "covers 35% at worst here; KG-S takes its place",
    "total": "the product prints shares of dossiers, not numbers of them",
    "se_total": "the product prints shares of dossiers, not numbers of them",
    "se_total_fpc": "the product prints shares of dossiers, not numbers of them",
    "ci_t_fpc": "covers 35% at worst here; KG-S takes its place",
}
"""Figures of the oracle files that the product leaves out on purpose, and why."""


def cases(file: str) -> list[dict[str, Any]]:
    loaded: list[dict[str, Any]] = json.loads((HERE / file).read_text(encoding="utf-8"))["cases"]
    return loaded


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "oracle(file): one test per case of an oracle file")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marker = metafunc.definition.get_closest_marker("oracle")
    if marker is not None:
        found = cases(marker.args[0])
        metafunc.parametrize("case", found, ids=[case["id"] for case in found])
    if "left_out" in metafunc.fixturenames:
        metafunc.parametrize("left_out", sorted(NOT_OFFERED))


def leaves(tree: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every figure with its path, for example "overall.top2.se"."""
    if isinstance(tree, dict):
        for name, branch in tree.items():
            yield from leaves(branch, f"{path}.{name}" if path else name)
    elif isinstance(tree, list):
        for place, branch in enumerate(tree):
            yield from leaves(branch, f"{path}.{place}")
    else:
        yield path, tree


def close(got: Any, expected: Any, tol: float) -> bool:
    if expected is None or got is None or isinstance(expected, str):
        return bool(got == expected)
    return abs(got - expected) <= tol * max(1.0, abs(expected))


Agree = Callable[..., None]


@pytest.fixture
def agree() -> Agree:
    """agree(case, got): every figure of the case equals ours, or is listed as left out."""

    def compare(case: dict[str, Any], got: Any) -> None:
        ours = dict(leaves(got))
        wrong, compared = [], 0
        for path, expected in leaves(case["expected"]):
            if NOT_OFFERED.keys() & set(path.split(".")):
                continue
            compared += 1
            if path not in ours:
                wrong.append(f"{path}: expected {expected!r}, we have no such figure")
            elif not close(ours[path], expected, case["tol"]):
                wrong.append(f"{path}: expected {expected!r}, got {ours[path]!r}")
        assert compared, "nothing was compared"
        assert not wrong, "\n".join(wrong)

    return compare
