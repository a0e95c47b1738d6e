"""A thousand mixed files in one archive: stored as the page does it, analyzed by the command line; none lost.

Each file that is stored is then read by ``ecgdatakit`` alone, in turn, so that a slow moment of the machine
does not fall on one of them. The ratio is that of the time which both took for the files that ecgdatakit can
read, with ours including the search of the archive, the reading process, the analysis, the original file kept
beside it and a durable transaction.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.mutations import with_checksums
from benchmarks.rows import Row
from benchmarks.seeds import REAL_DATA, Seed, generated_seeds, real_seeds
from benchmarks.service import ecg_body
from ecg_core.services import users
from ecg_core.services.room import open_reading_room
from ecg_core.services.uploads import FileResult, Source, add_bundle, find_bundles
from ecg_core.settings import Settings
from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg
from tests.parts import ADMIN_TOKEN, ROOT
from tests.readers.test_readers_kardia import atc, ecg, form, info

_LEAST_BYTES = 1500  # a few samples are no ECG file
_LARGE_BYTES = 1_000_000
_LARGE_EVERY = 10  # of the rounds over the seeds
_BROKEN = (b"", b"%PDF-1.4 a letter", bytes(2000), b"<?xml version='1.0'?><RestingECG><Waveform>")
_BROKEN_EVERY = 40  # files
_XML = ("muse", "sierra", "aecg", "mortara", "schiller")


@dataclass(frozen=True)
class Timed:
    """What became of a file of the archive, and the seconds of ours and of ecgdatakit (None: not read)."""

    result: FileResult
    seconds: float
    peer_seconds: float | None


def sources() -> list[Seed]:
    """What the files are made of: real ones where they are present, and synthetic ones."""
    counts = np.round(synthesize_ecg(10, 500) * 1000).astype(int)
    table = io.StringIO()
    csv.writer(table).writerows([[f"{name} (uV)" for name in TWELVE_LEADS], *counts.T.tolist()])
    synthetic = [
        Seed("json", "ecg.json", ecg_body(12, 5_000)),
        Seed("csv", "ecg.csv", table.getvalue().encode()),
        Seed("kardia", "ecg.atc", atc(info(), form(), ecg(0, counts[0]))),
    ]
    good = [seed for seed in (*real_seeds(REAL_DATA), *generated_seeds()) if seed.size >= _LEAST_BYTES]
    return synthetic + good


def variants(number_of_files: int) -> Iterator[tuple[Seed, int]]:
    """Files of all kinds in turn, no two equal; every fortieth is broken."""
    seeds = sources()
    chosen = (
        seed
        for turn in itertools.count()
        for seed in seeds
        if seed.size < _LARGE_BYTES or turn % _LARGE_EVERY == 0
    )
    for number in range(number_of_files):
        if number % _BROKEN_EVERY == _BROKEN_EVERY - 1:
            content = _BROKEN[number // _BROKEN_EVERY % len(_BROKEN)]
            yield Seed("", f"broken{number}.ecg", content), number
        else:
            yield varied(next(chosen), number), number


def varied(seed: Seed, number: int) -> Seed:
    """The same recording with another sample, or another remark."""
    data = seed.data
    if seed.reader == "wfdb":
        data = data.rstrip() + b"\n# copy %d\n" % number
    elif seed.reader in _XML:
        encoding = "utf-16-le" if data.startswith(b"\xff\xfe") else "ascii"
        data += f"\n<!-- copy {number} -->\n".encode(encoding)
    elif seed.reader in ("json", "csv"):
        last = list(re.finditer(rb"\d+", data[-200:]))[-1]
        at = max(len(data) - 200, 0)
        data = data[: at + last.start()] + b"%d" % number + data[at + last.end() :]
    elif seed.reader == "biopac":
        data += b"%d" % number  # behind the end: what is packed within has no byte that could be another
    else:
        at = 8 * len(data) // 10 // 2 * 2
        data = data[:at] + number.to_bytes(2, "little") + data[at + 2 :]
    if seed.reader == "kardia":
        data = with_checksums(data)
    return Seed(seed.reader, seed.name, data, seed.siblings)


def unpacked(folder: Path, number_of_files: int) -> dict[str, Path]:
    """The files, each recording in a folder of its own; the path of each by what it is called there."""
    paths = {}
    for seed, number in variants(number_of_files):
        own = folder / f"{number:04d}"
        own.mkdir(parents=True)
        for name, data in {seed.name: seed.data, **seed.siblings}.items():
            (own / name).write_bytes(data)
        paths[f"{own.name}/{seed.name}"] = own / seed.name
    return paths


def zipped(folder: Path, target: Path) -> None:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))


def store_all(archive: Path, paths: dict[str, Path], data_dir: Path) -> tuple[float, list[Timed]]:
    """Seconds of the search of the archive, and each of its files stored and then read by ecgdatakit."""
    settings = Settings(
        database_url=f"sqlite:///{data_dir / 'ecg.db'}",
        data_dir=data_dir,
        admin_token=ADMIN_TOKEN,
        demo=False,
    )
    room = open_reading_room(settings)
    try:
        user = users.user_of(room, users.register(room, "reader"))
        content = archive.read_bytes()
        begin = time.perf_counter()
        bundles = find_bundles([Source.of(archive.name, content)])
        searching = time.perf_counter() - begin
        timed = []
        for bundle in bundles:
            begin = time.perf_counter()
            result = add_bundle(room, user, bundle)
            seconds = time.perf_counter() - begin
            timed.append(Timed(result, seconds, _peer_seconds(paths[bundle.name.partition("/")[2]])))
        return searching, timed
    finally:
        room.database.close()


def _peer_seconds(path: Path) -> float | None:
    from ecgdatakit.parsing.parser import FileParser

    begin = time.perf_counter()
    try:
        record = FileParser.parse(path)
    except Exception:
        return None
    seconds = time.perf_counter() - begin
    return seconds if any(len(lead.samples) for lead in record.leads) else None


def analyze(archive: Path, report: Path) -> tuple[float, set[str], set[str]]:
    """Seconds of the command line, and the names of the files that it read and refused."""
    command = [sys.executable, "-m", "ecg_core", "analyze", str(archive), "--leads", str(report)]
    begin = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    seconds = time.perf_counter() - begin
    assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr[-3000:]
    with report.open(encoding="utf-8-sig", newline="") as file:
        read = {row[0] for row in itertools.islice(csv.reader(file), 1, None)}
    lines = [line for line in done.stderr.splitlines() if ": note: " not in line]
    return seconds, read, {line.partition(": ")[0] for line in lines}


def measure(short: bool) -> list[Row]:
    """Three rows: stored, analyzed, none lost."""
    warnings.simplefilter("ignore")  # of the peer
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:  # a real disk: /tmp may lie in memory
        folder = Path(name)
        paths = unpacked(folder / "files", 100 if short else 1000)
        archive = folder / "many.zip"
        zipped(folder / "files", archive)
        _peer_seconds(next(iter(paths.values())))  # its imports
        searching, timed = store_all(archive, paths, folder / "data")
        analysis = analyze(archive, folder / "leads.csv")
    return [_stored_row(searching, timed), *_analyzed_rows(len(paths), timed, *analysis)]


def _stored_row(searching: float, timed: list[Timed]) -> Row:
    total = searching + sum(one.seconds for one in timed)
    both = [one for one in timed if one.result.added and one.peer_seconds is not None]
    ours = sum(one.seconds + searching / len(timed) for one in both)
    peer = sum(one.peer_seconds or 0 for one in both)
    return Row(
        f"zip of {len(timed):,} mixed files, stored",
        f"{len(timed) / total:.0f} files/s",
        f"{len(both) / peer:.0f} files/s",
        f"{peer / ours:.2f} times as fast on the {len(both)} that ecgdatakit reads",
        "none: ours also measures and stores",
        True,
    )


def _analyzed_rows(
    sent: int, timed: list[Timed], seconds: float, read: set[str], refused: set[str]
) -> list[Row]:
    stored = sum(1 for one in timed if one.result.added and one.result.added.is_new)
    reasons = sum(1 for one in timed if one.result.problem)
    lost = 2 * sent - stored - reasons - len(read | refused)
    return [
        Row(
            f"python -m ecg_core analyze, {sent:,} mixed files",
            f"{sent / seconds:.0f} files/s",
            "–",
            f"{len(read)} read, {len(refused)} refused",
            "as stored",
            (len(read), len(refused)) == (stored, reasons),
        ),
        Row(
            f"files lost of {sent:,}, stored and analyzed",
            f"{stored} stored, {reasons} refused",
            "–",
            f"{lost} lost",
            "0",
            lost == 0,
        ),
    ]
