"""``python -m ecg_core print``: the same prints without server or database."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ecg_core.command_line import main
from tests.reports.printed import page_sizes, pdf_texts
from tests.wfdb_example import wfdb_record

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def ecg(tmp_path):
    path = tmp_path / "rest.csv"
    rows = "".join(f"{n / 250:.3f},{n % 5 - 2},{n % 9 - 4}\n" for n in range(2500))
    path.write_text(f"time (s),I (mV),II (mV)\n{rows}")
    return path


def test_a_pdf_with_options(ecg, tmp_path):
    out = tmp_path / "ecg.pdf"
    assert main(["print", str(ecg), "--out", str(out), "--speed", "50", "--gain", "5", "--paper", "Letter",
                 "--leads", "II", "--filter", "0.5-40", "--start", "2", "--length", "5"]) == 0  # fmt: skip
    (text,) = pdf_texts(out.read_bytes())
    assert page_sizes(out.read_bytes()) == [(279.4, 215.9)]
    for words in ("rest.csv", "50 mm/s · 5 mm/mV", "0.5–40 Hz", "2–7 s of 10 s"):
        assert words in text, (words, text)


def test_what_a_reader_sees_beside_the_traces(tmp_path):
    for name, content in wfdb_record().items():
        (tmp_path / name).write_bytes(content)
    record, out = str(tmp_path / "r.hea"), tmp_path / "ecg.pdf"
    assert main(["print", record, "--out", str(out), "--mode", "overlay", "--chest-gain", "5", "--beats",
                 "--dead-band", "0.05", "--detrend"]) == 0  # fmt: skip
    first, second = pdf_texts(out.read_bytes())
    assert "all leads on one axis" in first and "chest leads 5 mm/mV" in first and "Median beats" in second
    assert "with a dead band of ±0.05 mV, baseline removed: II " in first
    assert main(["print", record, "--out", str(out)]) == 0
    assert "Marked by the file on this page: beats N × 2" in pdf_texts(out.read_bytes())[0]
    assert main(["print", record, "--out", str(out), "--no-marks"]) == 0
    assert "Marked by the file" not in pdf_texts(out.read_bytes())[0]
    assert main(["print", record, "--out", str(out), "--kind", "envelope"]) == 0
    assert "0–8 s of 8 s" in pdf_texts(out.read_bytes())[0]


@pytest.mark.parametrize(
    "options, words",
    [
        (["--mode", "sideways"], "'paper', 'overlay', 'disclosure'"),
        (["--dead-band", "11"], "11 is not from 0 to 10 mV"),
        (["--dead-band", "nan"], "nan is not from 0 to 10 mV"),
        (["--chest-gain", "3"], "2.5, 5.0, 10.0, 20.0"),
        (["--kind", "poster"], "'envelope'"),
    ],
)
def test_a_wrong_option_is_refused_with_those_that_are_right(ecg, options, words, capsys):
    with pytest.raises(SystemExit) as refused:
        main(["print", str(ecg), "--out", "a.pdf", *options])
    assert refused.value.code == 2 and words in capsys.readouterr().err


def test_the_ending_says_the_format(ecg, tmp_path):
    assert main(["print", str(ecg), "--out", str(tmp_path / "a.SVG")]) == 0
    assert main(["print", str(ecg), "--out", str(tmp_path / "a.png")]) == 0
    assert (tmp_path / "a.SVG").read_bytes().startswith(b"<?xml")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_standard_output_is_a_pdf(ecg):
    done = subprocess.run([sys.executable, "-m", "ecg_core", "print", ecg, "--out", "-"], cwd=ROOT,
                          capture_output=True)  # fmt: skip
    assert done.returncode == 0 and done.stdout.startswith(b"%PDF") and done.stderr == b""


@pytest.mark.parametrize(
    "options, status, words",
    [
        (["--out", "a.doc"], 2, "must end in one of .pdf, .png, .svg"),
        (["--out", "a.pdf", "--length", "0"], 2, "above 0"),
        (["--out", "a.pdf", "--leads", "V9"], 1, "no lead 'V9'; the leads are I, II"),
        (["--out", "a.svg", "--page", "7"], 1, "no page 7"),
    ],
)
def test_what_is_wrong_is_said(ecg, options, status, words, capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert main(["print", str(ecg), *options]) == status
    assert words in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["rest.csv"]


def test_the_ecg_is_not_written_over(tmp_path, capsys):
    path = tmp_path / "ecg.svg"
    path.write_text("not an ECG")
    assert (
        main(["print", str(path), "--out", str(path)]) == 2 and "not written over" in capsys.readouterr().err
    )
    assert (
        main(["print", str(path), "--out", str(tmp_path / "b.pdf")]) == 1 and path.read_text() == "not an ECG"
    )


def test_real_recordings(real_data, tmp_path):
    out = tmp_path / "ecg.pdf"
    assert main(["print", str(real_data / "ludb" / "1.hea"), "--out", str(out)]) == 0
    assert len(pdf_texts(out.read_bytes())) == 1
    assert (
        main(["print", str(real_data / "mitdb" / "101.hea"), "--out", str(out), "--kind", "full-disclosure"])
        == 0
    )
    (text,) = pdf_texts(out.read_bytes())
    assert "MLII 4,720" in text and "0:29:00" in text
