"""The tablet at the counter: its app, who it is, and the way its answers come in.

Owns what the tablet shows and sends. Never imports `survey`, knows no database and no clock:
`make_blueprint` is handed an `Office` that does.
"""

from kiosk.blueprint import make_blueprint
from kiosk.devices import Device, Heartbeat
from kiosk.office import Office, Outcome
from kiosk.records import KioskResponse, Problem, Receipt
from kiosk.station import Station, Timing

__all__ = [
    "Device",
    "Heartbeat",
    "KioskResponse",
    "Office",
    "Outcome",
    "Problem",
    "Receipt",
    "Station",
    "Timing",
    "make_blueprint",
]
