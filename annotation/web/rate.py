"""The rater's pages: my studies, and the one on which one rates. They only translate; the work is in the services."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.functional import SimpleLazyObject
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.models import StudyRater
from annotation.selectors.my_studies import studies_to_rate
from annotation.selectors.progress import seat_progress
from annotation.selectors.tasks import Task
from annotation.services.answers import read_answers
from annotation.services.assigning import MOST_AHEAD, next_task
from annotation.services.joining import seat_for
from annotation.services.submitting import return_all, save_draft, skip, submit, undo_last
from annotation.web.task_form import answers_in, rows_of
from concord.core.errors import Conflict, DomainError, Invalid

AHEAD = {str(place) for place in range(MOST_AHEAD + 1)}
View = Callable[[HttpRequest, StudyRater], HttpResponse]


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The studies that this person may rate in."""
    return render(request, "annotation/rate_home.html", {"studies": studies_to_rate(request.user)})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rate(request: HttpRequest, study: int) -> HttpResponse:
    """The rating page. Its forms work without scripts: each button posts here and the answer is the page again."""
    seat = seat_for(user=request.user, study_id=study)
    if request.method != "POST":
        return _page(request, seat)
    try:
        return ACTIONS.get(request.POST.get("action", "submit"), _submit)(request, seat)
    except Invalid as refusal:
        return _page(request, seat, refusal=refusal)
    except Conflict as refusal:
        messages.warning(request, refusal.message)
        return redirect("rate", study=study)


def for_scripts(view: View) -> Callable[[HttpRequest, int], HttpResponse]:
    """A view that answers the page's scripts with JSON, refusals too."""

    @never_cache
    @login_required
    @wraps(view)
    def answering(request: HttpRequest, study: int) -> HttpResponse:
        try:
            return view(request, seat_for(user=request.user, study_id=study))
        except DomainError as refusal:
            errors = {str(key): text for key, text in refusal.details.get("errors", {}).items()}
            body = {"detail": refusal.message, "code": refusal.code, "errors": errors}
            return JsonResponse(body, status=refusal.status)

    return answering


@for_scripts
@require_GET
def upcoming(request: HttpRequest, seat: StudyRater) -> HttpResponse:
    """The task number `ahead`, to be held ready."""
    return JsonResponse(_onwards(request, seat, request.GET.get("ahead")))


@for_scripts
@require_POST
def save(request: HttpRequest, seat: StudyRater) -> HttpResponse:
    """Save one answer (or put the task aside), and bring the next task in the same breath."""
    body = _body(request)
    key, reply, upcoming = str(body.get("key")), {"counted": True, "message": ""}, None
    ahead = body.get("ahead")
    if body.get("skip"):
        skip(seat=seat, key=key)
    else:
        given = read_answers(body.get("answers") or {})
        comment = str(body.get("comment") or "")
        done = submit(
            seat=seat,
            key=key,
            answers=given,
            seconds=_seconds(body.get("seconds")),
            comment=comment,
            ahead=int(str(ahead)) if str(ahead) in AHEAD else None,
        )
        reply, upcoming = {"counted": done.counted, "message": done.message}, done.upcoming
    return JsonResponse({"saved": key, **reply, **_onwards(request, seat, ahead, upcoming)})


@for_scripts
@require_POST
def draft(request: HttpRequest, seat: StudyRater) -> HttpResponse:
    body = _body(request)
    kept = body.get("draft")
    if not isinstance(kept, Mapping):
        raise Invalid("A draft is an object with answers and a comment.", code="bad_draft", field="draft")
    save_draft(seat=seat, key=str(body.get("key")), draft=kept)
    return JsonResponse({"kept": True})


@for_scripts
@require_POST
def undo(request: HttpRequest, seat: StudyRater) -> HttpResponse:
    """The last answer comes back on the screen."""
    task = undo_last(seat=seat)
    return JsonResponse({"task": _card(request, seat, task), "end": None, "progress": _progress(seat)})


# -- without scripts


def _submit(request: HttpRequest, seat: StudyRater) -> HttpResponse:
    post = request.POST
    given = read_answers(answers_in(post.dict()))
    seconds, comment = _seconds(post.get("seconds")), post.get("comment", "")
    done = submit(seat=seat, key=post.get("key", ""), answers=given, seconds=seconds, comment=comment)
    if done.message:
        messages.warning(request, done.message)
    return redirect("rate", study=seat.study_id)


