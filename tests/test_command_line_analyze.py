"""``python -m ecg_core analyze``: the same reports without server or database."""

from __future__ import annotations

import csv
import io
import json
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ecg_core import __version__
from ecg_core.command_line import BROKEN_PIPE_STATUS, COMMANDS, main
from ecg_core.signal.synthetic import TWELVE_LEADS, synthesize_ecg
from tests.wfdb_example import wfdb_record

ROOT = Path(__file__).resolve().parents[1]
LEAD_HEADER = (
    "recording,lead,unit,sampling_rate_hz,number_of_samples,duration_s,number_of_zero_crossings,"
    "zero_crossings_per_second,number_of_zero_touches,minimum,maximum,mean,standard_deviation,missing_samples,"
    "original_name,channel,origin"
)
SIGNALS = {"I": [1, 0, -1, 0, 1, 0, 0, 1], "II": [1, -2, 0, 3, -4, 0, 0, 5, 6, -7]}


@pytest.fixture
def write_ecg(tmp_path):
    def write(name="ecg.json", signals=SIGNALS, **fields):
        leads = [{"name": lead, "signal": signal} for lead, signal in signals.items()]
        path = tmp_path / name
        path.write_text(json.dumps({"leads": leads, **fields}))
        return str(path)

    return write


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def run_process(*arguments, **options):
    return subprocess.run([sys.executable, "-m", "ecg_core", *arguments], cwd=ROOT, check=False, **options)


def test_leads_go_to_standard_output_where_nothing_else_is_asked(write_ecg, capfdbinary):
    path = write_ecg()
    assert main(["analyze", path]) == 0
    output = capfdbinary.readouterr()
    assert output.err == b""
    table = rows(output.out)
    assert ",".join(table[0]) == LEAD_HEADER
    assert [(row["recording"], row["lead"], row["number_of_zero_crossings"]) for row in table] == [
        (path, "I", "2"),
        (path, "II", "5"),
    ]
    assert table[0]["number_of_zero_touches"] == "1"
    assert table[0]["sampling_rate_hz"] == table[0]["duration_s"] == table[0]["unit"] == ""


def test_both_reports_of_several_files(write_ecg, tmp_path, capfdbinary):
    first, second = write_ecg("a.json"), write_ecg("b.json", {"V1": [1, -1]})
    leads, crossings = tmp_path / "leads.csv", tmp_path / "crossings.csv"
    assert main(["analyze", first, second, "--leads", str(leads), "--crossings", str(crossings)]) == 0
    assert capfdbinary.readouterr() == (b"", b"")
    assert [(row["recording"], row["lead"]) for row in rows(leads.read_bytes())] == [
        (first, "I"),
        (first, "II"),
        (second, "V1"),
    ]
    listed = rows(crossings.read_bytes())
    assert list(listed[0]) == ["recording", "lead", "sample", "time_s", "direction"]
    assert len(listed) == 2 + 5 + 1
    assert listed[-1] == {
        "recording": second,
        "lead": "V1",
        "sample": "1",
        "time_s": "",
        "direction": "falling",
    }


def test_the_recording_is_the_path_as_given(write_ecg, monkeypatch, tmp_path, capfdbinary):
    write_ecg("a.json")
    monkeypatch.chdir(tmp_path)
    assert main(["analyze", "./a.json"]) == 0
    assert rows(capfdbinary.readouterr().out)[0]["recording"] == "./a.json"


def test_rate_and_unit_can_be_given(write_ecg, capfdbinary):
    arguments = ["--sampling-rate", "4", "--unit", "uv"]
    assert main(["analyze", write_ecg(), "--leads", "-", *arguments]) == 0
    row = rows(capfdbinary.readouterr().out)[0]
    assert (row["unit"], row["sampling_rate_hz"], row["duration_s"]) == ("uV", "4.0", "2.0")
    assert row["zero_crossings_per_second"] == "1.0"
    assert main(["analyze", write_ecg(), "--crossings", "-", *arguments]) == 0
    assert rows(capfdbinary.readouterr().out)[0]["time_s"] == "0.25"


