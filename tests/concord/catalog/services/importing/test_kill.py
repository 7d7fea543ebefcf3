"""kill -9 in the middle of a write: nothing is half there, and the next run finishes it."""

import os
import signal
import subprocess
import sys

import pytest
from django.db import connection

from annotation.models import Rating
from concord.catalog.models import Output, System
from concord.catalog.services.importing import batches
from concord.catalog.states import ImportState
from concord.core.actors import BACKGROUND

LONG = b"model,id,answer,who,rating\na,1,yes,ann,3\na,1,yes,ben,2\nb,1,no,ann,1\n"
# The outputs are in the transaction already when the process dies on its way to the ratings.
CHILD = """
import os, signal, sys
sys.path[:0] = ["platform", "."]
import django
django.setup()
from annotation.services.importing import RatingsWriter
from concord.catalog.models import Output
from concord.catalog.services.importing import batches
def die(self, stage):
    assert Output.objects.count() == 2
    os.kill(os.getpid(), signal.SIGKILL)
RatingsWriter.write = die
batches.write(batch_id=int(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_a_killed_write_leaves_nothing_and_runs_again(checked, ratings_mapping):
    batch = batches.start_write(actor=BACKGROUND, batch=checked(LONG, ratings_mapping))
    database = connection.settings_dict
    url = f"postgresql://{database['USER']}@/{database['NAME']}?host={database['HOST']}"
    environment = {**os.environ, "DATABASE_URL": os.environ.get("DATABASE_URL") or url}
    killed = subprocess.run(
        [sys.executable, "-c", CHILD, str(batch.pk)], env=environment, check=False, capture_output=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr.decode()
    assert not Output.objects.exists()
    assert not System.objects.exists()
    batch.refresh_from_db()
    assert batch.state == ImportState.WRITING
    batches.write(batch_id=batch.pk)
    batch.refresh_from_db()
    assert batch.state == ImportState.DONE
    assert (Output.objects.count(), Rating.objects.count()) == (2, 3)
