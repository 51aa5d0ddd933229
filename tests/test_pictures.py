"""Pictures of the documentation: each that is named is there, small and described; none is left."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "images"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PICTURES = sorted(path for path in FOLDER.rglob("*") if path.is_file())
LARGEST = 60_000  # bytes


def shown(page: Path) -> list[tuple[str, Path]]:
    """The pictures of a page: what is said of each, and its file."""
    found = re.findall(r"!\[([^\]]*)\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    return [(words, (page.parent / path).resolve()) for words, path in found]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_picture_of_a_page_is_there_and_described(page: Path) -> None:
    for words, file in shown(page):
        assert file.is_file(), file
        assert len(words) > 10, (words, file)


def test_every_picture_is_shown_somewhere_and_small() -> None:
    used = {file for page in PAGES for _, file in shown(page)}
    assert [file for file in PICTURES if file.resolve() not in used] == []
    assert [file for file in PICTURES if file.stat().st_size > LARGEST] == []
    assert len(used) > 15


def test_the_handbook_has_its_pages_and_every_link_between_documents_leads_somewhere() -> None:
    handbook = sorted((ROOT / "docs" / "officer").glob("*.md"))
    index = (ROOT / "docs" / "officer.md").read_text(encoding="utf-8")
    assert {path.name for path in handbook} == set(re.findall(r"\(officer/([\w-]+\.md)\)", index))
    for page in (ROOT / "docs" / "officer.md", *handbook):
        text = page.read_text(encoding="utf-8")
        for path, anchor in re.findall(r"\]\(([\w./-]*)(?:#([^)]+))?\)", text):
            target = page.parent / path if path else page
            assert target.exists(), (page.name, path)
            if anchor:
                assert anchor in anchors(target), (page.name, path, anchor)


def anchors(page: Path) -> set[str]:
    """What a link can name on a page: its headings, as they are written in addresses."""
    heads = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", head.lower()).strip().replace(" ", "-") for head in heads}
