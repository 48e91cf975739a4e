"""Add a column to a table of a million rows in a moment."""

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddField


class AddColumn(AddField):
    """`AddField` that leaves SQLite's table as it is: the field has a `db_default`.

    Django writes the whole table anew there for every column that may not be null.
    """

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        if schema_editor.connection.vendor != "sqlite":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        after = to_state.apps.get_model(app_label, self.model_name)
        before = from_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, after):
            return
        field = after._meta.get_field(self.name)
        BaseDatabaseSchemaEditor.add_field(schema_editor, before, field)
