"""Tell the marketplace what has shipped: what is sent, judged and kept of it."""

from orders.notifying.outbox import send_tracking
from orders.notifying.waiting import request_sending

__all__ = ["request_sending", "send_tracking"]
