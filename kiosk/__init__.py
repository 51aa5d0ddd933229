"""The tablet at the counter: its pages, its app, and the way its answers come in.

Owns what the tablet shows and sends. Never imports `survey`, knows no database and no clock:
`make_blueprint` is handed the two functions that do.
"""

from kiosk.blueprint import make_blueprint
from kiosk.records import KioskResponse, Problem, Receipt
from kiosk.station import Station, Timing

__all__ = ["KioskResponse", "Problem", "Receipt", "Station", "Timing", "make_blueprint"]
