"""docs/methods is held to the code: every number of its worked examples is counted again here.

An example states its inputs first; what follows must be what enumeration makes of them, and the
public functions must agree with the enumeration. Sentences that it quotes must be the program's.
Both languages are held to the same.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis.document import analyse
from analysis.reporting import wording
from analysis.reporting.sections import headline_sentences
from analysis.statistics.estimates import estimate
from analysis.strata.coverage import REQUIRED
from analysis.targets import parse_targets
from analysis.words import words
from questionnaires import shipped
from tests.analysis.methods import beside, changes, counted, planning, rechecks, shares, totals
from tests.analysis.methods.enumeration import item
from tests.analysis.verbs.office import sheets, write_population, write_responses

DOCS = Path(__file__).parents[2] / "docs"
PAGES = {"vi": "methods.md", "en": "methods.en.md"}
BLOCK = re.compile(r"<!-- example: (\w+) -->\n(.*?)<!-- /example -->", re.S)
NUMBER = {
    "vi": re.compile(r"(?<![\w,.])−?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?%?"),
    "en": re.compile(r"(?<![\w,.])−?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?%?"),
}


def text_of(lang):
    return (DOCS / PAGES[lang]).read_text(encoding="utf-8")


def read_number(token, lang):
    """Its value, and how far from it the truth may be: nothing for a number without decimals."""
    plain = token.rstrip("%").replace("−", "-")
    plain = plain.replace(".", "").replace(",", ".") if lang == "vi" else plain.replace(",", "")
    unit = Fraction(1, 100) if token.endswith("%") else Fraction(1)
    decimals = len(plain.partition(".")[2])
    return Fraction(plain) * unit, unit / (2 * 10**decimals) if decimals else Fraction(0)


EXAMPLES = {
    **shares.EXAMPLES,
    **totals.EXAMPLES,
    **changes.EXAMPLES,
    **beside.EXAMPLES,
    **planning.EXAMPLES,
    **rechecks.EXAMPLES,
    **counted.EXAMPLES,
}
VARIABLE = {
    **{"silences": 8, "total": 6, "safe_interval": 6, "index": 6, "mean": 6, "alpha": 6},
    **{"burst": 8, "fewest": 5, "power": 4, "guidance": 2, "error_rates": 11},
    **{"readiness": 5, "faults": 8, "settled": 4, "joined": 9},
}
"""How many numbers of an example are its inputs where the function takes any number."""


def inputs_of(name):
    return VARIABLE.get(name, len(inspect.signature(EXAMPLES[name]).parameters))


@lru_cache
def expected_of(name, inputs):
    return EXAMPLES[name](*(int(v) if v.denominator == 1 else v for v in inputs))


def wrong_numbers(name, block, lang):
    """Numbers after the inputs that are not what the inputs make; all, where one is too many."""
    tokens = NUMBER[lang].findall(block)
    numbers = [read_number(token, lang) for token in tokens]
    split = inputs_of(name)
    expected = expected_of(name, tuple(value for value, _ in numbers[:split]))
    if len(numbers) - split != len(expected):
        return tokens
    return [
        (token, float(truth))
        for token, (value, slack), truth in zip(
            tokens[split:], numbers[split:], expected, strict=True
        )
        if abs(value - Fraction(truth)) > slack + Fraction(1, 10**12)
    ]


def last_digit_up(token):
    place = max(i for i, sign in enumerate(token) if sign.isdigit())
    return f"{token[:place]}{(int(token[place]) + 1) % 10}{token[place + 1 :]}"


@pytest.mark.parametrize("lang", PAGES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_every_number_of_an_example_is_what_its_inputs_make(name, lang):
    (block,) = (text for found, text in BLOCK.findall(text_of(lang)) if found == name)
    assert wrong_numbers(name, block, lang) == []
    for match in [*NUMBER[lang].finditer(block)][inputs_of(name) :]:
        altered = block[: match.start()] + last_digit_up(match[0]) + block[match.end() :]
        assert wrong_numbers(name, altered, lang), f"{match[0]} could be anything"


JUDGED = {
    "basis": (("basis", 120, 44, 41),),
    "census": (("census", 12, 12, 11), ("census-missed", 12, 12, 10)),
    "silences": (
        ("depends", 60, 50, 48),
        ("certain", 60, 55, 52),
        ("certain-missed", 60, 50, 40),
    ),
    "readiness": (("readiness", 1000, 100, 92),),
    "needed": (("needed", 12, 5, 5),),
}
"""Example -> sectors whose verdicts it quotes: their name, dossiers, answers, satisfied ones."""

GOALS = """
[[target]]
id = "at-{percent}"
title = {{vi = "Mục tiêu", en = "Target"}}
measure = "overall"
sectors = "all"
pool = false
threshold = 0.{percent}
deadline = 2030
source = "an example"
"""


def targets(*percents):
    return parse_targets("".join(GOALS.format(percent=p) for p in percents), "targets.toml")


@pytest.fixture(scope="module")
def quoted(tmp_path_factory):
    """What the program says of each example that quotes it, in a language."""
    folder = tmp_path_factory.mktemp("quoted")
    sectors = [sector for found in JUDGED.values() for sector in found]
    rows = [row for name, _, n, x in sectors for row in sheets(name, x, n)]
    found = analyse(
        write_responses(folder / "answers.csv", rows),
        write_population(folder / "dossiers.csv", {name: N for name, N, _, _ in sectors}),
        period="2026-10",
        targets=targets(85, 90),
    )
    running = analyse(
        write_responses(folder / "running.csv", sheets("land", 20, 20)),
        period="2026-10",
        targets=targets(90),
        today=date(2026, 10, 31),
    )
    year = _a_year(folder)

    def said(lang):
        met = {name: wording.basis_phrase(_verdict(found, name, 85), lang) for name, *_ in sectors}
        census = [_verdict(found, name, 90) for name, *_ in JUDGED["census"]]
        basis, needed = _verdict(found, "basis", 85), _verdict(found, "needed", 90)
        still = _verdict(running, "land", 90)
        return {
            "basis": [wording.limit_phrase(basis, lang), met["basis"]],
            "census": [wording.basis_phrase(verdict, lang) for verdict in census],
            "silences": [met[name] for name, *_ in JUDGED["silences"]],
            "readiness": [met["readiness"]],
            "needed": [_settles(found, needed, lang, running=False)],
            "running": [_settles(running, still, lang, running=True)],
            "coverage": [wording.reason_phrase(_verdict(year, "land", 85), REQUIRED, lang)],
            "faults": [_beside(lang)],
            "several": [_headline(lang)],
        }

    return said


def _verdict(found, sector, percent):
    key = f"at-{percent}", "all", sector
    return next(verdict for verdict in found.verdicts if verdict.key == key)


def _settles(found, verdict, lang, *, running):
    return wording.settle_phrase(verdict, found.row_of(verdict), lang, running=running)


def _a_year(folder):
    """Every month 100 dossiers; answers in the first nine, all satisfied. A tenth would do."""
    months = [f"2026-{month:02d}" for month in range(1, 13)]
    counts = ["period,office,sector,completed", *(f"{month},xa-a,land,100" for month in months)]
    path = folder / "year.csv"
    path.write_text("\n".join(counts) + "\n", encoding="utf-8")
    found = []
    for heard in (9, 10):
        rows = [
            row | {"response_id": f"{month}-{row['response_id']}", "answered_on": f"{month}-05"}
            for month in months[:heard]
            for row in sheets("land", 6, 6)
        ]
        answers = write_responses(folder / f"heard-{heard}.csv", rows)
        found.append(analyse(answers, path, period="2026", targets=targets(85)))
    nine, ten = (_verdict(year, "land", 85) for year in found)
    assert (nine.evidence, nine.reason, ten.evidence) == ("not_proven", "coverage", "met")
    return found[0]


def _beside(lang):
    (note,) = estimate([item(7, 10, 60), item(1, 1, None)]).notes
    name = {"vi": "xây dựng", "en": "construction"}[lang]
    told = replace(note, places=(("", "construction"),))
    return told.text(lang, {"construction": name}).rstrip(".")


def _headline(lang):
    """Three sectors met, each by itself, with the p-values of the example."""
    goals = targets(90)
    rows = [
        SimpleNamespace(
            target="at-90",
            office="all",
            sector=str(p),
            evidence="met",
            p_met=p,
            p_missed=1.0,
            threshold=0.9,
            threshold_of=None,
        )
        for p in (0.01, 0.03, 0.04)
    ]
    found = SimpleNamespace(status="closed", verdicts=rows, targets=goals, level=0.95)
    return headline_sentences(found, lang=lang)[0]


@pytest.mark.parametrize("lang", PAGES)
def test_the_sentences_quoted_are_those_of_the_program(quoted, lang):
    blocks = dict(BLOCK.findall(text_of(lang)))
    found = {name: re.findall("“(.*?)”", block) for name, block in blocks.items()}
    assert {name: quotes for name, quotes in found.items() if quotes} == quoted(lang)


@pytest.mark.parametrize("lang", PAGES)
def test_no_example_stands_outside_the_reach_of_these_tests(lang):
    text = text_of(lang)
    names = [name for name, _ in BLOCK.findall(text)]
    assert sorted(names) == sorted(EXAMPLES)
    assert text.count("<!-- ") == 2 * len(names)
    title = {"vi": "**Tính tay", "en": "**By hand"}[lang]
    assert title not in BLOCK.sub("", text)
    assert all(digit not in re.sub(NUMBER[lang], "", block) for _, block in BLOCK.findall(text)
               for digit in "0123456789")  # fmt: skip


@pytest.mark.parametrize("lang", PAGES)
def test_the_page_uses_the_words_of_the_results(lang):
    text = text_of(lang)
    groups = ("verdict", "wording.channels", "measure")
    said = [text for group in groups for text in words().group(group, lang).values()]
    said += [label.get(lang) for label in shipped()["desk@1"].scale.labels]
    assert [word for word in said if word.lower() not in text.lower()] == []


@pytest.mark.parametrize("lang", PAGES)
def test_the_functions_and_pages_named_exist(lang):
    text = text_of(lang)
    for module, name in re.findall(r"`analysis\.([\w.]+)\.(\w+)`", text):
        assert hasattr(import_module(f"analysis.{module}"), name), (module, name)
    for link in re.findall(r"\]\(([\w./-]+)\)", text):
        assert (DOCS / link).is_file(), link


def test_both_languages_have_the_same_sections():
    vi, en = (re.findall(r"^(#+) (\d*)", text_of(lang), re.M) for lang in PAGES)
    assert vi == en


def test_numbers_are_read_as_each_language_writes_them():
    assert read_number("41,7%", "vi") == (Fraction(417, 1000), Fraction(1, 2000))
    assert read_number("1.000", "vi") == read_number("1,000", "en") == (1000, 0)
    assert read_number("−20%", "en") == (Fraction(-1, 5), 0)
    assert NUMBER["vi"].findall("C(12; 5) = 792, 4,5% của 1.000 (−2)") == [
        *("12", "5", "792", "4,5%", "1.000", "−2")
    ]
