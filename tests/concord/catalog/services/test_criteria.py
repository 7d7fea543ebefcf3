"""Making criteria."""

import pytest

from concord.catalog.services.criteria import create_criterion
from concord.core.actors import BACKGROUND
from concord.core.errors import Conflict

BASE = {"name": "Help", "question": "Does it help?", "direction": "higher"}


@pytest.mark.django_db
def test_a_slug_is_taken_once_in_a_workspace(workspace, other_workspace):
    for space in (workspace, other_workspace):
        create_criterion(actor=BACKGROUND, workspace=space, definition={"template": "likert", **BASE})
    with pytest.raises(Conflict):
        create_criterion(actor=BACKGROUND, workspace=workspace, definition={"template": "yes_no", **BASE})
