from django.contrib import admin
from django.urls import include, path

from backoffice.health import healthz
from backoffice.site import worker
from backoffice.site.monitoring import healthz_sync
from backoffice.site.navigation import favicon

handler500 = "backoffice.site.broken_pages.handler500"

urlpatterns = [
    path("favicon.ico", favicon),
    path("healthz", healthz, name="healthz"),
    path("healthz/sync", healthz_sync, name="healthz_sync"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("worker/", admin.site.admin_view(worker.worker_page), name="worker"),
    path("", admin.site.urls),
]
