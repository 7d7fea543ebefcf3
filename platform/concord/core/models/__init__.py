"""The tables of core."""

from concord.core.models.audit import AuditEvent
from concord.core.models.files import StoredFile
from concord.core.models.history import StateChange
from concord.core.models.job import Job
from concord.core.models.pictures import CurrentPicture, DrawnPicture

__all__ = ["AuditEvent", "CurrentPicture", "DrawnPicture", "Job", "StateChange", "StoredFile"]
