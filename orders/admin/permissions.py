"""Who may take the steps of a list; Django's list actions ask by such methods."""

from django.db.models import Model

from backoffice.kit.admin import StaffRequest


def may_see(request: StaffRequest, model: type[Model]) -> bool:
    """Whether this person may see the rows of a model."""
    options = model._meta
    return request.user.has_perm(f"{options.app_label}.view_{options.model_name}")


class StepPermissions:
    def has_ship_permission(self, request: StaffRequest) -> bool:
        return request.user.has_perm("orders.ship_order")

    def has_send_permission(self, request: StaffRequest) -> bool:
        return request.user.has_perm("orders.send_tracking")

    def has_import_now_permission(self, request: StaffRequest) -> bool:
        return request.user.has_perm("stores.import_now")
