"""A mail that cannot leave stops nothing, and the log says so."""

from django.core.mail import EmailMessage

from backoffice.kit.mails import mail_or_log
from tests.support.programs import free_port


def test_a_mail_that_cannot_leave_is_a_line_of_the_log(settings, caplog, mailoutbox):
    mail = EmailMessage("Hello", "Text", None, ["ada@example.com"])
    left = mail_or_log(mail, "A link")
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()

    stayed = mail_or_log(EmailMessage("Hello", "", None, ["a@example.com"]), "A link")

    assert (left, stayed) == (True, False)
    assert [one.subject for one in mailoutbox] == ["Hello"]
    assert caplog.messages == ["A link was not mailed: ConnectionRefusedError"]
