"""The tablet at the counter: its app, who it is, and the way its answers come in.

Owns what the tablet shows and sends. Never imports `survey`, knows no database and no clock:
`make_blueprint` is handed an `Office` that does.
"""

from kiosk.blueprint import make_blueprint, render_preview
from kiosk.devices import Device, Heartbeat
from kiosk.office import Backend, Outcome
from kiosk.records import FieldProblem, KioskResponse, Receipt
from kiosk.station import Phone, Station, Timing

__all__ = [
    "Backend",
    "Device",
    "FieldProblem",
    "Heartbeat",
    "KioskResponse",
    "Outcome",
    "Phone",
    "Receipt",
    "Station",
    "Timing",
    "make_blueprint",
    "render_preview",
]
