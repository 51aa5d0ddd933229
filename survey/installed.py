"""Which questionnaire versions an installation has, and whether its counters fit them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from questionnaires import Questionnaire, QuestionnaireError, load_folder, shipped
from questionnaires.told import Told, joined
from survey.config import Config
from survey.errors import ConfigError, PlacesError
from survey.places import GENERAL, Places, shipped_places
from survey.told import sentence


@dataclass(frozen=True, slots=True)
class Worry:
    """Something that does not fit. An error leaves the office without results."""

    mark: Literal["warning", "error"]
    text: Told


def installed_questionnaires(config: Config) -> Mapping[str, Questionnaire]:
    """Return every questionnaire version by its key: the shipped ones and the office's own.

    Raises ConfigError listing every problem of the office's own files.
    """
    folder = config.questionnaires_folder
    try:
        own = load_folder(folder) if folder.is_dir() else {}
    except QuestionnaireError as error:
        raise ConfigError(error.args[0]) from error
    changed = [key for key in own if key in shipped() and own[key] != shipped()[key]]
    if changed:
        # Answers to the shipped wording must not turn into answers to another one.
        names = ", ".join(changed)
        raise ConfigError(sentence("worries.shipped_questionnaire", folder=folder, names=names))
    return {**shipped(), **own}


def check_counters(places: Places, questionnaires: Mapping[str, Questionnaire]) -> None:
    """Raise PlacesError, naming every counter, where a counter cannot ask its questionnaire."""
    problems = list(_misfits(places, questionnaires))
    if problems:
        raise PlacesError(joined(problems))


def _misfits(places: Places, questionnaires: Mapping[str, Questionnaire]) -> Iterable[str]:
    for counter in places.counter:
        questionnaire = questionnaires.get(counter.questionnaire)
        if questionnaire is None:
            known = ", ".join(sorted(questionnaires))
            given = {"counter": counter.id, "questionnaire": counter.questionnaire}
            yield sentence("places.not_installed", **given, known=known)
        elif questionnaire.about_sector and not counter.sectors:
            given = {"counter": counter.id, "questionnaire": questionnaire.key}
            yield sentence("places.needs_sector", **given)


def find_worries(
    config: Config, places: Places, questionnaires: Mapping[str, Questionnaire]
) -> Iterator[Worry]:
    """What does not fit together, though each part alone may be right.

    Said by `init`, `place load` and the doctor alike.
    """
    from analysis.problems import TargetsError
    from analysis.targets import load_targets

    if not config.simulated:
        for told in _shipped_names(places):
            yield Worry("warning", told)
    if not config.targets_file.exists():
        return
    try:
        targets = load_targets(config.targets_file)
    except TargetsError as error:
        yield Worry("error", sentence("worries.targets", why=error.args[0]))
        return
    known = {sector.id for sector in places.sector} | {GENERAL}
    asked = {counter.questionnaire for counter in places.counter} & set(questionnaires)
    measures = _measures(questionnaires[key] for key in asked)
    named = {group.id: group.sectors for group in targets.group}
    named |= {one.id: one.sectors for one in targets.target if one.sectors != "all"}
    for id_, sectors in named.items():
        missing = [sector for sector in sectors if sector not in known]
        if missing:
            words = {"missing": ", ".join(missing), "known": ", ".join(sorted(known))}
            yield Worry("warning", sentence("worries.target_sector", id=id_, **words))
    for target in targets.target:
        if target.measure not in measures:
            words = {"id": target.id, "measure": target.measure}
            yield Worry("warning", sentence("worries.target_measure", **words))


def _shipped_names(places: Places) -> Iterator[Told]:
    shipped = {office.name.vi for office in shipped_places().office}
    for office in places.office:
        if office.name.vi in shipped:
            yield sentence("worries.shipped_name", office=office.id, name=office.name.vi)


def _measures(questionnaires: Iterable[Questionnaire]) -> set[str]:
    found = {"overall", "index"}
    for questionnaire in questionnaires:
        for kind, entries in (("element", questionnaire.elements), ("item", questionnaire.items)):
            found |= {name for one in entries for name in (one.id, f"{kind}:{one.id}")}
    return found
