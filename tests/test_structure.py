"""The structure of DESIGN.md, held: rooms, thin pages, one list of pages."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from ecg_core.api.app import SEGMENTS

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted((ROOT / "pages").glob("*.py"))
FIRST_CALL = {"main.py": "current_visitor", "admin.py": "require_admin"}
# DESIGN.md's table to the letter: what a room itself imports besides errors, domain, the standard library.
MAY_IMPORT = {
    "errors": "",
    "domain": "numpy",
    "settings": "pydantic pydantic_settings",
    "signal": "numpy scipy threadpoolctl",
    "readers": "signal numpy pandas msgspec simdjson ecgdatakit wfdb bioread pydicom defusedxml",
    "writers": "numpy msgspec pydicom",
    "reports": "signal figures numpy pandas plotly reportlab pypdfium2",
    "figures": "signal numpy pandas plotly tsdownsample",
    "storage": "settings sqlmodel sqlalchemy alembic numpy pcodec",
    "services": "signal figures readers writers reports storage settings numpy msgspec",
    "api": "services figures fastapi starlette pydantic anyio fastapi_offline",
    "ui": "services figures streamlit starlette",
    "pages": "services figures streamlit ui",
    "command_line": "services settings readers reports figures signal",
    "__main__": "command_line",
    "app": "api ui storage settings streamlit starlette",
}


def test_rooms_import_only_what_they_may():
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def imported_by(path: Path) -> set[str]:
    """Rooms of ours and packages of others that a module names in its imports."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import hides its room"
            inner = [f"ecg_core.{alias.name}" for alias in node.names if alias.name != "__version__"]
            modules = inner if node.module == "ecg_core" else [node.module]
        for module in modules:
            first, *rest = module.split(".")
            names.add(rest[0] if first == "ecg_core" else first)
    return names - sys.stdlib_module_names


def rooms() -> dict[str, list[Path]]:
    found = {"app": [ROOT / "app.py"], "pages": PAGES}
    for path in (ROOT / "ecg_core").iterdir():
        if path.suffix == ".py" and path.stem != "__init__":
            found[path.stem] = [path]
        elif path.is_dir() and path.name != "__pycache__":
            found[path.name] = sorted(path.rglob("*.py"))
    return found


@pytest.mark.parametrize(
    "room, paths", rooms().items(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_room_imports_only_what_the_design_says(room, paths):
    allowed = {room, "errors", "domain", *MAY_IMPORT[room].split()}
    assert {path.name: extra for path in paths if (extra := imported_by(path) - allowed)} == {}


def first_call(path: Path) -> str:
    """The function that a page's first statement after the imports calls."""
    statements = ast.parse(path.read_text()).body
    first = next(s for s in statements[1:] if not isinstance(s, ast.Import | ast.ImportFrom))
    assert isinstance(first, ast.Expr | ast.Assign) and isinstance(first.value, ast.Call)
    assert isinstance(first.value.func, ast.Name)
    return first.value.func.id


@pytest.mark.parametrize("path", [p for p in PAGES if p.name != "login.py"], ids=lambda p: p.name)
def test_a_page_first_asks_who_is_there(path):
    assert first_call(path) == FIRST_CALL.get(path.name, "require_user")


@pytest.mark.parametrize("path", PAGES, ids=lambda p: p.name)
def test_pages_are_thin_and_handle_no_errors(path):
    text = path.read_text()
    assert len(text.splitlines()) < 100
    assert not any(isinstance(node, ast.Try) for node in ast.walk(ast.parse(text)))


def test_only_the_router_lists_pages():
    listing = [path for path in (ROOT / "ecg_core").rglob("*.py") if "st.Page(" in path.read_text()]
    assert listing == []


def test_no_page_has_a_path_of_the_api():
    tree = ast.parse((ROOT / "pages/main.py").read_text())
    paths = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert {"viewer", "report"} <= paths and not paths & SEGMENTS


@pytest.mark.parametrize("path", sorted((ROOT / "ecg_core").rglob("*.py")), ids=lambda p: p.name)
def test_modules_can_be_read_in_one_sitting(path):
    assert len(path.read_text().splitlines()) <= 400
