"""The tables of core."""

from concord.core.models.audit import AuditEvent
from concord.core.models.files import StoredFile
from concord.core.models.history import StateChange
from concord.core.models.job import Job
from concord.core.models.pictures import DrawnPicture

__all__ = ["AuditEvent", "DrawnPicture", "Job", "StateChange", "StoredFile"]
