"""How much one rating costs, and whether that grows with the study: real raters against the real server.

    python bench/rating.py [--units 10000 100000] [--million] [--raters 16] [--ratings 2000] [--port 8099]

Starts Concord in an empty folder as `manage.py up` does (embedded PostgreSQL and Redis, gunicorn), makes a study for each
size, and lets signed-in raters work over HTTP as the rating page does: every answer is one request, which saves it and
brings the next task. CPU time is read from /proc, for the web processes and for PostgreSQL and Redis apart.
Prints a table and writes bench/results/rating.json.
"""

import argparse
import http.client
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench" / "results" / "rating.json"
CSRF = "b" * 32
# An answer as models write them: some markdown, a list, a little code; about 900 characters.
ANSWER = (
    """**Short answer:** it depends on the load, and on how often the data change.

1. Measure first, with the data that you really have.
2. Change one thing, and measure again.
3. Keep what helped; write down what did not.

```python
def mean(values):
    return sum(values) / len(values)
```

"""
    + "A longer paragraph explains why each of these steps matters and what may go wrong on the way. " * 5
)


@dataclass
class Result:
    """One size, one way of working."""

    units: int
    way: str
    ratings: int
    ratings_per_second: float
    fetch_ms: dict[str, float]
    submit_ms: dict[str, float]
    web_cpu_ms: float
    database_cpu_ms: float
    redis_cpu_ms: float
    errors: int

    @property
    def cpu_ms(self) -> float:
        return self.web_cpu_ms + self.database_cpu_ms + self.redis_cpu_ms


@dataclass
class Seat:
    """A signed-in rater's connection to the server."""

    connection: http.client.HTTPConnection
    study: int
    criterion: int
    cookies: str

    def next(self, ahead: int = 0) -> dict[str, Any]:
        return self._ask("GET", f"/rate/{self.study}/next/?ahead={ahead}")

    def save(self, key: str, ahead: int | None) -> dict[str, Any]:
        answer = {"key": key, "answers": {str(self.criterion): 4}, "seconds": 7.5, "ahead": ahead}
        return self._ask("POST", f"/rate/{self.study}/save/", json.dumps(answer))

    def _ask(self, method: str, path: str, body: str | None = None) -> dict[str, Any]:
        headers = {"Cookie": self.cookies, "X-CSRFToken": CSRF, "Content-Type": "application/json"}
        try:
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
        except http.client.RemoteDisconnected:  # kept open for too long: ask again, as a browser does
            self.connection.close()
            self.connection.request(method, path, body, headers)
            response = self.connection.getresponse()
        text = response.read()
        if response.status != 200:
            raise RuntimeError(f"{response.status} {text[:300]!r}")
        found: dict[str, Any] = json.loads(text)
        return found


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="concord-bench-") as folder:
        os.environ |= {"CONCORD_VAR": folder, "LOG_LEVEL": "WARNING"}
        server = start_server(options.port)
        try:
            results = _measure(options, folder)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=60)
    _report(results, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--units", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--million", action="store_true", help="1,000,000 units as well")
    parser.add_argument("--raters", type=int, default=16)
    parser.add_argument("--ratings", type=int, default=2000, help="answers per size and way of working")
    parser.add_argument("--port", type=int, default=8099)
    options = parser.parse_args()
    options.units += [1_000_000] if options.million else []
    return options


