"""What was acknowledged is there, whole, whatever happened; what was not acknowledged is nowhere by half."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import threading
import time

import httpx
import numpy as np
import pytest

from tests.conftest import skip
from tests.parts import Server

ROUNDS = [pytest.param(4, id="short"), pytest.param(40, id="long", marks=pytest.mark.slow)]
LEADS = ("I", "II", "V1")


def signals(seed: int) -> dict[str, list[int]]:
    """Three leads that no other seed gives, longer than one stored chunk."""
    rng = np.random.default_rng(seed)
    return {name: np.cumsum(rng.integers(-9, 10, 70_000)).tolist() for name in LEADS}


def body(seed: int) -> dict:
    return {"leads": [{"name": name, "signal": signal} for name, signal in signals(seed).items()]}


def read_back(client: httpx.Client, ecg_id: str) -> dict[str, list[int]]:
    return {
        name: client.get(f"/ecgs/{ecg_id}/leads/{name}").raise_for_status().json()["samples"]
        for name in LEADS
    }


class Storm:
    """Uploads from several threads until the server dies; remembers what was acknowledged."""

    def __init__(self, server: Server, token: str, first_seed: int) -> None:
        self.acknowledged: dict[str, int] = {}
        self.server, self.token, self.seed, self.lock = server, token, first_seed, threading.Lock()
        self.threads = [threading.Thread(target=self.upload) for _ in range(4)]
        for thread in self.threads:
            thread.start()

    def upload(self) -> None:
        with self.server.client(self.token) as client:
            while True:
                with self.lock:
                    self.seed += 1
                    seed = self.seed
                try:
                    answer = client.post("/ecgs", json=body(seed))
                except httpx.TransportError:
                    return  # killed: this one was not acknowledged
                assert answer.status_code == 201, answer.text
                self.acknowledged[answer.json()["id"]] = seed

    def join(self) -> None:
        for thread in self.threads:
            thread.join()


def kill_in_a_storm(server: Server, rounds: int) -> dict[str, int]:
    """Acknowledged id → seed, over all rounds of upload, SIGKILL, start."""
    token, acknowledged = server.register("storm"), {}
    for number in range(rounds):
        storm = Storm(server, token, number * 1_000_000)
        time.sleep(random.Random(number).uniform(0.5, 1.5))
        server.kill()
        storm.join()
        acknowledged |= storm.acknowledged
        server.start()
    return token, acknowledged


def assert_whole(server: Server, token: str, acknowledged: dict[str, int]) -> None:
    with server.client(token) as client:
        listed = []
        while len(listed) < client.get("/ecgs").json()["total"]:
            listed += [
                item["id"] for item in client.get(f"/ecgs?limit=500&offset={len(listed)}").json()["items"]
            ]
        assert set(acknowledged) <= set(listed)
        for ecg_id in listed:  # also those that were stored but not acknowledged before the end came
            stored = read_back(client, ecg_id)
            assert all(len(samples) == 70_000 for samples in stored.values())
            if ecg_id in acknowledged:
                assert stored == signals(acknowledged[ecg_id])


@pytest.mark.parametrize("rounds", ROUNDS)
def test_sqlite_loses_no_acknowledged_ecg_to_sigkill(tmp_path, rounds):
    server = Server(tmp_path, ECG_DEMO="0")
    try:
        token, acknowledged = kill_in_a_storm(server, rounds)
        assert len(acknowledged) >= rounds
        assert_whole(server, token, acknowledged)
    finally:
        server.stop()
    with sqlite3.connect(tmp_path / "data" / "ecg.db") as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    print(f"{rounds} rounds of SIGKILL, {len(acknowledged)} acknowledged, all whole")


def test_postgresql_loses_no_acknowledged_ecg_to_sigkill(tmp_path, postgres):
    server = Server(tmp_path, ECG_DEMO="0", ECG_DATABASE_URL=postgres.new_database())
    try:
        token, acknowledged = kill_in_a_storm(server, 2)
        assert_whole(server, token, acknowledged)
    finally:
        server.stop()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of a few megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = os.geteuid() == 0 and subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", folder], capture_output=True
    )
    if not mounted or mounted.returncode:
        skip("a small file system can only be mounted by root")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def fill(client: httpx.Client, first_seed: int) -> tuple[dict[str, int], httpx.Response]:
    """Upload until it is refused: what was acknowledged, and the refusal."""
    acknowledged = {}
    for seed in range(first_seed, first_seed + 400):
        answer = client.post("/ecgs", json=body(seed))
        if answer.status_code != 201:
            return acknowledged, answer
        acknowledged[answer.json()["id"]] = seed
    raise AssertionError("the disk never got full")


def test_a_full_disk_gives_507_loses_nothing_and_recovers(small_disk):
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 2_000_000)
    server = Server(small_disk, ECG_DEMO="0")
    try:
        token = server.register("full")
        with server.client(token) as client:
            acknowledged, refusal = fill(client, 0)
            assert refusal.status_code == 507 and set(refusal.json()) == {"detail"}
            assert client.get("/health/ready").status_code == 200
            assert_whole(server, token, acknowledged)
            assert client.get("/ecgs").json()["total"] == len(acknowledged)
            ballast.unlink()
            after = client.post("/ecgs", json=body(1000))
            assert after.status_code == 201
            assert_whole(server, token, acknowledged | {after.json()["id"]: 1000})
    finally:
        server.stop()


def test_a_lost_postgresql_gives_503_and_the_service_recovers_alone(tmp_path, tmp_path_factory):
    from tests.parts import Postgres

    found = Postgres.find()
    if found is None:
        skip("PostgreSQL is not installed")
    postgres = Postgres(found, tmp_path_factory.mktemp("lost"))
    server = Server(tmp_path, ECG_DEMO="0", ECG_DATABASE_URL=postgres.new_database())
    try:
        with server.client() as client:
            before = client.post("/ecgs", json=body(1)).json()["id"]
            postgres.stop()
            answers = [client.get("/health/ready"), client.get("/ecgs"), client.post("/ecgs", json=body(2))]
            assert [answer.status_code for answer in answers] == [503, 503, 503]
            postgres.begin()
            assert client.get("/health/ready").status_code == 200
            assert read_back(client, before) == signals(1)
            assert client.post("/ecgs", json=body(3)).status_code == 201
    finally:
        server.stop()
        postgres.stop()
