"""A cache that is away: signed-in people go on working."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from concord import env


@pytest.mark.django_db
def test_signed_in_people_go_on_working_while_redis_is_away(
    client: Client, designer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(designer)
    away = {"default": env.cache("unix:///nonexistent/redis.sock")}
    monkeypatch.setattr(settings, "CACHES", away)
    from django.contrib.sessions.backends import cached_db
    from django.core.cache import CacheHandler

    monkeypatch.setattr(cached_db, "caches", CacheHandler(away))
    assert client.get("/w/acme/scorecards/").status_code == 200
