"""docs/notebook.md says what the command and the notebook really have."""

from __future__ import annotations

import re
from pathlib import Path

import analysis
from survey.commands.notebook import command

TEXT = (Path(__file__).parents[3] / "docs" / "notebook.md").read_text(encoding="utf-8")


def test_every_option_is_in_the_document_and_no_other():
    options = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    assert set(re.findall(r"--[a-z]+", TEXT)) == options


def test_it_names_the_verbs_that_there_are():
    (verbs,) = re.findall(r"các động từ (.*?) của", TEXT)
    assert set(re.findall(r"`([a-z]+)`", verbs)) <= set(analysis.__all__)