def _skip(request: HttpRequest, seat: StudyRater) -> HttpResponse:
    skip(seat=seat, key=request.POST.get("key", ""))
    return redirect("rate", study=seat.study_id)


def _undo(request: HttpRequest, seat: StudyRater) -> HttpResponse:
    undo_last(seat=seat)
    return redirect("rate", study=seat.study_id)


def _pause(request: HttpRequest, seat: StudyRater) -> HttpResponse:
    """Leave: the tasks held go to others meanwhile, what was half answered stays as a draft."""
    if key := request.POST.get("key"):
        given = answers_in(request.POST.dict())
        save_draft(seat=seat, key=key, draft={"answers": given, "comment": request.POST.get("comment", "")})
    return_all(seat=seat)
    return redirect("rate-home")


ACTIONS: dict[str, View] = {"submit": _submit, "skip": _skip, "undo": _undo, "pause": _pause}


def _page(request: HttpRequest, seat: StudyRater, refusal: Invalid | None = None) -> HttpResponse:
    task, why = _next(seat, 0)
    if task and refusal:
        task = _refilled(request, task)
    rows = rows_of(task, _errors(refusal)) if task else ()
    context = {**_base(seat), "task": task, "rows": rows, "why": why, "refusal": refusal}
    return render(request, "annotation/rate.html", context, status=400 if refusal else 200)


def _refilled(request: HttpRequest, task: Task) -> Task:
    """The task with what was just typed in place of its draft, so that nothing is lost."""
    typed = {"answers": answers_in(request.POST.dict()), "comment": request.POST.get("comment", "")}
    return replace(task, draft=typed)


def _errors(refusal: Invalid | None) -> Mapping[Any, str]:
    return refusal.details.get("errors", {}) if refusal else {}


# -- what both need


def _base(seat: StudyRater) -> dict[str, Any]:
    """`slug` costs a query, and only images need it."""
    slug = SimpleLazyObject(lambda: seat.study.workspace.slug)
    return {"study": seat.study, "seat": seat, "progress": seat_progress(seat), "slug": slug}


def _next(seat: StudyRater, ahead: int) -> tuple[Task | None, str]:
    """The task, or why there is none: `nothing`, or the state that the study is in."""
    try:
        task = next_task(seat=seat, ahead=ahead)
    except Conflict as stop:
        return None, stop.code.removeprefix("study_")
    return task, "" if task else "nothing"


def _onwards(request: HttpRequest, seat: StudyRater, ahead: Any, known: Task | None = None) -> dict[str, Any]:
    """Progress, and the task number `ahead` as a card or else the page's end. No task is asked for where `ahead` is none.

    `known` is that task where it was leased already, together with the answer before it. `over` says that no answer counts
    any more, so that nobody goes on answering what was fetched before.
    """
    if str(ahead) not in AHEAD:
        return {"task": None, "end": None, "over": False, "progress": _progress(seat)}
    task, why = (known, "") if known else _next(seat, int(ahead))
    if task:
        return {"task": _card(request, seat, task), "end": None, "over": False, "progress": _progress(seat)}
    end = render_to_string("annotation/rate_end.html", {**_base(seat), "why": why}, request)
    return {"task": None, "end": end, "over": why == "closed", "progress": _progress(seat)}


def _card(request: HttpRequest, seat: StudyRater, task: Task) -> dict[str, str]:
    slug = SimpleLazyObject(lambda: seat.study.workspace.slug)
    context = {"study": seat.study, "task": task, "rows": rows_of(task), "slug": slug}
    return {"key": task.key, "html": render_to_string("annotation/rate_task.html", context, request)}


def _progress(seat: StudyRater) -> dict[str, Any]:
    now = seat_progress(seat)
    return {"given": now.given, "total": now.total, "minutes": now.minutes_left, "undo": now.can_undo}


def _body(request: HttpRequest) -> Mapping[str, Any]:
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Invalid("The request's body must be a JSON object.", code="no_object")
    return body


def _seconds(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
