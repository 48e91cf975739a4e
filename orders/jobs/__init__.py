"""Long work that can be left, stopped, and gone on with after its process died."""

from orders.jobs.asking import ask_for_export, ask_for_slips, ask_to_stop, go_on
from orders.jobs.working import work_on

__all__ = ["ask_for_export", "ask_for_slips", "ask_to_stop", "go_on", "work_on"]
