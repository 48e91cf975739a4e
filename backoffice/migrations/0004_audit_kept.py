"""Indexes for the list of the audit, and no way to change what it says."""

from django.db import migrations, models

TABLE = "backoffice_auditentry"
NAME = "backoffice_audit_kept"
WORDS = "An entry of the audit never changes."
REFUSE = {
    "sqlite": [
        f"CREATE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} "
        f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    ],
    "postgresql": [
        f"CREATE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{WORDS}'; END $$",
        f"CREATE TRIGGER {NAME} BEFORE UPDATE ON {TABLE} "
        f"FOR EACH ROW EXECUTE FUNCTION {NAME}()",
    ],
}
ALLOW = {
    "sqlite": [f"DROP TRIGGER IF EXISTS {NAME}"],
    "postgresql": [
        f"DROP TRIGGER IF EXISTS {NAME} ON {TABLE}",
        f"DROP FUNCTION IF EXISTS {NAME}()",
    ],
}


def refuse_changes(apps, schema_editor):
    for statement in REFUSE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def allow_changes(apps, schema_editor):
    for statement in ALLOW[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("backoffice", "0003_audit")]

    operations = [
        migrations.AlterModelOptions(
            name="auditentry",
            options={
                "ordering": ["-at", "-id"],
                "verbose_name": "audit entry",
                "verbose_name_plural": "audit entries",
            },
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="at",
            field=models.DateTimeField(auto_now_add=True, verbose_name="at"),
        ),
        *[
            migrations.AddIndex(
                model_name="auditentry",
                index=models.Index(fields=[*fields, "-at", "-id"], name=name),
            )
            for name, fields in {
                "backoffice_audit_newest": [],
                "backoffice_audit_kind": ["kind"],
                "backoffice_audit_user": ["user"],
                "backoffice_audit_store": ["store_key"],
                "backoffice_audit_about": ["about"],
            }.items()
        ],
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(
                condition=models.Q(("address__isnull", False)),
                fields=["address", "-at", "-id"],
                name="backoffice_audit_address",
            ),
        ),
        migrations.RunPython(refuse_changes, allow_changes),
    ]
