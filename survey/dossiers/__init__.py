"""The population: how many dossiers were completed, from the one-stop system's monthly export.

Pure rules, but for `sheets`, which opens files. Knows no database and no clock. Dossier codes are
looked at only to find one that is given twice: nothing here returns, keeps or shows one.
"""

from survey.dossiers.count import Counted, PopulationCount

__all__ = ["Counted", "PopulationCount"]
