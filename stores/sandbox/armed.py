"""Faults that wait for a call, at whatever is practised with."""

from collections.abc import Mapping
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

    # What each fault is about unless told otherwise, by its name; None for any call.
    known_faults: Mapping[str, str | None] = {}

    def __init__(self) -> None:
        self.lock = RLock()
        self.faults: list[Fault] = []

    def fault(
        self, name: str, times: int | None = 1, on: str | None = None, **options: Any
    ) -> None:
        """Arm a fault for the next `times` calls to `on`, for all calls when None.

        Left out, `on` is what the fault is about.
        """
        if name not in self.known_faults:
            known = ", ".join(self.known_faults)
            raise ValueError(f"There is no fault {name!r}: {known}.")
        about = on or self.known_faults[name]
        self.faults.append(Fault(name, times, about, options))

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
