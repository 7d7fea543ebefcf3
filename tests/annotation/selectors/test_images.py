"""A rater loads the images of his own tasks, under names that tell nothing."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from annotation.models import Assignment
from annotation.services.assigning import next_task
from annotation.services.joining import seat_for
from annotation.services.submitting import Answer, skip, submit
from concord.catalog.models import Example, Output
from concord.core.services.files import IMAGES, store

pytestmark = pytest.mark.django_db
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489"
    "0000000d49444154789c626001000000ffff03000006000557bfabd40000000049454e44ae426082"
)


@pytest.fixture
def image(workspace: Any) -> Any:
    return store(workspace_id=workspace.pk, source=PNG, name="gpt-secret-cat.png", allowed=IMAGES)


def status(user: Any, file: Any) -> int:
    client = Client()
    client.force_login(user)
    return client.get(reverse("file", kwargs={"workspace": "acme", "pk": file.pk})).status_code


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("as_text", [False, True])
def test_only_who_has_the_task_loads_its_image(
    study: Any, rater: Any, other_rater: Any, designer: Any, image: Any, nested: bool, as_text: bool
) -> None:
    made = study(examples=1, systems=1)
    block: Any = {"type": "image", "file": str(image.pk) if as_text else image.pk, "alt": "a cat"}
    if nested:
        block = {"type": "chat", "turns": [{"role": "user", "content": [block]}]}
    Example.objects.update(content=[block])
    seat = seat_for(user=rater, study_id=made.pk)
    seat_for(user=other_rater, study_id=made.pk)
    assert status(rater, image) == 403
    task = next_task(seat=seat)
    assert task is not None
    assert (status(rater, image), status(other_rater, image), status(designer, image)) == (200, 403, 200)
    submit(seat=seat, key=task.key, answers={task.questions[0].id: Answer(2)})
    assert status(rater, image) == 200, "undo brings the task back"


def test_what_the_page_does_not_show_is_not_loaded(study: Any, rater: Any, image: Any) -> None:
    block = [{"type": "image", "file": image.pk}]
    hidden = study(examples=1, systems=1, show_prompt=False)
    Example.objects.update(content=block, reference=block)
    assert next_task(seat=seat_for(user=rater, study_id=hidden.pk))
    assert status(rater, image) == 403
    Output.objects.update(content=block)
    assert status(rater, image) == 200


def test_a_skipped_task_is_out_of_sight_and_so_is_another_file(study: Any, rater: Any, image: Any) -> None:
    made = study(examples=1, systems=1)
    Example.objects.update(content=[{"type": "image", "file": image.pk * 10 + 1}])
    seat = seat_for(user=rater, study_id=made.pk)
    task = next_task(seat=seat)
    assert task is not None
    assert status(rater, image) == 403
    Example.objects.update(content=[{"type": "image", "file": image.pk}])
    assert status(rater, image) == 200
    skip(seat=seat, key=task.key)
    assert Assignment.objects.get().state == "skipped"
    assert status(rater, image) == 403


def test_its_name_does_not_tell_which_system_made_it(owner: Any, image: Any) -> None:
    client = Client()
    client.force_login(owner)
    answer = client.get(reverse("file", kwargs={"workspace": "acme", "pk": image.pk}))
    assert answer["Content-Disposition"] == f'inline; filename="image-{image.pk}.png"'
    assert "secret" not in str(answer.headers)