@pytest.mark.parametrize("arguments", [["--sampling-rate", "-3"], ["--sampling-rate", "nan"]])
def test_an_impossible_rate_is_refused_before_any_file_is_read(write_ecg, arguments, capfdbinary):
    assert main(["analyze", write_ecg(), *arguments]) == 2
    output = capfdbinary.readouterr()
    assert output.out == b""
    assert b"ampling rate" in output.err


def test_a_bad_file_is_reported_and_the_others_go_on(write_ecg, tmp_path, capfdbinary):
    good = write_ecg("good.json")
    bad = tmp_path / "bad.json"
    bad.write_text('{"leads": []}')
    missing = str(tmp_path / "missing.json")
    assert main(["analyze", str(bad), missing, str(tmp_path), good]) == 1
    output = capfdbinary.readouterr()
    complaints = sorted(output.err.decode().splitlines())
    expected = [f"{bad}: ", f"{missing}: No such file or directory", f"{tmp_path}: Is a directory"]
    assert len(complaints) == 3
    assert all(said.startswith(wanted) for said, wanted in zip(complaints, expected, strict=True))
    assert [row["recording"] for row in rows(output.out)] == [good, good]


def test_only_bad_files_leave_a_report_without_rows(tmp_path, capfdbinary):
    leads = tmp_path / "leads.csv"
    assert main(["analyze", str(tmp_path / "missing.json"), "--leads", str(leads)]) == 1
    assert leads.read_bytes() == LEAD_HEADER.encode() + b"\r\n"


@pytest.mark.parametrize("target", ["-", "same.csv"])
def test_both_reports_cannot_go_to_one_place(write_ecg, tmp_path, monkeypatch, target, capfdbinary):
    path = write_ecg()
    monkeypatch.chdir(tmp_path)
    assert main(["analyze", path, "--leads", target, "--crossings", target]) == 2
    assert f"cannot both be written to {target}" in capfdbinary.readouterr().err.decode()
    assert not Path("same.csv").exists()


def test_an_ecg_is_not_written_over(write_ecg, capfdbinary):
    path = write_ecg()
    before = Path(path).read_bytes()
    assert main(["analyze", path, "--leads", path]) == 2
    assert b"not written over" in capfdbinary.readouterr().err
    assert Path(path).read_bytes() == before


def test_an_output_that_cannot_be_written_is_said(write_ecg, tmp_path, capfdbinary):
    nowhere = str(tmp_path / "no" / "such" / "leads.csv")
    assert main(["analyze", write_ecg(), "--leads", nowhere]) == 2
    assert capfdbinary.readouterr().err.decode() == (
        f"ecg_core: Cannot write {nowhere}: No such file or directory\n"
    )
    assert main(["analyze", write_ecg(), "--leads", str(tmp_path)]) == 2
    assert b"Is a directory" in capfdbinary.readouterr().err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_full_disk_is_said(write_ecg, capfdbinary):
    assert main(["analyze", write_ecg(), "--leads", "/dev/full"]) == 2
    assert b"Cannot write /dev/full: No space left" in capfdbinary.readouterr().err
    assert Path("/dev/full").is_char_device()


def test_a_failed_run_leaves_the_old_report_and_no_half_file(write_ecg, tmp_path, monkeypatch):
    leads = tmp_path / "leads.csv"
    leads.write_text("old")
    path = write_ecg()

    def fail(lead):
        raise RuntimeError("broken in the middle")

    monkeypatch.setattr("ecg_core.command_line.analyze.summarize_lead", fail)
    with pytest.raises(RuntimeError):
        main(["analyze", path, "--leads", str(leads), "--crossings", str(tmp_path / "crossings.csv")])
    assert leads.read_text() == "old"
    assert {found.name for found in tmp_path.iterdir()} == {"ecg.json", "leads.csv"}


def test_a_report_that_is_there_is_replaced_and_keeps_its_mode(write_ecg, tmp_path):
    leads = tmp_path / "leads.csv"
    leads.write_text("old")
    leads.chmod(0o640)
    link = tmp_path / "link.csv"
    link.symlink_to(leads)
    assert main(["analyze", write_ecg(), "--leads", str(link)]) == 0
    assert link.is_symlink()
    assert len(rows(leads.read_bytes())) == 2
    assert stat.S_IMODE(leads.stat().st_mode) == 0o640


