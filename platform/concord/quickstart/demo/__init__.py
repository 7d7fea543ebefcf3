"""The demonstration: two small evaluations, made on the spot, that go through the same services as real ones."""

from collections.abc import Callable

from concord.accounts.models import Membership
from concord.accounts.states import Role

Say = Callable[[str], None]


def load(*, say: Say = lambda sentence: None) -> None:
    """Make what is missing of the demonstration in the first workspace; what is there already stays as it is.

    Needs running workers: runs and scorecards go through the real queue.
    """
    from concord.quickstart.demo import digits, texts

    owner = (
        Membership.objects.select_related("workspace", "user").filter(role=Role.OWNER).order_by("pk").first()
    )
    if owner is None:
        say("The demonstration needs a workspace with an owner; there is none.")
        return
    say("Making the demonstration: texts with simulated raters ...")
    texts.load(workspace=owner.workspace, actor=owner.user)
    say("Making the demonstration: training three digit classifiers and running them ...")
    digits.load(workspace=owner.workspace, actor=owner.user)
    say("The demonstration is ready: open Scorecards, or rate in Studies.")
