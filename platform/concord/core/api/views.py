"""Background jobs."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from concord.core.api.serializers import JobSerializer
from concord.core.selectors.visible import job_for


class JobView(APIView):
    @extend_schema(responses=JobSerializer)
    def get(self, request: Request, pk: int) -> Response:
        """State and progress of a background job: ask again until `state` is done, failed or cancelled."""
        return Response(JobSerializer(job_for(user=request.user, pk=pk)).data)
