"""Whether visitors who send nothing, half a request or drips hold up those who rate: p95 beside undisturbed rounds.

    python bench/starve.py [--idle 2000] [--half 500] [--slow 100] [--rounds 5] [--port 8098]

Starts Concord in an empty folder, and alternates rounds in peace with rounds under attack: idle connections, heads that never
end, bodies that drip, and readers who take 100 bytes a second, all renewed as the server ends them, by a process of their own.
In each round a rater answers by the requests of the rating page, and a page is fetched between. Prints the p95 of both kinds of
rounds and their ratio (medians of the rounds), and the memory of a web process above idle. Writes bench/results/starve.json.
"""

import argparse
import json
import multiprocessing
import os
import resource
import select
import signal
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
from bench.rating import Seat, make_study, sign_in, start_server, use_django  # noqa: E402

RESULTS = ROOT / "bench" / "results" / "starve.json"
HEAD = b"GET /account/login/ HTTP/1.1\r\nHost: localhost\r\n"
SENT = {
    "idle": b"",
    "half": HEAD + b"X-Half: ",
    "body": b"POST /account/login/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n",
    "slow": HEAD + b"\r\n",
}


def main() -> None:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="concord-bench-") as folder:
        os.environ |= {"CONCORD_VAR": folder, "LOG_LEVEL": "WARNING"}
        server = start_server(options.port)
        try:
            rounds, memory = _measure(options)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=60)
    _report(options, rounds, memory)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name, default in (("idle", 2000), ("half", 500), ("body", 100), ("slow", 100)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=100, help="ratings, and as many pages, in a round")
    parser.add_argument("--port", type=int, default=8098)
    return parser.parse_args()


def _measure(options: argparse.Namespace) -> tuple[dict[str, list[dict[str, float]]], dict[str, float]]:
    use_django()
    study, criterion = make_study(options.rounds * options.requests * 4)
    seat = sign_in(study, criterion, 0, options.port)
    _round(seat, 20)  # whatever is done once is done
    before = _memory(options.port)
    rounds: dict[str, list[dict[str, float]]] = {"peace": [], "attack": []}
    most = before
    for _ in range(options.rounds):
        rounds["peace"].append(_round(seat, options.requests))
        ended = multiprocessing.Event()
        attack = multiprocessing.Process(target=_attack, args=(options, ended))
        attack.start()
        try:
            time.sleep(5)
            rounds["attack"].append(_round(seat, options.requests))
            most = max(most, _memory(options.port))
        finally:
            ended.set()
            attack.join(30)
        time.sleep(3)
    return rounds, {"idle_mb": before, "attacked_mb": most, "above_idle_mb": most - before}


def _round(seat: Seat, requests: int) -> dict[str, float]:
    """The p95 in milliseconds of ratings and of pages."""
    ratings, pages = [], []
    task = seat.next()["task"]
    for _ in range(requests):
        began = time.perf_counter()
        task = seat.save(task["key"], 0)["task"]
        ratings.append(time.perf_counter() - began)
        began = time.perf_counter()
        seat.connection.request("GET", "/rate/", headers={"Cookie": seat.cookies})
        answer = seat.connection.getresponse()
        answer.read()
        pages.append(time.perf_counter() - began)
        if answer.status != 200:
            raise RuntimeError(f"a page answered {answer.status}")
    return {"rating": 1000 * _p95(ratings), "page": 1000 * _p95(pages)}


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[-1]


def _memory(port: int) -> float:
    """Of the largest web process, what is its own, in MB."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        line = " ".join(process.info["cmdline"] or [])
        if "gunicorn" in line and f":{port}" in line:
            found.append(process.memory_full_info().uss / 1e6)
    return float(max(found))


def _attack(options: argparse.Namespace, ended: Any) -> None:
    """Hold as many connections of each kind as asked for, and let them drip, until it is ended."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192), hard))
    wanted = {kind: getattr(options, kind) for kind in SENT}
    held: dict[socket.socket, str] = {}
    while not ended.is_set():
        for kind, many in wanted.items():
            for _ in range(many - sum(1 for each in held.values() if each == kind)):
                client = socket.socket()
                if kind == "slow":
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
                client.connect(("127.0.0.1", options.port))
                client.sendall(SENT[kind])
                client.setblocking(False)
                held[client] = kind
        ended.wait(1)
        _drip(held)
    for client in held:
        client.close()


def _drip(held: dict[socket.socket, str]) -> None:
    poll = select.poll()
    by_number = {client.fileno(): client for client in held}
    for number, client in by_number.items():
        if held[client] != "slow":
            poll.register(number, select.POLLIN)
    over = [by_number[number] for number, _ in poll.poll(0)]
    for client, kind in list(held.items()):
        try:
            if kind in ("half", "body"):
                client.send(b"a")
            elif kind == "slow" and client.recv(100) == b"":
                over.append(client)
        except BlockingIOError:
            continue
        except OSError:
            over.append(client)
    for client in set(over):
        held.pop(client, None)
        client.close()


def _report(
    options: argparse.Namespace, rounds: dict[str, list[dict[str, float]]], memory: dict[str, float]
) -> None:
    found: dict[str, Any] = {"options": vars(options), "rounds": rounds, "memory": memory}
    for what in ("rating", "page"):
        peace, attack = (
            statistics.median(each[what] for each in rounds[kind]) for kind in ("peace", "attack")
        )
        found[what] = {"peace_ms": peace, "attack_ms": attack, "ratio": attack / peace}
        print(
            f"p95 of a {what}: {peace:.1f} ms in peace, {attack:.1f} ms under attack: {attack / peace:.2f} x"
        )
    print(
        f"memory of a web process: {memory['idle_mb']:.0f} MB, {memory['above_idle_mb']:.0f} MB more under attack"
    )
    RESULTS.parent.mkdir(exist_ok=True)
    Path(RESULTS).write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
