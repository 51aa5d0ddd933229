"""Themes of comments: what goes together is found, small ones have no number, nothing is chance."""

from __future__ import annotations

import json

import numpy as np
import pytest
from click.testing import CliRunner
from sqlalchemy import insert

from analysis.period import parse_period
from survey.cli import cli
from survey.reports.making import _theme
from survey.store import tables
from survey.themes import LEAST_COMMENTS, MINIMUM, _factors, find_themes

pytestmark = pytest.mark.sqlite_is_enough

WAITING = [
    "Chờ lâu quá, buổi sáng đông", "phải chờ lâu mới đến lượt", "cho lau qua",
    "Chờ lâu, ghế ngồi ít", "buổi sáng chờ lâu hơn 1 tiếng",
]  # fmt: skip
MANNERS = [
    "Thái độ cán bộ chưa tốt", "cán bộ thái độ khó chịu", "thai do khong vui ve",
    "thái độ lạnh nhạt", "thái độ phục vụ cần cải thiện",
]  # fmt: skip
FORMS = [
    "Biểu mẫu khó điền", "bieu mau dai, kho dien", "hướng dẫn biểu mẫu không rõ",
    "biểu mẫu nhiều", "Cần hướng dẫn điền biểu mẫu",
]  # fmt: skip
TEXTS = [*WAITING * 8, *MANNERS * 5, *FORMS * 4]
RARE = "Bà Nguyễn Thị Xuyến quát"


def place_of(text: str) -> str:
    return next(name for name, group in GROUPS.items() if text in group)


GROUPS = {"chờ lâu": WAITING, "thái độ": MANNERS, "biểu mẫu": FORMS}


def test_comments_about_the_same_are_one_theme_named_by_its_words_also_without_tones():
    found = find_themes(TEXTS)
    assert [theme.terms[0][0] for theme in found] == ["chờ lâu", "thái độ", "biểu mẫu"]
    assert [theme.count for theme in found] == [40, 25, 20]
    for theme in found:
        assert {place_of(TEXTS[one]) for one in theme.members} == {theme.terms[0][0]}


def test_the_same_comments_give_the_same_themes_every_time():
    assert find_themes(TEXTS) == find_themes(list(TEXTS))


def test_what_few_people_wrote_names_no_theme_and_has_no_number():
    found = find_themes([*WAITING * 4, RARE, RARE, *["bãi gửi xe chật"] * (MINIMUM - 1)])
    assert [len(theme.members) for theme in found] == [20, MINIMUM - 1]
    assert "xuyến" not in " ".join(theme.name for theme in found)
    assert [theme.count for theme in found] == [20, None]


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["Chờ lâu quá"] * (LEAST_COMMENTS - 1),
        ["ạ ơi", "!!!", "", "123"] * 20,
        [f"{chr(97 + one)}{chr(98 + one)}" for one in range(24)],  # no word twice
    ],
)
def test_where_there_is_nothing_to_group_there_are_no_themes(texts):
    assert find_themes(texts) == ()


def test_the_factors_are_not_negative_and_never_further_from_the_weights_than_the_start():
    weights = np.abs(np.random.default_rng(7).normal(size=(40, 12)))
    belongs, tells = _factors(weights, 3)
    assert belongs.min() >= 0
    assert tells.min() >= 0
    assert np.linalg.norm(tells, axis=1) == pytest.approx(1)
    left, sizes, right = np.linalg.svd(weights)
    best = np.linalg.norm(weights - (left[:, :3] * sizes[:3]) @ right[:3])
    error = np.linalg.norm(weights - belongs @ tells)
    assert best <= error <= 1.1 * best  # no product of rank 3 is nearer than the first
    exact = np.kron(np.eye(3), np.ones((5, 4)))
    assert np.linalg.norm(exact - np.matmul(*_factors(exact, 3))) < 0.01


@pytest.fixture
def written(engine):
    """The comments, of one office and month."""
    about = {"month": "2026-10", "office": "trieu-son", "sector": "land", "state": "new"}
    rows = [about | {"id": f"secret-{n}", "text": text} for n, text in enumerate([*TEXTS, RARE])]
    with engine.begin() as connection:
        connection.execute(insert(tables.comment), rows)
    return engine


def test_the_command_tells_them_and_its_file_names_no_comment(config, written, tmp_path):
    def run(*words: str):
        words = ("themes", "--period", "2026-10", *words, "--data", str(config.data))
        return CliRunner().invoke(cli, list(words))

    assert "chờ lâu" in run().output
    assert ": 40 comments" in run().output
    assert "No themes: there are 0" in run("--sector", "residence").output
    out = tmp_path / "themes.json"
    assert run("--out", str(out)).exit_code == 0
    text = out.read_text(encoding="utf-8")
    assert "secret-" not in text
    assert "Chờ lâu quá" not in text
    assert [len(theme["comments"]) for theme in json.loads(text)["themes"]] == [40, 25, 20]


def test_a_report_names_what_comments_speak_of_most_by_terms_of_enough_comments(written):
    terms = _theme(written, parse_period("2026-10"), {"trieu-son"})
    assert terms[0] == "chờ lâu"
    assert "buổi sáng" in terms  # in 16 comments
    assert "lượt" not in terms  # in 8
    assert _theme(written, parse_period("2026-10"), {"elsewhere"}) == ()
