"""Who may take the steps of a list; Django's list actions ask by such methods."""

from backoffice.kit.admin import StaffRequest


class StepPermissions:
    def has_ship_permission(self, request: StaffRequest) -> bool:
        return request.user.has_perm("orders.ship_order")

    def has_send_permission(self, request: StaffRequest) -> bool:
        return request.user.has_perm("orders.send_tracking")

    def has_import_now_permission(self, request: StaffRequest) -> bool:
        return request.user.has_perm("stores.import_now")
