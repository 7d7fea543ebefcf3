"""Systems: which settings are refused, how they change and are put away."""

import pytest

from concord.catalog.services.systems import archive_system, change_system, create_system
from concord.core.actors import BACKGROUND
from concord.core.errors import Conflict, Invalid


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("recorded", {"path": "/x"}),
        ("transformers", {}),
        ("transformers", {"path": "https://host/model"}),
        ("torch", {"path": "/models/net.pkl"}),
        ("openai", {"base_url": "file:///etc/passwd", "model": "m"}),
        ("openai", {"base_url": "https://user:secret@host/v1", "model": "m"}),
        ("openai", {"base_url": "https://host/v1", "model": "m", "api_key": "sk-1"}),
        ("openai", {"base_url": "https://host/v1", "model": "m", "key_env": "HOME"}),
        ("openai", {"base_url": "https://[host/v1", "model": "m"}),
        ("openai", {"base_url": "https://host/v1", "model": "m", "concurrency": 0}),
        ("magic", {}),
        ("recorded", []),
    ],
)
@pytest.mark.django_db
def test_a_configuration_that_does_not_fit_its_kind_is_refused(workspace, kind, config):
    with pytest.raises(Invalid):
        create_system(actor=BACKGROUND, workspace=workspace, name="x", kind=kind, config=config)


@pytest.mark.django_db
def test_a_system_changes_as_a_whole_and_can_be_put_away(workspace):
    system = create_system(actor=BACKGROUND, workspace=workspace, name="m", version="1")
    with pytest.raises(Invalid):
        change_system(actor=BACKGROUND, system=system, kind="torch")
    changed = change_system(actor=BACKGROUND, system=system, kind="torch", config={"path": "/models/net.pt2"})
    assert (changed.name, changed.kind) == ("m", "torch")
    with pytest.raises(Invalid):
        change_system(actor=BACKGROUND, system=system, prices={"input_per_million": -1, "currency": "EUR"})
    with pytest.raises(Conflict):
        create_system(actor=BACKGROUND, workspace=workspace, name="m", version="1")
    assert archive_system(actor=BACKGROUND, system=system).archived_at is not None
    assert archive_system(actor=BACKGROUND, system=system, archived=False).archived_at is None
