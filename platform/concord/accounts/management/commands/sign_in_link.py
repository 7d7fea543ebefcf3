"""`manage.py sign_in_link USER`: a link that signs somebody in, where passwords are lost and no mail server is set up."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from concord.accounts.services.sign_in_links import issue_sign_in_link
from concord.core.errors import DomainError


class Command(BaseCommand):
    help = "Print a link that signs this person in, once, within an hour."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="the e-mail address of the account")
        parser.add_argument(
            "--base", default="http://localhost:8000", help="where the installation is reached by browsers"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            secret = issue_sign_in_link(email=options["user"])
        except DomainError as error:
            raise CommandError(error.message) from None
        self.stdout.write(options["base"].rstrip("/") + reverse("sign-in-link", args=[secret]))
