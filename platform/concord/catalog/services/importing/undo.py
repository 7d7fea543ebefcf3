"""Undoing an import: everything that carries its batch goes, or nothing does."""

from collections.abc import Iterable
from typing import Any

from django.db import models
from django.db.backends.utils import CursorWrapper

from concord.catalog.models import ImportBatch
from concord.core.errors import Conflict


class Undo:
    """Handed to `Writer.undo`, kind by kind in the reverse order of writing, inside one transaction."""

    def __init__(self, *, cursor: CursorWrapper, batch: ImportBatch) -> None:
        self.cursor = cursor
        self.batch = batch

    def delete(self, model: type[models.Model]) -> int:
        """Delete this batch's rows of `model`. Raises `Conflict` where later work refers to any of them."""
        for relation, count in self._dependents(model):
            name = model._meta.verbose_name_plural
            raise Conflict(
                f"This import cannot be undone: {count:,} {relation._meta.verbose_name_plural} made later stand "
                f"on its {name}. Remove those first.",
                code="import_in_use",
                model=relation._meta.label_lower,
                count=count,
            )
        self.cursor.execute(f'DELETE FROM "{model._meta.db_table}" WHERE batch_id = %s', [self.batch.pk])
        return int(self.cursor.rowcount)

    def delete_unused(self, model: type[models.Model], *, owned: Iterable[type[models.Model]] = ()) -> int:
        """Delete this batch's rows of `model` that nothing else uses; the others stay and no longer belong to the batch.

        `owned` are tables whose rows are mere parts of such a row (they go with it and do not count as use).
        """
        owned, pk, table = list(owned), _pk(model), model._meta.db_table
        used = "".join(
            f' AND NOT EXISTS (SELECT FROM "{relation._meta.db_table}" d WHERE d."{column}" = m."{pk}")'
            for relation, column in _relations(model)
            if relation not in owned
        )
        self.cursor.execute(f'SELECT m."{pk}" FROM "{table}" m WHERE m.batch_id = %s{used}', [self.batch.pk])
        free = [row[0] for row in self.cursor.fetchall()]
        for relation, column in _relations(model):
            if relation in owned:
                self.cursor.execute(
                    f'DELETE FROM "{relation._meta.db_table}" WHERE "{column}" = ANY(%s)', [free]
                )
        self.cursor.execute(f'DELETE FROM "{table}" WHERE "{pk}" = ANY(%s)', [free])
        self.cursor.execute(f'UPDATE "{table}" SET batch_id = NULL WHERE batch_id = %s', [self.batch.pk])
        return len(free)

    def _dependents(self, model: type[models.Model]) -> Iterable[tuple[type[models.Model], int]]:
        for relation, column in _relations(model):
            mine = f'SELECT "{_pk(model)}" FROM "{model._meta.db_table}" WHERE batch_id = %s'
            outside, params = "", [self.batch.pk]
            if relation is model:  # rows of the same batch may refer to each other
                outside, params = " AND batch_id IS DISTINCT FROM %s", [self.batch.pk, self.batch.pk]
            self.cursor.execute(
                f'SELECT count(*) FROM "{relation._meta.db_table}" WHERE "{column}" IN ({mine}){outside}',
                params,
            )
            count = self.cursor.fetchone()[0]
            if count:
                yield relation, count


def _pk(model: type[models.Model]) -> str:
    return str(model._meta.pk.column)


def _relations(model: type[models.Model]) -> list[tuple[type[models.Model], str]]:
    return [(relation, field.column) for relation, field in _relation_fields(model)]


def _relation_fields(model: type[models.Model]) -> list[tuple[type[models.Model], Any]]:
    """Every table that refers to `model`, with its field; many-to-many tables included, links to set null left out."""
    found: list[tuple[type[models.Model], Any]] = []
    for relation in model._meta.get_fields(include_hidden=True):
        if not (relation.auto_created and (relation.one_to_many or relation.one_to_one)):
            continue
        if relation.on_delete is models.SET_NULL:  # type: ignore[union-attr]
            continue
        found.append((relation.related_model, relation.field))  # type: ignore[union-attr,arg-type]
    return found


def in_use(row: models.Model) -> bool:
    """Whether any other row refers to this one."""
    return any(
        relation._default_manager.filter(**{f"{field.name}": row}).exists()
        for relation, field in _relation_fields(type(row))
    )
