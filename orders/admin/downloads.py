"""Files that leave by the browser, each noted in the audit."""

from collections.abc import Iterable

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from backoffice.kit.admin import StaffRequest
from backoffice.kit.sheets import FORMATS
from orders.exporting import note_export

CONTENT_TYPES = {
    "pdf": "application/pdf",
    "json": "application/json; charset=utf-8",
} | {name: written.content_type for name, written in FORMATS.items()}


def hand_over(
    request: StaffRequest,
    name: str,
    content: Iterable[bytes] | str,
    rows: int,
    filters: str = "",
) -> HttpResponseBase:
    """Return a file of so many rows under this name, and note that it left."""
    note_export(name, rows, filters, request)
    kind = HttpResponse if isinstance(content, str) else StreamingHttpResponse
    return kind(
        content,
        content_type=CONTENT_TYPES[name.rpartition(".")[2]],
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
