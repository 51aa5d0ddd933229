"""Questionnaires in the making: kept in the data folder, one editor at a time, until published.

Each draft is a file of its own (`drafts/desk.v3.json`), there whole or not at all. Owns publishing
one: its file beside the office's own questionnaires, then the database, then the draft goes. Cut
anywhere, publishing again goes on from there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any, Final

from sqlalchemy import Engine

from questionnaires import Questionnaire, QuestionnaireError, drafting
from questionnaires.drafting import Draft, Task
from questionnaires.writing import questionnaire_text
from survey.config import Config
from survey.errors import HailongError
from survey.files import make_folder, write_whole
from survey.places import installed_questionnaires
from survey.store.questionnaires import published_questionnaires
from survey.store.staff_actions import By, noted
from survey.store.views import publish
from survey.turns import turn

NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}\.v[1-9][0-9]{0,3}")
HIGHEST: Final = 9999
_CONTENT: Final = {"id", "version", "title", "intro", "source", "about_sector", "scale", "item"}


class DraftRefused(Exception):
    """What was asked for cannot be done with a draft: the key of a sentence, and its words."""

    def __init__(self, key: str, **words: object) -> None:
        super().__init__(key)
        self.key, self.words = key, words


def list_drafts(config: Config) -> dict[str, Draft | None]:
    """Return the drafts by name; None for a file that cannot be read as one."""
    found = sorted(config.drafts_folder.glob("*.json"))
    names = [file.stem for file in found if NAME.fullmatch(file.stem)]
    return {name: load_draft(config, name) for name in names}


def load_draft(config: Config, name: str) -> Draft | None:
    """Return a draft, None where there is none that can be read."""
    if not NAME.fullmatch(name):
        return None
    try:
        kept = json.loads((config.drafts_folder / f"{name}.json").read_text(encoding="utf-8"))
        draft = Draft(**kept)
        whole = draft.content.keys() >= _CONTENT and draft.name == name
    except (OSError, ValueError, TypeError, AttributeError):
        return None
    return draft if whole else None


def _save(config: Config, draft: Draft) -> None:
    text = json.dumps(asdict(draft), ensure_ascii=False, indent=1)
    try:
        write_whole(config.drafts_folder / f"{draft.name}.json", text)
    except OSError as error:
        raise DraftRefused("cannot", why=error.strerror or error) from error


def _remove(config: Config, name: str) -> None:
    try:
        (config.drafts_folder / f"{name}.json").unlink(missing_ok=True)
    except OSError as error:
        raise DraftRefused("cannot", why=error.strerror or error) from error


@contextmanager
def _alone(config: Config) -> Iterator[None]:
    try:
        make_folder(config.drafts_folder)
    except OSError as error:
        raise DraftRefused("cannot", why=error.strerror or error) from error
    with turn(config.drafts_folder / "drafts.turn") as mine:
        if not mine:
            raise DraftRefused("busy")
        yield


def next_version(config: Config, engine: Engine, id_: str) -> int:
    """Return the version that a new draft of this id has: one above all that there are."""
    known = [*known_questionnaires(config, engine).values()]
    versions = [one.version for one in known if one.id == id_]
    begun = [name.rpartition(".v") for name in list_drafts(config)]
    versions += [int(version) for name, _, version in begun if name == id_]
    return max(versions, default=0) + 1


def known_questionnaires(config: Config, engine: Engine) -> dict[str, Questionnaire]:
    """Return every version whose key is taken: published, or a file that waits to be."""
    try:
        installed: Mapping[str, Questionnaire] = installed_questionnaires(config)
    except HailongError:
        installed = {}  # a broken file of the office's own; publishing tells which
    return {**installed, **published_questionnaires(engine)}


def make_draft(config: Config, engine: Engine, key: str, own_name: str, by: By) -> Draft:
    """Copy a published version into a draft: its next version, or one under a name of its own.

    ``own_name``: what the new questionnaire is called, empty for the next version. Raises
    DraftRefused.
    """
    known = known_questionnaires(config, engine)
    source = published_questionnaires(engine).get(key)
    if source is None:
        raise DraftRefused("gone_source")
    with _alone(config):
        taken = {one.id for one in known.values()}
        taken |= {name.rpartition(".v")[0] for name in list_drafts(config)}
        id_ = drafting.free_name(own_name, taken, "-") if own_name else source.id
        draft = drafting.copied(source, id_, next_version(config, engine, id_))
        if draft.content["version"] > HIGHEST:
            raise DraftRefused("no_version", most=HIGHEST)
        if own_name:
            title = drafting.words(own_name, "")
            head = drafting.Part("head")
            draft = drafting.put(draft, head, {**(draft.table(head) or {}), "title": title})
        with noted(engine, by, "draft_made", questionnaire=draft.key, source=key):
            _save(config, draft)
    return draft


def add_draft(
    config: Config, engine: Engine, content: Mapping[str, Any], source: str, by: By
) -> Draft:
    """Keep what a file asks as a draft: the next version of its id, compared with the newest one.

    ``source``: the name of the file, for the log. Raises DraftRefused.
    """
    id_ = drafting.free_name(str(content["id"]), (), "-")
    versions = [one for one in published_questionnaires(engine).values() if one.id == id_]
    with _alone(config):
        version = next_version(config, engine, id_)
        if version > HIGHEST:
            raise DraftRefused("no_version", most=HIGHEST)
        former = versions[-1].key if versions else None
        draft = Draft({**content, "id": id_, "version": version}, former)
        with noted(engine, by, "draft_made", questionnaire=draft.key, source=source):
            _save(config, draft)
    return draft


def change_draft(
    config: Config, name: str, was: str | None, change: Callable[[Draft], Draft]
) -> Draft:
    """Change a draft that has not changed since it was shown, when its digest was `was`.

    Raises DraftRefused: "changed" where somebody has edited it since, "gone" where it went.
    """
    with _alone(config):
        draft = load_draft(config, name)
        if draft is None:
            raise DraftRefused("gone")
        if was is not None and was != draft.digest:
            raise DraftRefused("changed")
        draft = change(draft)
        _save(config, draft)
    return draft


def drop_draft(config: Config, engine: Engine, name: str, by: By) -> None:
    """Delete a draft. Raises DraftRefused."""
    key = "@".join(name.rsplit(".v", 1))
    with _alone(config), noted(engine, by, "draft_dropped", questionnaire=key):
        _remove(config, name)


def open_tasks(draft: Draft, published: Mapping[str, Questionnaire]) -> list[Task]:
    """Return what keeps a draft from being published."""
    return [task for task in drafting.tasks(draft, published) if not task.done]


def publish_draft(config: Config, engine: Engine, name: str, was: str, by: By) -> Questionnaire:
    """Publish a draft: from then on it never changes, and counters can ask it.

    Raises DraftRefused, also where a task is open ("open"); HailongError where another file of the
    office's own is wrong. The draft stays then.
    """
    with _alone(config):
        draft = load_draft(config, name)
        if draft is None:
            raise DraftRefused("gone")
        if was != draft.digest:
            raise DraftRefused("changed")
        if open_tasks(draft, published_questionnaires(engine)):
            raise DraftRefused("open")
        try:
            made = drafting.finished(draft)
        except QuestionnaireError as error:  # a task said so before
            raise DraftRefused("open") from error
        known = known_questionnaires(config, engine).get(made.key)
        if known is not None and known.fingerprint != made.fingerprint:
            raise DraftRefused("taken", questionnaire=made.key)
        file = config.questionnaires_folder / f"{name}.toml"
        new = not file.exists()
        try:
            make_folder(config.questionnaires_folder)
            write_whole(file, questionnaire_text(made))
        except OSError as error:
            raise DraftRefused("cannot", why=error.strerror or error) from error
        try:
            publish(engine, installed_questionnaires(config).values(), by)
        except HailongError:
            if new:
                file.unlink(missing_ok=True)
            raise
        _remove(config, name)
    return made
