"""Three groups to put people in; an administrator may change them afterwards.

None has a permission on users or groups: who may change users can make himself a
superuser.
"""

from django.contrib.auth.management import create_permissions
from django.db import migrations

SHOWN = {
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
VIEWER = [f"{app}.view_{model}" for app, models in SHOWN.items() for model in models]
SHIPPER = [
    *VIEWER,
    "orders.ship_order",
    "orders.send_tracking",
    "orders.view_sending",
    "orders.view_trackingfile",
    "stores.import_now",
]
MANAGER = [
    *SHIPPER,
    "orders.override_amber",
    "orders.export_orders",
    "orders.view_alert",
    "stores.add_store",
    "stores.change_store",
    "stores.replace_token",
]
GROUPS = {"viewer": VIEWER, "shipper": SHIPPER, "manager": MANAGER}


def make_groups(apps, schema_editor):
    """Make the groups and give them what they lack; nothing is taken from them."""
    database = schema_editor.connection.alias
    for label in SHOWN:
        app = apps.get_app_config(label)
        # Otherwise permissions come after all migrations. An app as migrations see it
        # has no module of models, and would be passed over.
        app.models_module = getattr(app, "models_module", True)
        create_permissions(app, verbosity=0, using=database, apps=apps)
    groups = apps.get_model("auth", "Group").objects.using(database)
    permissions = apps.get_model("auth", "Permission").objects.using(database)
    known = {
        f"{app}.{codename}": pk
        for pk, app, codename in permissions.filter(
            content_type__app_label__in=SHOWN
        ).values_list("pk", "content_type__app_label", "codename")
    }
    for name, codes in GROUPS.items():
        group, _ = groups.get_or_create(name=name)
        group.permissions.add(*(known[code] for code in codes))


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0002_back_office"),
        ("stores", "0002_back_office"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
