"""The page that makes a thing: one form, one service, one way to show what the service refuses."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar

from django.contrib.auth.decorators import login_required
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.views import View

from concord.accounts.models import Workspace
from concord.accounts.selectors.lookup import workspace_for
from concord.accounts.states import Action
from concord.core.errors import DomainError
from concord.core.web.shared import show_refusal


@method_decorator(login_required, name="dispatch")
class CreatePage(View, ABC):
    """GET shows the form, POST makes the thing and goes where `done` says.

    A refusal stands at its field, beside what was typed, with the refusal's own status. `to` is what one must be allowed to in
    order to be shown the form; whether the thing may be made is asked by the service.
    """

    http_method_names = ["get", "head", "post"]
    form_class: ClassVar[type[BaseForm]]
    template: ClassVar[str]
    to: ClassVar[str] = Action.DESIGN

    @cached_property
    def workspace(self) -> Workspace:
        return workspace_for(user=self.request.user, slug=self.kwargs["workspace"], to=self.to)

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        self.gate()
        return super().dispatch(request, *args, **kwargs)

    def gate(self) -> None:
        """Refuse whoever may not see this page."""
        _ = self.workspace

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return self.page(self.form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form, status = self.form(data=request.POST, files=request.FILES), 400
        if self.valid(form):
            try:
                made = self.make(form)
            except DomainError as error:
                self.refuse(form, error)
                status = error.status
            else:
                return self.done(form, made)
        return self.page(form, status)

    def form(self, **given: Any) -> Any:
        """The form, bound where `data` and `files` are given."""
        return self.form_class(**given, **self.form_arguments())

    def form_arguments(self) -> dict[str, Any]:
        """What the form takes beside what was typed, such as `initial`."""
        return {}

    def valid(self, form: Any) -> bool:
        return bool(form.is_valid())

    def refuse(self, form: Any, error: DomainError) -> None:
        """Show what the service refused."""
        show_refusal(form, error)

    @abstractmethod
    def make(self, form: Any) -> Any:
        """Call the service; what it raises is shown on the form."""

    @abstractmethod
    def done(self, form: Any, made: Any) -> HttpResponse:
        """Where one goes from here."""

    def context(self, form: Any) -> dict[str, Any]:
        """What the template needs beside `form` and `workspace`."""
        return {}

    def page(self, form: Any, status: int = 200) -> HttpResponse:
        context = {"form": form, **self.frame(), **self.context(form)}
        return render(self.request, self.template, context, status=status)

    def frame(self) -> dict[str, Any]:
        return {"workspace": self.workspace}
