"""Which questionnaire versions an installation has, and whether its counters fit them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from questionnaires import Questionnaire, QuestionnaireError, load_folder, shipped
from survey.config import Config
from survey.errors import ConfigError, PlacesError
from survey.places import Places


def installed_questionnaires(config: Config) -> Mapping[str, Questionnaire]:
    """Return every questionnaire version by its key: the shipped ones and the office's own.

    Raises ConfigError listing every problem of the office's own files.
    """
    folder = config.questionnaires_folder
    try:
        own = load_folder(folder) if folder.is_dir() else {}
    except QuestionnaireError as error:
        raise ConfigError(str(error)) from error
    changed = [key for key in own if key in shipped() and own[key] != shipped()[key]]
    if changed:
        # Answers to the shipped wording must not turn into answers to another one.
        raise ConfigError(
            f"{folder}: {', '.join(changed)} is a shipped questionnaire with another content; "
            "give the changed one an id or a version of its own"
        )
    return {**shipped(), **own}


def check_counters(places: Places, questionnaires: Mapping[str, Questionnaire]) -> None:
    """Raise PlacesError, naming every counter, where a counter cannot ask its questionnaire."""
    problems = list(_misfits(places, questionnaires))
    if problems:
        raise PlacesError("\n".join(problems))


def _misfits(places: Places, questionnaires: Mapping[str, Questionnaire]) -> Iterable[str]:
    for counter in places.counter:
        questionnaire = questionnaires.get(counter.questionnaire)
        if questionnaire is None:
            known = ", ".join(sorted(questionnaires))
            yield (
                f"counter '{counter.id}': questionnaire '{counter.questionnaire}' is not "
                f"installed; use one of: {known}"
            )
        elif questionnaire.about_sector and not counter.sectors:
            yield (
                f"counter '{counter.id}': {questionnaire.key} is about one sector, and the "
                'counter has none; add  sectors = ["…"]'
            )
