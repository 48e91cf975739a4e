"""Tell the marketplace what has shipped: what is sent, judged and kept of it."""

from orders.notifying.outbox import request_sending, send_tracking

__all__ = ["request_sending", "send_tracking"]
