"""The published document: the full one with what may leave, and in place of the rest how many.

Owns the way from rows to published rows. What may leave is `rule`'s, in which steps `rounding`'s.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from analysis.counting.moments import Only
from analysis.design.pooling import Known, blocks_of
from analysis.design.scopes import ALL, GENERAL, SIDES, Scope, Survey
from analysis.disclosure.headcounts import read_people
from analysis.disclosure.rounding import Figures, rounded
from analysis.disclosure.rule import REST, Decision, Row, decide
from analysis.document import Document, EstimateRow, Section, VerdictRow, read_survey
from analysis.document_rows import Rows
from analysis.formulas.notes import Note
from analysis.problems import Problem, Refusal
from analysis.reading.layout import Responses
from analysis.reading.population import Population
