from django.contrib import admin
from django.urls import include, path

from backoffice.health import healthz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("", admin.site.urls),
]
