from django.contrib import admin
from django.urls import path

from backoffice.health import healthz
from backoffice.site import account, worker
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
    path("worker/", admin.site.admin_view(worker.worker_page), name="worker"),
    path("", admin.site.urls),
]
