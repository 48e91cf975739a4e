"""Write the first .env: secrets of its own, and the practice marketplace's address."""

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

ENV_FILE = Path(__file__).resolve().parents[2] / ".env"

TEMPLATE = """\
# Written once by “make run”. .env.example explains every setting.
SECRET_KEY={secret_key}
TOKEN_ENCRYPTION_KEYS={fernet_key}
DEBUG=True
# The practice marketplace. For the real Tophatter delete this line and DEBUG=True.
TOPHATTER_API_URL=http://127.0.0.1:8700/merchant_api/v1
"""


def write_env(path: Path = ENV_FILE) -> bool:
    """Write the file unless it is there and return whether it was written."""
    if path.exists():
        return False
    # Beside it first: a half-written file would never be written again.
    draft = path.with_name(".env.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(
            TEMPLATE.format(
                secret_key=secrets.token_urlsafe(50),
                fernet_key=Fernet.generate_key().decode(),
            )
        )
    draft.replace(path)
    return True


if __name__ == "__main__":
    write_env()
