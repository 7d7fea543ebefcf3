"""`manage.py up`: the whole product on one machine, until Ctrl-C.

This process only watches over others and stays small: it reads the settings, and leaves everything that needs the
applications loaded to a child (`manage.py prepare`, `manage.py load_demo`).
"""

import http.client
import json
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from typing import Any

from django.conf import settings

from concord.quickstart import release, services, stack
from concord.quickstart.identity import in_child
from concord.quickstart.problems import CannotStart
from concord.quickstart.supervisor import Program, Supervisor

# What a browser is told for an address that means "every interface".
NAMES = {"0.0.0.0": "localhost", "127.0.0.1": "localhost", "::": "localhost"}  # noqa: S104
ALREADY = (
    "Concord already runs on {folder} (process {{pid}}); stop it first, or set CONCORD_VAR to another folder."
)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--host", default="127.0.0.1", help="address to listen on (default: this machine only)"
    )
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--no-worker", action="store_true", help="pages only; start Celery workers yourself")
    parser.add_argument("--demo", action="store_true", help="load the demonstration unless it is there")
    parser.add_argument(
        "--show-logs", action="store_true", help="print the programs' logs here, not to files"
    )


def main(arguments: Sequence[str]) -> int:
    """The command line; the exit code."""
    parser = ArgumentParser(prog="manage.py up", description="Start everything; Ctrl-C stops everything.")
    add_arguments(parser)
    return run(parser.parse_args(arguments))


def run(options: Namespace) -> int:
    """0 after Ctrl-C or SIGTERM, 2 with a sentence where something keeps Concord from starting."""
    supervisor = Supervisor(say)
    for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(sign, lambda *_: _interrupt(supervisor))
    try:
        services.private_folder(settings.VAR)
        with services.only_one(settings.VAR / "up.lock", ALREADY.format(folder=settings.VAR)):
            stack.check_port(options.host, options.port)
            _run(supervisor, options)
    except CannotStart as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        return 0
    return 0


def _run(supervisor: Supervisor, options: Namespace) -> None:
    try:
        _servers(supervisor)
        web, *others = stack.programs(
            host=options.host, port=options.port, workers=not options.no_worker, verbose=options.show_logs
        )
        # Where nothing has changed there is nothing to prepare, and the pages are there in half the time.
        account = None if release.is_prepared() else _prepare()
        if services.uses_embedded_database():
            release.free_jobs()
        supervisor.add(web)
        _await_pages(supervisor, web, options)
        for program in others:
            supervisor.add(program)
        _welcome(options, account)
        if options.demo:
            supervisor.add_once(stack.demo())
        supervisor.watch()
    except KeyboardInterrupt:
        pass
    finally:
        supervisor.stopping.set()
        say("Stopping ...")
        supervisor.stop()
        say(f"Stopped. Everything is kept in {settings.VAR}")


def _servers(supervisor: Supervisor) -> None:
    """The embedded servers that settings ask for; those named by DATABASE_URL and BROKER_URL must be there."""
    if services.uses_embedded_database():
        server = services.postgres()
        if server.is_running():
            raise CannotStart(
                f"Another command is using the database in {settings.VAR}; try again when it is done."
            )
        supervisor.add(server)
        server.create_database(str(settings.DATABASES["default"]["NAME"]))
    if services.uses_embedded_broker():
        broker = services.redis()
        if broker.is_running():
            raise CannotStart(f"Another Redis answers on {settings.REDIS_SOCKET}; stop it first.")
        supervisor.add(broker)


def _prepare() -> dict[str, Any] | None:
    """Tables, static files and the first account, by a child; the account, if it made one."""
    child = subprocess.Popen(  # noqa: S603
        [sys.executable, str(settings.BASE_DIR / "manage.py"), "prepare"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, preexec_fn=in_child(death=signal.SIGTERM), start_new_session=True,
    )  # fmt: skip
    try:
        out, problems = child.communicate()
    except KeyboardInterrupt:
        child.terminate()
        child.wait(10)
        raise
    if child.returncode:
        lines = problems.strip().splitlines() or ["no reason given"]
        raise CannotStart(
            "\n".join(lines if child.returncode == 2 else ["The installation could not be prepared:", *lines])
        )
    account: dict[str, Any] | None = json.loads(out.strip().splitlines()[-1])
    return account


def _await_pages(supervisor: Supervisor, web: Program, options: Namespace, patience: float = 60) -> None:
    deadline = time.monotonic() + patience
    host = NAMES.get(options.host, options.host)
    while (status := _status(host, options.port)) is None:
        if supervisor.stopping.is_set():
            raise KeyboardInterrupt
        if web.process is None or web.process.poll() is not None or time.monotonic() > deadline:
            raise CannotStart(f"The web server did not start; see {web.log or 'above'}.")
        time.sleep(0.05)
    if status >= 500:
        raise CannotStart(f"The web server answers with an error; see {web.log or 'above'}.")


def _welcome(options: Namespace, account: dict[str, Any] | None) -> None:
    say(f"Concord is at http://{NAMES.get(options.host, options.host)}:{options.port}/")
    if account:
        say(f"  Sign in as  {account['email']}")
        say(f"  Password    {account['password']}   (shown only now)")
    else:
        say("  Forgotten the password? manage.py changepassword <e-mail>")
    if options.no_worker:
        say("  No worker runs: imports, runs and scorecards wait until one does.")
    say("  Ctrl-C stops it.")


def say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


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
        name = next((name for name in settings.ALLOWED_HOSTS if not name.startswith((".", "*"))), "localhost")
        connection.request("GET", "/healthz", headers={"Host": name})
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()
