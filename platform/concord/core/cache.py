"""The cache as what it is: something that may be gone for a moment, while every page goes on."""

from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)


class OptionalRedisCache(RedisCache):
    """Redis, where an entry that cannot be kept is only a later miss.

    Sessions live in the database and are copied here at each load: without this, signed-in people get errors for as long
    as Redis is away. Counting (throttles) still fails loudly, so that an outage opens no door.
    """

    def set(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().set(*args, **kwargs)
        except RedisError as error:
            log.warning("cache_unreachable", error=str(error))
