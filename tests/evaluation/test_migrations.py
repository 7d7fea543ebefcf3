"""What an installation of the release before has stored comes up under this one, and goes back."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

BEFORE, AFTER = ("evaluation", "0004_benchmark_picture"), ("evaluation", "0006_consents_of_addresses")


def migrate(*target: tuple[str, str]) -> Any:
    MigrationExecutor(connection).migrate(list(target))
    return MigrationExecutor(connection).loader.project_state(list(target)).apps


@pytest.fixture
def before(transactional_db: None) -> Iterator[Any]:
    yield migrate(BEFORE)
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())


def test_keys_are_bound_where_one_address_uses_them_and_consents_stay_where_the_address_is_known(
    before: Any,
) -> None:
    workspace = before.get_model("accounts", "Workspace")
    acme, other = (workspace.objects.create(name=name, slug=name) for name in ("acme", "other"))
    system, secret = before.get_model("catalog", "System"), before.get_model("evaluation", "Secret")
    consent = before.get_model("evaluation", "EndpointConsent")
    made: list[Any] = []

    def use(key: str, base_url: Any, space: Any = acme, kind: str = "openai") -> None:
        config = {"base_url": base_url, "model": "m", "key_secret": key}
        made.append(system.objects.create(workspace=space, name=f"s{len(made)}", kind=kind, config=config))

    for name in ("one", "same", "two", "none", "bad", "mixed", "theirs"):
        secret.objects.create(workspace=acme, name=name, ciphertext=b"x")
    use("one", "https://a.example/v1")
    use("same", "https://a.example/v1")
    use("same", "https://A.example:443/v2")
    use("two", "https://a.example/v1")
    use("two", "https://b.example/v1")
    use("bad", "http://0177.0.0.1")
    use("mixed", "https://a.example")
    use("mixed", "http://a..b")
    use("none", "https://a.example", kind="recorded")
    use("theirs", "https://evil.example", space=other)
    for made_system, url in zip(
        made,
        ["http://10.0.0.7/v1", "http://10.0.0.7/v1", "http://lab.example/v1", "http://[fd00::7]"],
        strict=False,
    ):
        consent.objects.create(system=made_system, base_url=url)

    after = migrate(AFTER)

    bound = dict(after.get_model("evaluation", "Secret").objects.values_list("name", "address"))
    assert bound == {
        "one": "https://a.example",
        "same": "https://a.example",
        **dict.fromkeys(("two", "none", "bad", "mixed", "theirs"), ""),
    }
    rows = after.get_model("evaluation", "EndpointConsent").objects.order_by("base_url")
    assert list(rows.values_list("workspace_id", "base_url", "ip")) == [
        (acme.pk, "http://10.0.0.7/v1", "10.0.0.7"),
        (acme.pk, "http://[fd00::7]", "fd00::7"),
    ]
    assert all(row.granted_at == row.asked_at for row in rows)

    back = migrate(BEFORE)

    assert back.get_model("evaluation", "Secret").objects.count() == 7
    assert back.get_model("evaluation", "EndpointConsent").objects.count() == 0
