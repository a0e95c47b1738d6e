"""The parts that tests start: a PostgreSQL server, and the product itself as its own process."""

from __future__ import annotations

import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
ADMIN_TOKEN = "ecga_tests-only-9f2c7a41e8b35d60"
CONTRACT_BODY = {"leads": [{"name": "I", "number_of_samples": 8, "signal": [1, 0, -1, 0, 1, 0, 0, 1]}]}


def free_port() -> int:
    """A port that no client's connection takes before the server that is started now listens on it."""
    while True:
        port = random.SystemRandom().randrange(10_000, 32_000)  # below those that the system gives to clients
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def find_chromium() -> str | None:
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Server:
    """``streamlit run app.py`` on its own port with its own data folder."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = folder / "server.log"
        self.environment = {
            "ECG_DATA_DIR": str(folder / "data"),
            "ECG_ADMIN_TOKEN": ADMIN_TOKEN,
            **environment,
        }
        self.start()

    def start(self) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("ECG_")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)],
                cwd=ROOT,
                env={**clean, **self.environment},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.wait_until_ready()

    def wait_until_ready(self, seconds: float = 60) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended: {self.log.read_text()[-2000:]}")
            try:
                if httpx.get(f"{self.url}/health/ready", timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise RuntimeError(f"the server did not get ready: {self.log.read_text()[-2000:]}")

    @property
    def demo_token(self) -> str:
        """The demo user's token, as the terminal shows it once."""
        found = re.search(r"ecgu_[\w-]+", self.log.read_text())
        assert found, "the log shows no demo token"
        return found[0]

    def register(self, username: str | None = None) -> str:
        """A new user's token."""
        body = {"username": username or f"user-{uuid.uuid4().hex[:12]}"}
        answer = httpx.post(f"{self.url}/users", json=body, headers={"x-admin-token": ADMIN_TOKEN})
        assert answer.status_code == 201, answer.text
        return answer.json()["token"]

    def client(self, token: str | None = None) -> httpx.Client:
        """An HTTP client, of a new user unless a token is given."""
        headers = {"x-user-token": token or self.register()}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()


class Postgres:
    """A PostgreSQL server of the tests' own, without a password, on a free local port."""

    @staticmethod
    def find() -> Path | None:
        """The folder of initdb and pg_ctl."""
        installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        on_path = shutil.which("initdb")
        if installed:
            return installed[-1].parent
        return Path(on_path).resolve().parent if on_path else None

    def __init__(self, programs: Path, folder: Path) -> None:
        self.programs, self.folder, self.port = programs, folder, free_port()
        self._own()
        self._run("initdb", "-D", str(folder / "data"), "-A", "trust", "-U", "ecg", "-E", "UTF8", "--no-sync")
        self.begin()

    def begin(self) -> None:
        """Start, also again after `stop`."""
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1 -c fsync=off"
        options += " -c max_connections=200"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-o", options, "-l", log, "-w", "start")

    def _own(self) -> None:
        """PostgreSQL refuses to run as root; root hands the folder to the user that Debian made for it."""
        self.user = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        if self.user:
            os.chown(self.folder, pwd.getpwnam("postgres").pw_uid, -1)
            for parent in self.folder.parents:  # pytest makes them for their owner only
                if parent.stat().st_uid == 0 and not parent.stat().st_mode & 0o001:
                    parent.chmod(parent.stat().st_mode | 0o011)

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self.programs / program, *arguments],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            **self.user,
        )

    def new_database(self) -> str:
        """The address of a new, empty database."""
        import psycopg

        name = f"ecg_{uuid.uuid4().hex}"
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return f"postgresql+psycopg://ecg@127.0.0.1:{self.port}/{name}"

    def _address(self, name: str) -> str:
        return f"postgresql://ecg@127.0.0.1:{self.port}/{name}"

    def stop(self) -> None:
        """Stop the server, if it runs."""
        stop = [self.programs / "pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "stop"]
        subprocess.run(
            stop, cwd=self.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self.user
        )
