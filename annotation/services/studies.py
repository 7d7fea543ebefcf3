"""Planning a study, and moving it through its states."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, connection, transaction

from annotation.models import Study, StudyCriterion, Unit
from annotation.states import STUDY_MOVES, StudyEntry, StudyKind, StudyState
from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import require
from concord.accounts.states import Action
from concord.catalog.models import Criterion, DatasetVersion, System
from concord.catalog.states import CriterionKind
from concord.core.actors import Actor, person_of
from concord.core.errors import Conflict, Invalid
from concord.core.services import audit
from concord.core.states import move

MOST_WANTED = 1000


def create_study(
    *,
    workspace: Workspace,
    actor: Actor,
    name: str,
    kind: str,
    version: DatasetVersion,
    systems: Sequence[System],
    criteria: Sequence[Criterion],
    wanted: int = 3,
    instructions: str = "",
    show_prompt: bool = True,
    show_reference: bool = False,
    lease_seconds: int = 1800,
    seed: int | None = None,
    is_simulated: bool = False,
    entry: str = StudyEntry.INVITED,
) -> Study:
    """A draft with its systems and questions; its units are built next. Raises `Invalid` and `Conflict` (code `name_taken`)."""
    require(actor=actor, workspace=workspace, to=Action.DESIGN)
    name = _clean_name(name)
    _check_plan(workspace=workspace, kind=kind, version=version, systems=systems, criteria=criteria)
    _check_numbers(wanted=wanted, lease_seconds=lease_seconds)
    _check_entry(entry)
    with _free_name(name):
        study = Study.objects.create(
            workspace=workspace, created_by=person_of(actor), name=name, kind=kind, version=version, wanted=wanted,
            instructions=instructions, show_prompt=show_prompt, show_reference=show_reference, lease_seconds=lease_seconds,
            seed=secrets.randbits(31) if seed is None else seed, is_simulated=is_simulated,
            entry=entry,
        )  # fmt: skip
        study.systems.set(systems)
        StudyCriterion.objects.bulk_create(
            StudyCriterion(study=study, criterion=criterion, position=position)
            for position, criterion in enumerate(criteria)
        )
        _note(actor, "study.created", study, kind=kind)
    return study


@transaction.atomic
def change_study(
    *,
    actor: Actor,
    study: Study,
    name: str | None = None,
    instructions: str | None = None,
    wanted: int | None = None,
    declared_random: bool | None = None,
    entry: str | None = None,
) -> Study:
    """Change the words of a study, whom it lets in and how many ratings it wants, in any state: all, or nothing.

    `declared_random` says that the outputs people judged were drawn at random where the platform did not draw them.
    """
    require(actor=actor, workspace=study.workspace, to=Action.DESIGN)
    if name is not None:
        study.name = _clean_name(name)
    if instructions is not None:
        study.instructions = instructions.replace("\x00", "")
    if declared_random is not None:
        study.declared_random = declared_random
    if entry is not None:
        _check_entry(entry)
        study.entry = entry
    with _free_name(study.name):
        study.save(update_fields=["name", "instructions", "declared_random", "entry"])
    if wanted is not None and wanted != study.wanted:
        _set_wanted(study=study, wanted=wanted)
    given = {
        "name": name,
        "instructions": instructions,
        "wanted": wanted,
        "declared_random": declared_random,
        "entry": entry,
    }
    _note(actor, "study.changed", study, parts=[part for part, value in given.items() if value is not None])
    return study


def _set_wanted(*, study: Study, wanted: int) -> Study:
    """Ask for more or fewer ratings per unit.

    What was given or is on a screen stays, so a unit may keep more than the new number.
    """
    _check_numbers(wanted=wanted, lease_seconds=study.lease_seconds)
    with transaction.atomic(), connection.cursor() as cursor:
        Study.objects.select_for_update().get(pk=study.pk)
        Study.objects.filter(pk=study.pk).update(wanted=wanted)
        cursor.execute(
            "UPDATE annotation_unit u SET wanted = v.wanted, free = v.wanted - v.taken, open = v.wanted > v.taken "
            "FROM (SELECT id, wanted - free AS taken, GREATEST(%s, wanted - free) AS wanted FROM annotation_unit "
            "WHERE study_id = %s FOR UPDATE) AS v WHERE u.id = v.id",
            [wanted, study.pk],
        )
    study.wanted = wanted
    return study


def open_study(*, study: Study, actor: Actor, why: str = "") -> Study:
    """Let raters in. Raises `Conflict` where there is nothing to rate or nothing to ask."""
    require(actor=actor, workspace=study.workspace, to=Action.DESIGN)
    if not Unit.objects.filter(study=study).exists():
        raise Conflict(
            "This study has no units: none of its systems has an output in its dataset version.",
            code="no_units",
        )
    if not StudyCriterion.objects.filter(study=study).exists():
        raise Conflict("This study asks no question yet.", code="no_criteria")
    move(study, StudyState.LIVE, moves=STUDY_MOVES, actor=actor, why=why)
    return study


def pause_study(*, study: Study, actor: Actor, why: str = "") -> Study:
    """Hand out no more tasks; what is on a screen may still be submitted."""
    require(actor=actor, workspace=study.workspace, to=Action.DESIGN)
    move(study, StudyState.PAUSED, moves=STUDY_MOVES, actor=actor, why=why)
    return study


def close_study(*, study: Study, actor: Actor, why: str = "") -> Study:
    """Count no more ratings. A closed study may be opened again."""
    require(actor=actor, workspace=study.workspace, to=Action.DESIGN)
    move(study, StudyState.CLOSED, moves=STUDY_MOVES, actor=actor, why=why)
    return study


def _note(actor: Actor, verb: str, study: Study, **details: Any) -> None:
    audit.record(
        actor=actor, verb=verb, workspace_id=study.workspace_id, obj=study, name=study.name, **details
    )


@contextmanager
def _free_name(name: str) -> Iterator[None]:
    """The database knows which names are taken; two designers may ask for one at once."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "study_name" in str(error):
            raise Conflict(
                f"There already is a study called “{name}”.", code="name_taken", field="name"
            ) from None
        raise


