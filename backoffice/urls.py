from django.contrib import admin
from django.urls import include, path

from backoffice import worker
from backoffice.health import healthz
from backoffice.navigation import favicon
from orders.monitoring import healthz_sync

handler500 = "backoffice.broken_pages.handler500"

urlpatterns = [
    path("favicon.ico", favicon),
    path("healthz", healthz, name="healthz"),
    path("healthz/sync", healthz_sync, name="healthz_sync"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("worker/", admin.site.admin_view(worker.show), name="worker"),
    path("", admin.site.urls),
]
