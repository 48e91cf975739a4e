"""Who may what, as README's table of the three groups says it, address by address."""

from tests.support.every_page import Action

# What somebody needs, who has no permission to need.
ANYONE, STAFF, SUPERUSER = "to be anybody", "to be staff", "to be a superuser"
OWNER = "to have asked for it"
# What nobody gets: the first is refused, the second no method of that address.
NOBODY, NOT_TAKEN = "nobody may", "not taken"

SEE = {
    "stores": ["store"],
    "orders": [
        "order",
        "lineitem",
        "shipment",
        "importrun",
        "importproblem",
        "correction",
        "orderevent",
        "packingslip",
    ],
}
VIEWER = {f"{app}.view_{model}" for app, models in SEE.items() for model in models}
SHIPPER = VIEWER | {
    "orders.ship_order",
    "orders.send_tracking",
    "orders.view_sending",
    "orders.view_trackingfile",
    "stores.import_now",
}
MANAGER = SHIPPER | {
    "orders.override_amber",
    "orders.export_orders",
    "orders.view_alert",
    "stores.add_store",
    "stores.change_store",
    "stores.replace_token",
}
GROUPS = {"viewer": VIEWER, "shipper": SHIPPER, "manager": MANAGER}

SHIP, SEND, IMPORT = "orders.ship_order", "orders.send_tracking", "stores.import_now"
EXPORT, TOKEN = "orders.export_orders", "stores.replace_token"
ORDERS, STORES = "orders.view_order", "stores.view_store"
RUNS, SETTINGS = "orders.view_importrun", "stores.change_store"
AUDIT, BUYERS = "backoffice.view_auditentry", "orders.erase_buyer"

