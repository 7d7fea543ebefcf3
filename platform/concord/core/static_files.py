"""Static files under names that carry their content's hash."""

from typing import ClassVar

from django.contrib.staticfiles.storage import HashedFilesMixin
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]


class ModuleAwareStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """As WhiteNoise's, and the imports inside our own ES modules name the hashed files too.

    Otherwise a browser could pair the new version of one module with the old, cached version of another. Other
    people's scripts are left alone: Django's pattern also reads imports that stand in their comments.
    """

    _OURS: ClassVar = ("js/*.js", HashedFilesMixin._js_module_import_aggregation_patterns[1])  # type: ignore[attr-defined]
    patterns: ClassVar = (*CompressedManifestStaticFilesStorage.patterns, _OURS)
