"""Refuse what is larger than anything one uploads, before it is read."""

from typing import IO, Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

# Several times the largest file that is taken, so that its page can say what is wrong.
MOST_BYTES = 20 * 1024 * 1024


class BoundedBody(FileUploadHandler):
    """The first of the upload handlers: it lets no body through that is too large.

    Without it, whoever finds the sign-in page could fill the disk with a file.
    """

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        # The parser reads no more than the length that is claimed.
        if content_length > MOST_BYTES:
            raise RequestDataTooBig("The body is larger than any file taken here.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> Any:
        """Leave the file to the next handler."""
