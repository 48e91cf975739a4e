"""Faults that wait for a call, at whatever is practised with."""

from dataclasses import dataclass, field
from threading import RLock
from typing import Any


@dataclass
class Fault:
    """One armed fault: for calls to `on` (all when None), `times` often (None: on)."""

    name: str
    times: int | None = 1
    on: str | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def matches(self, resource: str) -> bool:
        return self.on is None or self.on == resource


class Armed:
    """Something with a lock that faults can be armed at."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.faults: list[Fault] = []

    def clear_faults(self) -> None:
        self.faults.clear()

    def take_fault(self, resource: str) -> Fault | None:
        """Return the fault that this call meets, and count it."""
        with self.lock:
            fault = next((one for one in self.faults if one.matches(resource)), None)
            if fault and fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
            return fault