def test_the_reports_say_what_the_file_says(write_ecg, capfdbinary):
    path = write_ecg(signals={"I": [1.5, None, -0.5, 0.5]}, sampling_rate=2, unit="mV")
    assert main(["analyze", path]) == 0
    row = rows(capfdbinary.readouterr().out)[0]
    assert (row["unit"], row["number_of_samples"], row["missing_samples"]) == ("mV", "4", "1")
    assert (row["number_of_zero_crossings"], row["minimum"], row["maximum"], row["mean"]) == (
        "1",
        "-0.5",
        "1.5",
        "0.5",
    )


def test_a_csv_file_gives_the_same_report(tmp_path, capfdbinary):
    path = tmp_path / "ecg.csv"
    path.write_text(
        "I,II\n" + "".join(f"{a},{b}\n" for a, b in zip(SIGNALS["I"], SIGNALS["II"], strict=False))
    )
    assert main(["analyze", str(path)]) == 0
    table = rows(capfdbinary.readouterr().out)
    assert [(row["lead"], row["number_of_zero_crossings"]) for row in table] == [("I", "2"), ("II", "4")]


def test_a_reader_of_the_pipe_may_leave(write_ecg):
    path = write_ecg(signals={"I": [1, -1] * 200_000})
    with subprocess.Popen(
        [sys.executable, "-m", "ecg_core", "analyze", path, "--crossings", "-"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout.readline().startswith(b"recording,lead,sample")
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == BROKEN_PIPE_STATUS


def test_the_module_runs_as_a_program(write_ecg):
    finished = run_process("analyze", write_ecg(), "--leads", "-", capture_output=True)
    assert (finished.returncode, finished.stderr) == (0, b"")
    assert len(rows(finished.stdout)) == 2


def test_help_lists_every_command_and_imports_none():
    program = (
        "import sys\nfrom ecg_core.command_line import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit as leaving:\n    assert leaving.code == 0\n"
        "print([name for name in sys.modules if name.split('.')[0] in "
        "('numpy', 'pandas', 'sqlmodel', 'streamlit', 'fastapi', 'pydantic')])"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert finished.stdout.splitlines()[-1] == "[]"
    for name, purpose in COMMANDS.items():
        assert name in finished.stdout
        assert purpose.split()[0] in finished.stdout


def test_analyze_imports_neither_server_nor_database():
    program = (
        "import sys\nfrom ecg_core.command_line import analyze\n"
        "print([name for name in sys.modules if name.split('.')[0] in "
        "('sqlmodel', 'sqlalchemy', 'streamlit', 'fastapi', 'starlette', 'pydantic', 'plotly')])"
    )
    finished = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert finished.stdout == "[]\n"


def test_wrong_usage_is_status_2(capsys):
    for arguments in ([], ["analyze"], ["analyse", "x"], ["analyze", "x", "--lead-list", "y"]):
        with pytest.raises(SystemExit) as leaving:
            main(arguments)
        assert leaving.value.code == 2
    assert "usage: python -m ecg_core" in capsys.readouterr().err


def test_version(capsys):
    with pytest.raises(SystemExit) as leaving:
        main(["--version"])
    assert leaving.value.code == 0
    assert capsys.readouterr().out.strip() == __version__


def test_a_header_is_read_with_the_files_beside_it_and_an_archive_with_all_in_it(tmp_path, capfdbinary):
    for name, data in wfdb_record().items():
        (tmp_path / name).write_bytes(data)
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        for name, data in wfdb_record("z").items():
            archive.writestr(name, data)
    header, study = str(tmp_path / "r.hea"), str(tmp_path / "study.zip")
    assert main(["analyze", header, study]) == 0
    found = rows(capfdbinary.readouterr().out)
    assert [row["recording"] for row in found] == [header] * 2 + [f"{study}/z.hea"] * 2
    assert {row["number_of_samples"] for row in found} == {"2000"}
    (tmp_path / "r.dat").unlink()
    assert main(["analyze", header]) == 1
    assert b"needs 'r.dat' beside its header" in capfdbinary.readouterr().err


def twelve_lead_file(path, name="a.json", **options):
    leads = [
        {"name": lead, "signal": np.round(values * 1000).astype(int).tolist()}
        for lead, values in zip(TWELVE_LEADS, synthesize_ecg(10, 500, **options), strict=True)
    ]
    (path / name).write_text(json.dumps({"leads": leads, "sampling_rate": 500, "unit": "uV"}))
    return str(path / name)


MEASURED_HEADER = ["recording", "name", "value", "unit", "status", "reason", "method", "beats_used", "spread"]


def test_measurements_beats_and_waves_of_a_file(tmp_path, capfdbinary):
    path = twelve_lead_file(tmp_path, heart_rate_bpm=75)
    outputs = {name: tmp_path / f"{name}.csv" for name in ("measurements", "beats", "waves", "leads")}
    options = [each for name, file in outputs.items() for each in (f"--{name}", str(file))]
    assert main(["analyze", path, *options]) == 0
    assert capfdbinary.readouterr() == (b"", b"")
    found = {name: rows(file.read_bytes()) for name, file in outputs.items()}
    assert list(found["measurements"][0]) == MEASURED_HEADER
    rate = next(row for row in found["measurements"] if row["name"] == "heart_rate")
    assert float(rate["value"]) == pytest.approx(75, abs=1.5) and rate["unit"] == "bpm"
    assert list(found["beats"][0]) == ["recording", "beat", "sample", "time_s", "rr_ms", "kind"]
    assert [row["beat"] for row in found["beats"]] == [str(n) for n in range(len(found["beats"]))]
    assert found["beats"][0]["rr_ms"] == "" and float(found["beats"][1]["rr_ms"]) == pytest.approx(
        800, abs=60
    )
    assert list(found["waves"][0]) == ["recording", "lead", "beat", "wave", "onset", "peak", "offset"]
    assert {row["wave"] for row in found["waves"]} == {"P", "QRS", "T"}
    assert len(found["leads"]) == 12


def test_many_files_are_measured_at_once_in_their_order_and_a_bad_one_stops_nothing(tmp_path, capfdbinary):
    paths = [twelve_lead_file(tmp_path, f"{bpm}.json", heart_rate_bpm=bpm) for bpm in (60, 90, 75)]
    bad = tmp_path / "bad.json"
    bad.write_text('{"leads": []}')
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        archive.write(paths[0], "in.json")
    files = [paths[0], str(bad), paths[1], str(tmp_path / "study.zip"), paths[2]]
    assert main(["analyze", *files, "--measurements-wide", "-", "--jobs", "2"]) == 1
    output = capfdbinary.readouterr()
    table = rows(output.out)
    assert [row["recording"] for row in table] == [
        paths[0], paths[1], f"{tmp_path / 'study.zip'}/in.json", paths[2],
    ]  # fmt: skip
    assert [float(row["heart_rate"]) for row in table] == pytest.approx([60, 90, 60, 75], abs=1.5)
    said = output.err.decode().splitlines()
    assert said[0].startswith(f"{bad}: ") and said[-1] == "5 of 5 ECGs, 1 failed"
    assert main(["analyze", *files, "--measurements-wide", str(tmp_path / "one.csv"), "--jobs", "1"]) == 1
    assert (tmp_path / "one.csv").read_bytes() == output.out


@pytest.mark.parametrize("jobs", ["0", "-1"])
def test_no_jobs_are_refused(write_ecg, jobs, capfdbinary):
    assert main(["analyze", write_ecg(), "--beats", "-", "--jobs", jobs]) == 2
    assert b"--jobs must be at least 1" in capfdbinary.readouterr().err


def test_an_ecg_without_a_rate_is_withheld_with_the_reason(write_ecg, capfdbinary):
    assert main(["analyze", write_ecg(), "--measurements", "-"]) == 0
    found = rows(capfdbinary.readouterr().out)
    assert {(row["status"], row["value"]) for row in found} == {("withheld", "")}
    assert "sampling rate is unknown" in found[0]["reason"]
