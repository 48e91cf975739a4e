"""The project's own pages in the admin."""

from backoffice.admin import people, queue

__all__ = ["people", "queue"]
