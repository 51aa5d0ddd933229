"""What starts the product on Windows, as far as that can be told without Windows."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

from survey.commands.serve import command

ROOT = Path(__file__).parents[1]
TASK = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"


def test_the_batch_file_has_the_line_ends_of_windows_and_every_label_that_it_goes_to():
    text = (ROOT / "start.bat").read_bytes().decode("utf-8")
    assert text.count("\n") == text.count("\r\n")
    gone_to = set(re.findall(r"goto (\w+)", text))
    assert gone_to <= set(re.findall(r"^:(\w+)\r$", text, re.MULTILINE))
    assert gone_to


def test_the_batch_file_installs_by_the_lock_and_uses_options_that_there_are():
    text = (ROOT / "start.bat").read_text("utf-8")
    assert "--require-hashes -r requirements.lock" in text
    (line,) = re.findall(r"hailong --lang vi serve (.*?) &&", text)
    known = {name for option in command.params for name in option.opts}
    assert {word for word in line.split() if word.startswith("--")} <= known


def test_the_task_of_windows_starts_with_the_machine_and_is_never_ended_for_its_time():
    task = ElementTree.parse(ROOT / "deploy" / "hailong-task.xml").getroot()
    assert task.find(f"{TASK}Triggers/{TASK}BootTrigger") is not None
    assert task.findtext(f"{TASK}Settings/{TASK}ExecutionTimeLimit") == "PT0S"
    assert task.findtext(f"{TASK}Principals/{TASK}Principal/{TASK}RunLevel") == "LeastPrivilege"
    words = task.findtext(f"{TASK}Actions/{TASK}Exec/{TASK}Arguments")
    assert words == r"serve --data C:\hailong\office"