def start_server(port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(ROOT / "manage.py"), "up", "--no-worker", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    for _ in range(600):
        if server.poll() is not None:
            raise SystemExit("the server did not start")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/readyz")
            if connection.getresponse().status == 200:
                return server
        except OSError:
            pass
        time.sleep(0.2)
    raise SystemExit("the server did not become ready")


def use_django() -> None:
    """After the server has started: its folder is read from the environment."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "concord.settings"
    sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]
    import django

    django.setup()


def _measure(options: argparse.Namespace, folder: str) -> list[Result]:
    use_django()
    results = []
    for units in options.units:
        study, criterion = make_study(units)
        seats = [sign_in(study, criterion, index, options.port) for index in range(options.raters)]
        _work(seats, 10 * options.raters, _as_the_page_does)  # every process and cache is warm
        for way in (_as_the_page_does, _one_by_one):
            results.append(_timed(way, seats, options, units, folder))
            print(_line(results[-1]), flush=True)
    return results


def _timed(way: Any, seats: list[Seat], options: argparse.Namespace, units: int, folder: str) -> Result:
    before, began = _cpu(folder, options.port), time.monotonic()
    fetches, submits, errors = _work(seats, options.ratings, way)
    seconds, after = time.monotonic() - began, _cpu(folder, options.port)
    web, database, redis = (
        1000 * (after[name] - before[name]) / len(submits) for name in ("web", "database", "redis")
    )
    return Result(
        units, way.__doc__.split(":")[0], len(submits), len(submits) / seconds, _quantiles(fetches), _quantiles(submits),
        web, database, redis, errors,
    )  # fmt: skip


def _work(seats: list[Seat], ratings: int, way: Any) -> tuple[list[float], list[float], int]:
    """All raters at once, until together they gave that many ratings: seconds of each fetch and each submit, and errors."""
    fetches: list[float] = []
    submits: list[float] = []
    errors: list[BaseException] = []

    def run(seat: Seat) -> None:
        try:
            way(seat, ratings // len(seats), fetches, submits)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(seat,)) for seat in seats]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        print(f"{len(errors)} raters failed, the first with: {errors[0]}", file=sys.stderr)
    return fetches, submits, len(errors)


def _as_the_page_does(seat: Seat, ratings: int, fetches: list[float], submits: list[float]) -> None:
    """as the page does: the next task is there already; each answer is saved and brings the one after."""
    waiting = [seat.next(0)["task"]["key"], seat.next(1)["task"]["key"]]
    for _ in range(ratings):
        began = time.perf_counter()
        reply = seat.save(waiting.pop(0), ahead=1)
        submits.append(time.perf_counter() - began)
        waiting.append(reply["task"]["key"])


def _one_by_one(seat: Seat, ratings: int, fetches: list[float], submits: list[float]) -> None:
    """one by one: fetch a task, then submit it."""
    for _ in range(ratings):
        began = time.perf_counter()
        key = seat.next(0)["task"]["key"]
        between = time.perf_counter()
        seat.save(key, ahead=None)
        fetches.append(between - began)
        submits.append(time.perf_counter() - between)


def make_study(units: int) -> tuple[int, int]:
    """A live scale study with that many outputs, each to be rated three times; made in bulk inside the database."""
    from django.db import connection

    from annotation.services.studies import create_study, open_study
    from annotation.services.units import build_units
    from concord.accounts.models import Membership, User, Workspace
    from concord.catalog.models import Criterion, Dataset, DatasetVersion, OutputSet, System

    workspace = Workspace.objects.create(name=f"Bench {units}", slug=f"bench-{units}")
    owner = User.objects.create_user(f"owner-{units}@example.com")
    Membership.objects.create(workspace=workspace, user=owner, role="owner")
    version = DatasetVersion.objects.create(dataset=Dataset.objects.create(workspace=workspace, name="Bench"))
    system = System.objects.create(workspace=workspace, name="system")
    outputs = OutputSet.objects.create(workspace=workspace, kind="import")
    labels = [{"value": value, "label": f"{value} of 5"} for value in range(1, 6)]
    criterion = Criterion.objects.create(
        workspace=workspace,
        slug="quality",
        name="Quality",
        question="How good is it?",
        kind="likert",
        level="ordinal",
        labels=labels,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO catalog_example (version_id, key, position, content, slices) SELECT %s, 'example ' || n, n, "
            "jsonb_build_array(jsonb_build_object('type', 'text', 'text', 'Question ' || n || ': how can it be faster?')), '{}' "
            "FROM generate_series(1, %s) AS n",
            [version.pk, units],
        )
        cursor.execute(
            "INSERT INTO catalog_output (output_set_id, system_id, example_id, epoch, text, text_kind, created_at) "
            "SELECT %s, %s, id, 1, %s || id, 'markdown', now() FROM catalog_example WHERE version_id = %s",
            [outputs.pk, system.pk, ANSWER, version.pk],
        )
    study = create_study(
        workspace=workspace,
        actor=owner,
        name="Bench",
        kind="scale",
        version=version,
        systems=[system],
        criteria=[criterion],
        seed=1,
    )
    build_units(actor=owner, study=study)
    open_study(study=study, actor=owner)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")
    return study.pk, criterion.pk


def sign_in(study: int, criterion: int, index: int, port: int) -> Seat:
    from django.conf import settings
    from django.test import Client

    from annotation.models import Study
    from annotation.services.joining import rater_named, seat_rater
    from concord.accounts.models import Membership, User

    user, _ = User.objects.get_or_create(email=f"rater-{study}-{index}@example.com")
    Membership.objects.get_or_create(
        workspace=Study.objects.get(pk=study).workspace, user=user, defaults={"role": "rater"}
    )
    seat_rater(
        study=Study.objects.get(pk=study),
        rater=rater_named(workspace=Study.objects.get(pk=study).workspace, name=user.email, user=user),
    )
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={CSRF}"
    return Seat(http.client.HTTPConnection("127.0.0.1", port, timeout=60), study, criterion, cookies)


def _cpu(folder: str, port: int) -> dict[str, float]:
    """CPU seconds so far of the web processes, of PostgreSQL and of Redis, children that ended included."""
    spent = {"web": 0.0, "database": 0.0, "redis": 0.0}
    for process in psutil.process_iter(["cmdline", "ppid", "pid"]):
        line = " ".join(process.info["cmdline"] or [])
        kind = _kind(line, process, folder, port)
        if kind:
            times = process.cpu_times()
            ended = times.children_user + times.children_system if kind == "database" else 0.0
            spent[kind] += times.user + times.system + ended
    return spent


def _kind(line: str, process: Any, folder: str, port: int) -> str:
    """Which part of this bench's own server a process is; empty for all others."""
    if "gunicorn" in line and f":{port}" in line:
        return "web"
    if folder in line and "redis" in line:
        return "redis"
    if "postgres" not in line:
        return ""
    try:
        above = " ".join(process.parent().cmdline()) if process.parent() else ""
    except psutil.Error:
        return ""
    mine = (folder in line and "-D" in line) or (folder in above and "postgres" in above and "-D" in above)
    return "database" if mine else ""


def _quantiles(seconds: list[float]) -> dict[str, float]:
    if len(seconds) < 2:
        return {}
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {"p50": 1000 * cuts[49], "p95": 1000 * cuts[94], "p99": 1000 * cuts[98]}


def _line(result: Result) -> str:
    fetch, submit = (
        " / ".join(f"{found[name]:.0f}" for name in ("p50", "p95", "p99")) if found else "with submit"
        for found in (result.fetch_ms, result.submit_ms)
    )
    return (
        f"{result.units:>9,}  {result.way:<18} {result.ratings:>7,} {result.ratings_per_second:>8.0f}  {fetch:>16}  {submit:>16}"
        f"  {result.web_cpu_ms:>6.2f} {result.database_cpu_ms:>6.2f} {result.redis_cpu_ms:>6.2f} {result.cpu_ms:>6.2f}"
    )


def _report(results: list[Result], options: argparse.Namespace) -> None:
    head = f"{'units':>9}  {'way':<18} {'ratings':>7} {'per s':>8}  {'fetch p50/95/99':>16}  {'submit p50/95/99':>16}"
    print(f"\n{head}  CPU ms: web, database, redis, all")
    for result in results:
        print(_line(result))
    RESULTS.parent.mkdir(exist_ok=True)
    machine = {
        "cpu": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
    }
    written = {
        "raters": options.raters,
        "machine": machine,
        "results": [asdict(one) | {"cpu_ms": one.cpu_ms} for one in results],
    }
    RESULTS.write_text(json.dumps(written, indent=2) + "\n")


if __name__ == "__main__":
    main()
