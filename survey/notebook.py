"""Runs the monthly notebook in a kernel of this very Python and turns it into a page.

Owns the kernel, its folder and the page around the results. Computes nothing: the notebook does.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import IO, Any, Final

from analysis.errors import install
from analysis.reporting.render import page
from questionnaires.bilingual import Told
from survey.errors import HailongError
from survey.told import sentence

_REFUSALS: Final = frozenset(
    {"LayoutError", "PeriodError", "QuestionnaireError", "Refusal", "TargetsError"}
)
"""Errors that are about what the person gave; their own sentence is enough."""

CellProgress = Callable[[int, int], None]

_START_SECONDS: Final = 180  # an old office PC that is busy


def run_notebook(
    parameters: Mapping[str, Any],
    *,
    environment: Mapping[str, str] | None = None,
    progress: CellProgress | None = None,
) -> Any:
    """Run the monthly notebook from top to bottom and return it with its results.

    `parameters` replace those of its first cell; `environment` is added to the kernel's, for what
    must not be written into the notebook. `progress` is told at each cell how many of how many are
    done. Raises HailongError with the notebook's own reason.
    """
    papermill = _extra("papermill")
    notebook = _blank_notebook()
    with _workplace() as (folder, log), _quiet_logs():
        try:
            found = papermill.execute_notebook(
                notebook,
                None,
                parameters=dict(parameters),
                kernel_name="python3",
                language="python",
                progress_bar=False,
                cwd=folder,
                start_timeout=_START_SECONDS,
                kernel_manager_class=_this_python(folder, log, environment or {}),
                on_cell_start=_told(progress, len(notebook.cells)),
            )
        except papermill.exceptions.PapermillExecutionError as error:
            raise HailongError(_reason(error)) from error
        except RuntimeError as error:  # the kernel did not start, or died
            raise HailongError(sentence("notebook.stopped", why=_last_words(log, error))) from error
    return _cleaned(found)


def _told(progress: CellProgress | None, total: int) -> Callable[..., None] | None:
    """The runner's hook for a cell that starts."""
    if progress is None:
        return None

    def started(*, cell_index: int, **_cell: Any) -> None:
        progress(cell_index, total)

    return started


@contextmanager
def _workplace() -> Iterator[tuple[str, IO[bytes]]]:
    """A folder for the kernel's files, and one of them for what it says outside its cells."""
    with (
        tempfile.TemporaryDirectory(prefix="hailong-", ignore_cleanup_errors=True) as folder,
        (Path(folder) / "kernel.log").open("w+b") as log,
    ):
        yield folder, log


def _last_words(log: IO[bytes], error: RuntimeError) -> str:
    """Why a kernel died: the last line that it wrote, else what its manager saw."""
    log.seek(0)
    lines = log.read().decode("utf-8", errors="replace").split("\n")
    said = [line.strip() for line in lines if line.strip()]
    return said[-1] if said else str(error)


def _blank_notebook() -> Any:
    """The notebook as it is shipped."""
    nbformat = _extra("nbformat")
    text = (files("analysis") / "monthly.ipynb").read_text(encoding="utf-8")
    return nbformat.reads(text, as_version=4)


def _extra(name: str) -> ModuleType:
    """A module of the notebook extra, told of as such where it is not installed."""
    from importlib import import_module

    try:
        import_module("ipykernel")
        return import_module(name)
    except ImportError as error:
        words = {"name": error.name, "command": install("notebook")}
        raise HailongError(sentence("out.notebook", **words)) from error


