"""What the designers' pages show."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, QuerySet, Subquery, Sum

from annotation.models import Assignment, Rating, Study, StudyRater, Unit
from concord.accounts.models import Workspace
from concord.catalog.models import DatasetVersion, Output, System

LATEST = 12


def studies_of(workspace: Workspace) -> QuerySet[Study]:
    """The workspace's studies, newest first, with ratings given, ratings wanted and number of raters."""
    units = Unit.objects.filter(study=OuterRef("pk")).order_by().values("study")
    raters = StudyRater.objects.filter(study=OuterRef("pk"), given__gt=0).order_by().values("study")
    return (  # type: ignore[no-any-return]
        Study.objects.filter(workspace=workspace)
        .select_related("version__dataset")
        .annotate(
            given=Subquery(units.annotate(n=Sum("given")).values("n")),
            asked_for=Subquery(units.annotate(n=Sum("wanted")).values("n")),
            raters=Subquery(raters.annotate(n=Count("pk")).values("n")),
        )
    )


def systems_in(version: DatasetVersion) -> list[tuple[System, int]]:
    """The systems that answered something in this version, with how many examples they answered."""
    counts = (
        Output.objects.filter(example__version=version)
        .order_by()
        .values("system")
        .annotate(n=Count("example", distinct=True))
        .values_list("system", "n")
    )
    by_id = dict(counts)
    return [(system, by_id[system.pk]) for system in System.objects.filter(pk__in=by_id, archived_at=None)]


@dataclass(frozen=True)
class LatestRating:
    """A rating in words, for people who may see individual ratings."""

    rating: Rating
    answer: str


def latest_ratings(study: Study) -> list[LatestRating]:
    """The newest current ratings over all criteria."""
    found: list[Rating] = []
    for criterion in study.asked():
        found += (
            Rating.objects.filter(study=study, criterion=criterion, current=True)
            .select_related("rater", "criterion", "unit__example")
            .order_by("-id")[:LATEST]
        )
    found.sort(key=lambda rating: -rating.pk)
    return [LatestRating(one, answer_in_words(one)) for one in found[:LATEST]]


def answer_in_words(rating: Rating) -> str:
    if rating.value is None:
        return f"could not be judged: {rating.reason}"
    return str(rating.criterion.label_of(rating.value))


def units_of(study: Study, *, search: str = "", only: str = "") -> QuerySet[Unit]:
    """The units in the order of the queue; `only` is "open" or "done"."""
    units = Unit.objects.filter(study=study)
    if search:
        units = units.filter(example__key__icontains=search)
    if only == "done":
        units = units.filter(given__gte=F("wanted"))
    elif only == "open":
        units = units.filter(given__lt=F("wanted"))
    return units.select_related("example", "output__system", "other_output__system").order_by("position")


@dataclass(frozen=True)
class Neighbours:
    """The units before and after one, in the order of the queue; None at the ends."""

    before: int | None
    after: int | None


def neighbours(unit: Unit) -> Neighbours:
    units = Unit.objects.filter(study_id=unit.study_id).values_list("pk", flat=True)
    return Neighbours(
        before=units.filter(position__lt=unit.position).order_by("-position").first(),
        after=units.filter(position__gt=unit.position).order_by("position").first(),
    )


def ratings_of(unit: Unit) -> list[LatestRating]:
    """Every rating of a unit, current ones first; superseded ones stay visible."""
    ratings = (
        Rating.objects.filter(unit=unit)
        .select_related("rater", "criterion")
        .order_by("-current", "criterion__name", "id")
    )
    return [LatestRating(one, answer_in_words(one)) for one in ratings]


def on_screens(unit: Unit) -> int:
    return Assignment.objects.filter(unit=unit, state="leased").count()


EXPORT = (
    "rating", "unit", "example", "epoch", "criterion", "system", "other_system", "rater", "value", "label", "reason", "comment",
    "shown_swapped", "seconds", "current", "given_at",
)  # fmt: skip


def exported_ratings(study: Study) -> Iterator[list[Any]]:
    """One row per rating, superseded ones included, streamed from a server-side cursor."""
    criteria = {one.pk: one for one in study.asked()}
    rows = (
        Rating.objects.filter(study=study, criterion__in=criteria)
        .order_by("id")
        .values_list(
            "id",
            "unit_id",
            "unit__example__key",
            "unit__output__epoch",
            "criterion_id",
            "unit__output__system__name",
            "unit__output__system__version",
            "unit__other_output__system__name",
            "unit__other_output__system__version",
            "rater__name",
            "value",
            "reason",
            "comment",
            "swapped",
            "seconds",
            "current",
            "created_at",
        )
    )
    for (
        pk,
        unit,
        example,
        epoch,
        criterion,
        *names,
        rater,
        value,
        reason,
        comment,
        swapped,
        seconds,
        current,
        at,
    ) in rows.iterator(5000):
        asked = criteria[criterion]
        system, other = _named(*names[:2]), _named(*names[2:])
        label = "" if value is None else asked.label_of(value)
        yield [
            pk,
            unit,
            example,
            epoch,
            asked.slug,
            system,
            other,
            rater,
            value,
            label,
            reason,
            comment,
            swapped,
            seconds,
            current,
            at.isoformat(),
        ]


def _named(name: str | None, version: str | None) -> str:
    return f"{name or ''} {version or ''}".strip()
