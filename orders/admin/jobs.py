"""Long work: who asked for it, and how far it has come."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.urls import URLPattern
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from backoffice.kit.admin import RecordAdmin, StaffRequest
from orders.admin import job_page
from orders.labels import label
from orders.models import Job


@admin.register(Job)
class JobAdmin(RecordAdmin):
    list_display = ["asked_at", "work", "asked_by", "state", "progress"]
    ordering = ["-id"]
    change_form_outer_before_template = "orders/job_progress.html"
    fields = ["asked_by", "asked_at", "finished_at"]
    describe = staticmethod(job_page.describe)

    def get_urls(self) -> list[URLPattern]:
        return [*job_page.urls(self), *super().get_urls()]

    def get_queryset(self, request: StaffRequest) -> QuerySet[Job]:
        return job_page.jobs_for(request)

    def has_view_permission(self, request: StaffRequest, obj: Any = None) -> bool:
        """Whose rows there are to see, `jobs_for` says."""
        return request.user.is_staff

    has_module_permission = has_view_permission

    @display(description=_("work"))
    def work(self, job: Job) -> str:
        return job_page.words_for(job)

    @display(description=_("state"))
    def state(self, job: Job) -> str:
        return label(*job_page.state_of(job))

    @display(description=_("done"))
    def progress(self, job: Job) -> str:
        return f"{number_format(job.done)} / {number_format(job.total)}"