def _this_python(folder: str, log: IO[bytes], environment: Mapping[str, str]) -> type:
    """A manager whose kernel is this interpreter, whatever kernels the machine has listed.

    Its files stay in `folder`, so that nothing is written into the person's home, and what its
    libraries print in `log`.
    """
    import zmq
    from ipykernel.kernelspec import get_kernel_dict
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    spec = KernelSpec(
        argv=[sys.executable, "-c", _launcher(), "-f", "{connection_file}", "--log-level=CRITICAL"],
        display_name="Python",
        language="python",
        env={"IPYTHONDIR": folder, **environment},
        metadata=get_kernel_dict().get("metadata", {}),  # tells whether it can encrypt
    )

    class ThisPython(AsyncKernelManager):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            if self.has_trait("transport_encryption") and zmq.has("curve"):
                self.transport_encryption = "auto"  # or any account of this machine could listen

        # Its own class makes it asynchronous, which the class above that does not tell.
        async def start_kernel(self, **options: Any) -> Any:  # type: ignore[override]
            return await super().start_kernel(stdout=log, stderr=log, **options)

        @property
        def kernel_spec(self) -> KernelSpec:
            return spec

    return ThisPython


def _launcher() -> str:
    """A kernel that finds the very modules of this process, installed or in a source folder."""
    path = [str(Path(entry).resolve()) for entry in sys.path]
    return (
        f"import sys; sys.path[:] = {path!r}; "
        "from ipykernel.kernelapp import launch_new_instance; launch_new_instance()"
    )


def _reason(error: Any) -> Told:
    """The sentence of what the notebook stopped at."""
    if error.ename in _REFUSALS:
        return sentence("notebook.refused", why=error.evalue)
    why = f"{error.ename}: {error.evalue}"
    return sentence("notebook.failed", cell=error.cell_index + 1, why=why)


@contextmanager
def _quiet_logs() -> Iterator[None]:
    """Papermill's log says again what the progress bar and our errors say."""
    import logging

    logger = logging.getLogger("papermill")
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


def _cleaned(notebook: Any) -> Any:
    """Without the runner's notes on folders and clock times."""
    notebook.metadata.pop("papermill", None)
    for cell in notebook.cells:
        for key in ("papermill", "execution"):
            cell.metadata.pop(key, None)
    return notebook


def notebook_text(notebook: Any) -> str:
    """The notebook with its results as an .ipynb file."""
    return f"{_extra('nbformat').writes(notebook).rstrip()}\n"


def in_one_language(notebook: Any, lang: str, parameters: Mapping[str, Any]) -> Any:
    """The notebook with the texts of one language, and these parameters in its first cell.

    What is not among them stays as it is shipped: no folder of this machine is named.
    """
    shown = notebook.copy()
    shown.cells = [
        cell
        for cell in notebook.cells
        if "injected-parameters" not in cell.metadata.get("tags", [])
        and (cell.cell_type == "code" or lang in cell.metadata.get("tags", []))
    ]
    first = next(cell for cell in shown.cells if "parameters" in cell.metadata.get("tags", []))
    first.source = "\n".join(_set(line, parameters) for line in first.source.split("\n"))
    return shown


def _set(line: str, parameters: Mapping[str, Any]) -> str:
    """A line of the first cell with the value that was given, its remark kept."""
    name, assigned, rest = line.partition(" = ")
    if not assigned or name not in parameters:
        return line
    _, mark, remark = rest.partition("  # ")
    return f"{name} = {parameters[name]!r}{mark}{remark}"


def notebook_page(notebook: Any, title: str, lang: str) -> str:
    """The results and the explanations in one language as a page that needs no other file."""
    exporter = _extra("nbconvert").HTMLExporter(
        template_name="basic",
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
    )
    shown = notebook.copy()
    shown.cells = [cell for cell in notebook.cells if _is_shown(cell, lang)]
    body, _resources = exporter.from_notebook_node(shown)
    return page(_HEADING.sub(_with_id, body), title=title, lang=lang)


_HEADING: Final = re.compile(r"<h2>([^<]+)</h2>")


def _with_id(heading: re.Match[str]) -> str:
    """A heading that the contents lead to, under the name that Jupyter gives it too."""
    title = heading[1]
    return f'<h2 id="{title.replace(" ", "-")}">{title}</h2>'


def _is_shown(cell: Any, lang: str) -> bool:
    """Results, and texts that are marked with this language and not for Jupyter alone."""
    if cell.cell_type == "code":
        return bool(cell.outputs)
    tags = cell.metadata.get("tags", [])
    return lang in tags and "jupyter" not in tags
