"""The tables of core."""

from concord.core.models.audit import AuditEvent
from concord.core.models.files import StoredFile
from concord.core.models.history import StateChange
from concord.core.models.job import Job

__all__ = ["AuditEvent", "Job", "StateChange", "StoredFile"]