def _clean_name(name: str) -> str:
    name = name.replace("\x00", "").strip()
    if not name or len(name) > 160:
        raise Invalid("A study needs a name of at most 160 characters.", code="bad_name", field="name")
    return name


def _check_numbers(*, wanted: int, lease_seconds: int) -> None:
    if not 1 <= wanted <= MOST_WANTED:
        raise Invalid(
            f"Ratings wanted per unit must be 1 to {MOST_WANTED}, not {wanted}.",
            code="bad_wanted",
            field="wanted",
        )
    if not 60 <= lease_seconds <= 86_400:
        raise Invalid(
            f"A task may be held for 60 to 86400 seconds, not {lease_seconds}.",
            code="bad_lease",
            field="lease_seconds",
        )


def _check_entry(entry: str) -> None:
    if entry not in StudyEntry.values:
        raise Invalid(
            f"A study lets in {' or '.join(StudyEntry.values)}, not {entry!r}.",
            code="bad_entry",
            field="entry",
        )


def _check_plan(
    *,
    workspace: Workspace,
    kind: str,
    version: DatasetVersion,
    systems: Sequence[System],
    criteria: Sequence[Criterion],
) -> None:
    if kind not in StudyKind.values:
        raise Invalid(f"{kind!r} is not a kind of study.", code="bad_kind", field="kind")
    if version.dataset.workspace_id != workspace.pk or any(
        one.workspace_id != workspace.pk for one in [*systems, *criteria]
    ):
        raise Invalid(
            "A study takes its dataset, systems and criteria from its own workspace.", code="other_workspace"
        )
    if len(systems) < (2 if kind == StudyKind.SIDE_BY_SIDE else 1):
        raise Invalid(
            "Side by side needs two systems or more, a scale study at least one.",
            code="too_few_systems",
            field="systems",
        )
    if not criteria:
        raise Invalid("A study asks at least one question.", code="no_criteria", field="criteria")
    for criterion in criteria:
        pairwise = criterion.kind == CriterionKind.PREFERENCE
        if pairwise != (kind == StudyKind.SIDE_BY_SIDE):
            asks = "compares two outputs" if pairwise else "asks about one output"
            raise Invalid(
                f"“{criterion.name}” {asks}; it does not fit a study of kind {kind}.",
                code="criterion_kind",
                field="criteria",
            )