# What the list, a row's page and its history need; adding, changing, deleting one.
ROWS = {
    "auth_user": (SUPERUSER, SUPERUSER, SUPERUSER, SUPERUSER),
    "auth_group": (SUPERUSER, SUPERUSER, SUPERUSER, SUPERUSER),
    "backoffice_auditentry": (AUDIT, NOBODY, NOBODY, NOBODY),
    "backoffice_failedtries": (SUPERUSER, NOBODY, NOBODY, NOBODY),
    "django_q_schedule": (SUPERUSER, NOBODY, SUPERUSER, NOBODY),
    "django_q_success": (SUPERUSER, NOBODY, NOBODY, NOBODY),
    "django_q_failure": (SUPERUSER, NOBODY, NOBODY, NOBODY),
    "django_q_ormq": (SUPERUSER, NOBODY, NOBODY, NOBODY),
    "orders_order": (ORDERS, NOBODY, NOBODY, NOBODY),
    "orders_shipment": ("orders.view_shipment", NOBODY, NOBODY, NOBODY),
    "orders_importrun": (RUNS, NOBODY, NOBODY, NOBODY),
    "orders_importproblem": ("orders.view_importproblem", NOBODY, NOBODY, NOBODY),
    "orders_sending": ("orders.view_sending", NOBODY, NOBODY, NOBODY),
    "orders_trackingfile": (SHIP, NOBODY, SHIP, NOBODY),
    "orders_job": (STAFF, NOBODY, NOBODY, NOBODY),
    "stores_store": (STORES, "stores.add_store", SETTINGS, NOBODY),
}
# What opening and posting to any other address needs.
PAGES = {
    "favicon.ico": (ANYONE, ANYONE),
    "healthz": (ANYONE, NOT_TAKEN),
    "healthz_sync": (ANYONE, NOT_TAKEN),
    "set_language": (NOT_TAKEN, ANYONE),
    "account": (STAFF, STAFF),
    "worker": (STAFF, NOT_TAKEN),
    "login/": (ANYONE, ANYONE),
    "sign_in_code": (ANYONE, ANYONE),
    "sign_in_passkey": (NOT_TAKEN, ANYONE),
    "sign_in_question": (NOT_TAKEN, ANYONE),
    "logout/": (NOT_TAKEN, ANYONE),
    "password_reset": (ANYONE, ANYONE),
    "password_reset_done": (ANYONE, ANYONE),
    "password_reset_confirm": (ANYONE, ANYONE),
    "password_again": (STAFF, STAFF),
    "password_change/": (STAFF, STAFF),
    "security": (STAFF, NOT_TAKEN),
    "end_sessions": (NOT_TAKEN, STAFF),
    "second_factor": (STAFF, STAFF),
    "recovery_codes": (STAFF, STAFF),
    "remove_second_factor": (STAFF, STAFF),
    "add_passkey": (STAFF, STAFF),
    "passkey_question": (NOT_TAKEN, STAFF),
    "remove_passkey": (STAFF, STAFF),
    "index": (STAFF, STAFF),
    "search": (STAFF, STAFF),
    "login": (ANYONE, ANYONE),
    "logout": (NOT_TAKEN, ANYONE),
    "password_change": (STAFF, STAFF),
    "password_change_done": (STAFF, NOT_TAKEN),
    # No form of ours completes what is typed.
    "autocomplete": (NOBODY, NOT_TAKEN),
    "jsi18n": (STAFF, NOT_TAKEN),
    "app_list": (STAFF, STAFF),
    "auth_user_password_change": (SUPERUSER, SUPERUSER),
    "auth_user_end_sessions": (SUPERUSER, SUPERUSER),
    "auth_user_remove_second_factor": (SUPERUSER, SUPERUSER),
    "orders_importrun_progress": (RUNS, RUNS),
    "orders_importrun_run_here": (NOT_TAKEN, IMPORT),
    "orders_job_progress": (OWNER, OWNER),
    "orders_job_stop": (NOT_TAKEN, OWNER),
    "orders_job_go_on": (NOT_TAKEN, OWNER),
    "orders_job_here": (NOT_TAKEN, OWNER),
    "orders_job_file": (OWNER, OWNER),
    "orders_order_slips": (SHIP, SHIP),
    "orders_order_pick_list": (SHIP, SHIP),
    "orders_order_ship_grid": (SHIP, SHIP),
    "orders_order_find": (ORDERS, NOT_TAKEN),
    "orders_order_address": (ORDERS, SHIP),
    "orders_order_accounting": (RUNS, NOT_TAKEN),
    "orders_order_accounting_rows": (RUNS, NOT_TAKEN),
    "orders_order_accounting_state": (RUNS, NOT_TAKEN),
    "orders_order_accounting_file": (EXPORT, NOT_TAKEN),
    "orders_order_accounting_reconcile": (NOT_TAKEN, IMPORT),
    "backoffice_auditentry_export": (AUDIT, AUDIT),
    "orders_order_buyers": (BUYERS, BUYERS),
    "orders_order_work": (ORDERS, NOT_TAKEN),
    "orders_order_work_mark": (NOT_TAKEN, SHIP),
    "orders_order_note": (NOT_TAKEN, SHIP),
    "orders_order_assign": (NOT_TAKEN, SHIP),
    "orders_order_email": (NOT_TAKEN, SHIP),
    "orders_order_import_now": (IMPORT, IMPORT),
    "orders_order_export": (EXPORT, EXPORT),
    "orders_order_ship": (SHIP, SHIP),
    "orders_order_hold_order": (SHIP, SHIP),
    "orders_order_release": (SHIP, SHIP),
    "orders_order_send": (SEND, SEND),
    "orders_order_import_again": (IMPORT, IMPORT),
    "orders_shipment_export": (EXPORT, EXPORT),
    "orders_shipment_send": (SEND, SEND),
    "orders_shipment_correct": (SHIP, SHIP),
    "orders_sending_ask": (NOT_TAKEN, SEND),
    "orders_sending_progress": (SEND, SEND),
    "orders_sending_confirm": (NOT_TAKEN, SEND),
    "orders_sending_look_again": (NOT_TAKEN, SEND),
    "orders_sending_look_here": (NOT_TAKEN, SEND),
    "orders_trackingfile_columns": (NOT_TAKEN, SHIP),
    "orders_trackingfile_leave_out": (NOT_TAKEN, SHIP),
    "orders_trackingfile_take": (NOT_TAKEN, SHIP),
    "orders_trackingfile_refused": (SHIP, SHIP),
    "orders_trackingfile_upload": (SHIP, SHIP),
    "stores_store_gap": (NOT_TAKEN, IMPORT),
    # Posted to, it shows the mail that unsaved settings make.
    "stores_store_mail": (STORES, STORES),
    "stores_store_replay": (SETTINGS, SETTINGS),
    "stores_store_words_of_status": (SETTINGS, SETTINGS),
    "stores_store_import_orders": (IMPORT, IMPORT),
    "stores_store_replace_token": (TOKEN, TOKEN),
    "stores_store_disconnect_store": (TOKEN, TOKEN),
}
# What the steps of lists need; deleting rows needs what deleting one does.
STEPS = {
    "ship_chosen": SHIP,
    "print_chosen": SHIP,
    "send_chosen": SEND,
    "hold_chosen": SHIP,
    "release_chosen": SHIP,
    "assign_chosen": SHIP,
    "import_again": IMPORT,
    "import_now": IMPORT,
    "end_lock_outs": SUPERUSER,
}


class NobodyHasSaid(Exception):
    """A new address, list or step, whose rights are not in the tables."""


def needs(name: str) -> tuple[str, str]:
    """Return what opening an address and posting to it needs."""
    name = name.removeprefix("admin:")
    if name in PAGES:
        return PAGES[name]
    if name.endswith("/<path:object_id>/"):
        # An old address of a row, which leads to its page.
        return STAFF, STAFF
    model, _, kind = name.rpartition("_")
    kinds = {"changelist": (0, 0), "history": (0, 0), "change": (0, 2)}
    kinds |= {"add": (1, 1), "delete": (3, 3)}
    if model not in ROWS or kind not in kinds:
        raise NobodyHasSaid(
            f"Nobody has said who may open “{name}”: enter it in PAGES of "
            "tests/support/rights.py with what a GET and a POST need, or its list in "
            "ROWS."
        )
    opening, posting = kinds[kind]
    return ROWS[model][opening], ROWS[model][posting]


def needs_for(step: Action) -> str:
    """Return what a step of a list needs."""
    if step.name == "delete_selected":
        return ROWS[step.model._meta.label_lower.replace(".", "_")][3]
    if step.name not in STEPS:
        raise NobodyHasSaid(
            f"Nobody has said who may take the step “{step.name}” of a list: enter it "
            "in STEPS of tests/support/rights.py."
        )
    return STEPS[step.name]
