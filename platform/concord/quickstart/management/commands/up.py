"""`manage.py up`: the whole product on one machine, until Ctrl-C."""

import http.client
import os
import signal
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import OperationalError, connection, connections

from concord.core import jobs
from concord.quickstart import first_start, services, stack
from concord.quickstart.problems import CannotStart
from concord.quickstart.supervisor import Program, Supervisor

# What a browser is told for an address that means "every interface".
NAMES = {"0.0.0.0": "localhost", "127.0.0.1": "localhost", "::": "localhost"}  # noqa: S104
ALREADY = (
    "Concord already runs on {folder} (process {{pid}}); stop it first, or set CONCORD_VAR to another folder."
)


class Command(BaseCommand):
    help = "Start database, broker, web server, workers and scheduler; stop all of them with Ctrl-C."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
        )
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--no-worker", action="store_true", help="pages only; start Celery workers yourself"
        )
        parser.add_argument("--demo", action="store_true", help="load the demonstration unless it is there")

    def handle(self, *args: Any, **options: Any) -> None:
        supervisor = Supervisor(self._say)
        for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(sign, lambda *_: _interrupt(supervisor))
        try:
            self._check(options)
            with services.only_one(settings.VAR / "up.lock", ALREADY.format(folder=settings.VAR)):
                self._run(supervisor, options)
        except CannotStart as error:
            self.stderr.write(self.style.ERROR(str(error)))
            raise SystemExit(2) from None

    def _check(self, options: dict[str, Any]) -> None:
        services.private_folder(settings.VAR)
        stack.check_port(options["host"], options["port"])

    def _run(self, supervisor: Supervisor, options: dict[str, Any]) -> None:
        try:
            self._servers(supervisor)
            credentials = self._prepare()
            web, *others = stack.programs(
                host=options["host"],
                port=options["port"],
                workers=not options["no_worker"],
                verbose=options["verbosity"] > 1,
            )
            supervisor.add(web)
            self._await_pages(supervisor, web, options)
            for program in others:
                supervisor.add(program)
            self._welcome(options, credentials)
            if options["demo"]:
                threading.Thread(target=self._load_demo, daemon=True).start()
            supervisor.watch()
        except KeyboardInterrupt:
            pass
        finally:
            supervisor.stopping.set()
            self._say("Stopping ...")
            connections.close_all()
            supervisor.stop()
            self._say("Stopped. Everything is kept in " + str(settings.VAR))

    def _servers(self, supervisor: Supervisor) -> None:
        """The embedded servers that settings ask for; those named by DATABASE_URL and BROKER_URL must be there."""
        if services.uses_embedded_database():
            server = services.postgres()
            if server.is_running():
                raise CannotStart(
                    f"Another command is using the database in {settings.VAR}; try again when it is done."
                )
            supervisor.add(server)
            server.create_database(settings.DATABASES["default"]["NAME"])
        if services.uses_embedded_broker():
            broker = services.redis()
            if broker.is_running():
                raise CannotStart(f"Another Redis answers on {settings.REDIS_SOCKET}; stop it first.")
            supervisor.add(broker)

    def _prepare(self) -> first_start.Credentials | None:
        try:
            connection.ensure_connection()
        except OperationalError as error:
            raise CannotStart(f"The database of DATABASE_URL does not answer: {str(error).strip()}") from None
        first_start.migrate()
        first_start.cache_table()
        first_start.collect_static()
        if services.uses_embedded_database():
            # Whoever held a job has ended with the last start.
            jobs.release_leases()
        return first_start.administrator(os.environ.get("ADMIN_EMAIL", "admin@concord.local"))

    def _await_pages(
        self, supervisor: Supervisor, web: Program, options: dict[str, Any], patience: float = 60
    ) -> None:
        deadline = time.monotonic() + patience
        host = NAMES.get(options["host"], options["host"])
        while (status := _status(host, options["port"])) is None:
            if supervisor.stopping.is_set():
                raise KeyboardInterrupt
            if web.process is None or web.process.poll() is not None or time.monotonic() > deadline:
                where = f"see {web.log}" if web.log else "see above"
                raise CannotStart(f"The web server did not start; {where}.")
            time.sleep(0.05)
        if status >= 500:
            raise CannotStart(f"The web server answers with an error; see {web.log or 'above'}.")

    def _welcome(self, options: dict[str, Any], credentials: first_start.Credentials | None) -> None:
        host = NAMES.get(options["host"], options["host"])
        self._say(self.style.SUCCESS(f"Concord is at http://{host}:{options['port']}/"))
        if credentials is not None:
            self._say(f"  Sign in as  {credentials.email}")
            self._say(f"  Password    {credentials.password}   (shown only now)")
        else:
            self._say("  Forgotten the password? manage.py changepassword <e-mail>")
        if options["no_worker"]:
            self._say("  No worker runs: imports, runs and scorecards wait until one does.")
        self._say("  Ctrl-C stops it.")

    def _load_demo(self) -> None:
        from concord.quickstart import demo

        try:
            demo.load(say=self._say)
        except Exception as error:  # the product keeps running without its demonstration
            self._say(f"The demonstration could not be loaded: {error}")
            raise
        finally:
            connections.close_all()

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


def _interrupt(supervisor: Supervisor) -> None:
    """The first signal ends starting or watching; more of them change nothing while children are being stopped."""
    if not supervisor.stopping.is_set():
        supervisor.stopping.set()
        raise KeyboardInterrupt


def _status(host: str, port: int) -> int | None:
    """What /healthz answers with; None while nobody listens."""
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        # The name is one of ALLOWED_HOSTS whatever the address is.
        connection.request("GET", "/healthz", headers={"Host": "localhost"})
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()
