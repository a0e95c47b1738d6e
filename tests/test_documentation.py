"""The documentation tells the truth: settings, columns, formats, routes, commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ecg_core import __version__
from ecg_core.api.app import create_api
from ecg_core.command_line import COMMANDS
from ecg_core.readers import READERS
from ecg_core.reports.columns import REPORTS, column_dictionary
from ecg_core.settings import Settings
from ecg_core.storage.tables import SQLModel
from ecg_core.ui.keys import key_table

ROOT = Path(__file__).resolve().parents[1]


def text(name: str) -> str:
    return (ROOT / name).read_text()


@pytest.mark.parametrize("name, field", Settings.model_fields.items())
def test_every_setting_is_documented_with_its_default(name, field):
    default = "unset" if field.default is None else f"`{str(field.default).lower()}`"
    row = f"| `ECG_{name.upper()}` | {default} | {field.description} |"
    assert row in text("docs/operation.md")


def test_no_setting_is_documented_that_does_not_exist():
    known = {f"ECG_{name.upper()}" for name in Settings.model_fields}
    for page in ("README.md", *map(str, (ROOT / "docs").glob("*.md"))):
        assert set(re.findall(r"\bECG_[A-Z_]+\b", text(page))) <= known


@pytest.mark.parametrize("report", REPORTS.values(), ids=lambda report: report.name)
def test_every_column_is_documented(report):
    assert column_dictionary(report) in text("docs/reports.md")


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_every_format_is_documented(reader):
    assert f"| {reader.title} |" in text("docs/formats.md")


def test_every_route_is_documented_with_its_answers_and_no_other():
    paths = create_api().openapi()["paths"]
    documented = dict(
        re.findall(r"^\| `([A-Z]+ \S+)` \|.*\| ([\d, ]+) \|$", text("docs/api.md"), re.MULTILINE)
    )
    routes = {f"{m.upper()} {path}": set(o["responses"]) for path, ms in paths.items() for m, o in ms.items()}
    assert {route: set(answers.split(", ")) for route, answers in documented.items()} == routes


def test_every_parameter_of_a_print_is_documented_and_no_other():
    asked = create_api().openapi()["paths"]["/ecgs/{id}/prints/{format}"]["get"]["parameters"]
    section = text("docs/api.md").split("## Prints")[1]
    documented = [
        name for row in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE) for name in row.split(", ")
    ]
    assert sorted(documented) == sorted(f"`{one['name']}`" for one in asked if one["in"] == "query")


def test_every_table_of_the_database_is_documented():
    page = text("docs/operation.md")
    assert all(f"`{table}`" in page for table in SQLModel.metadata.tables)


def test_the_keys_are_documented_and_no_others():
    assert key_table() in text("docs/guide.md")


def test_every_command_is_documented():
    everything = text("README.md") + text("docs/operation.md") + text("docs/reports.md")
    assert all(f"python -m ecg_core {command}" in everything for command in COMMANDS)


def test_the_readme_is_short_and_what_it_links_exists():
    readme = text("README.md")
    assert len(readme.splitlines()) < 120
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", readme)
    assert links and all((ROOT / link).exists() for link in links), links


def test_the_changelog_has_this_version():
    assert f"## {__version__}" in text("CHANGELOG.md")
