"""Send a mail that nobody waits for."""

import logging
from smtplib import SMTPException

from django.core.mail import EmailMessage

logger = logging.getLogger(__name__)


def mail_or_log(mail: EmailMessage, what: str) -> bool:
    """Send a mail and return whether it left; a line of the log says if it did not.

    Without what the server answers, which may repeat a login.
    """
    try:
        mail.send()
    except (OSError, SMTPException) as error:
        logger.warning("%s was not mailed: %s", what, type(error).__name__)
        return False
    return True
