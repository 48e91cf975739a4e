from django.contrib import admin
from django.urls import path

from backoffice.health import healthz
from backoffice.site import account, passkeys, passwords, security, sign_in, worker
from backoffice.site.monitoring import healthz_sync
from backoffice.site.navigation import favicon

handler400 = "backoffice.site.error_pages.bad_request"
handler403 = "backoffice.site.error_pages.permission_denied"
handler404 = "backoffice.site.error_pages.page_not_found"
handler500 = "backoffice.site.broken_pages.handler500"

urlpatterns = [
    path("favicon.ico", favicon),
    path("healthz", healthz, name="healthz"),
    path("healthz/sync", healthz_sync, name="healthz_sync"),
    path("i18n/setlang/", account.set_language, name="set_language"),
    path("account/", admin.site.admin_view(account.account_page), name="account"),
    path("login/", sign_in.log_in),
    path("login/code/", sign_in.code_view, name="sign_in_code"),
    path("login/passkey/", passkeys.sign_in_passkey_view, name="sign_in_passkey"),
    path(
        "login/passkey/question/",
        passkeys.sign_in_question_view,
        name="sign_in_question",
    ),
    path("logout/", sign_in.log_out),
    path("password/reset/", passwords.ask_for_link_view, name="password_reset"),
    path("password/reset/done/", passwords.chosen_view, name="password_reset_done"),
    path(
        "password/reset/<uidb64>/<token>/",
        passwords.ChooseAnew.as_view(),
        name="password_reset_confirm",
    ),
    *(
        path(route, admin.site.admin_view(view), name=name)
        for route, view, name in [
            ("password/", sign_in.password_view, "password_again"),
            ("password_change/", passwords.change_password, None),
            ("account/security/", security.security_page, "security"),
            ("account/sessions/", security.end_sessions_view, "end_sessions"),
            ("account/second-factor/", security.second_factor_page, "second_factor"),
            (
                "account/second-factor/codes/",
                security.recovery_codes_view,
                "recovery_codes",
            ),
            (
                "account/second-factor/remove/",
                security.remove_second_factor_view,
                "remove_second_factor",
            ),
            ("account/passkeys/", passkeys.add_passkey_page, "add_passkey"),
            (
                "account/passkeys/question/",
                passkeys.passkey_question_view,
                "passkey_question",
            ),
            (
                "account/passkeys/remove/",
                passkeys.remove_passkey_view,
                "remove_passkey",
            ),
        ]
    ),
    path("worker/", admin.site.admin_view(worker.worker_page), name="worker"),
    path("", admin.site.urls),
]
