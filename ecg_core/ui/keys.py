"""The keys of the reader: one list, from which the help sheet is made and the browser listens."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st


@dataclass(frozen=True)
class Shortcut:
    """A key, as the browser names it, and what it does."""

    key: str
    action: str
    shown: str
    meaning: str


SHORTCUTS = (
    Shortcut("ArrowRight", "next", "→", "Next page"),
    Shortcut("ArrowLeft", "back", "←", "Previous page"),
    Shortcut("PageDown", "next", "Page down", "Next page"),
    Shortcut("PageUp", "back", "Page up", "Previous page"),
    Shortcut("Home", "first", "Home", "Beginning of the recording"),
    Shortcut("End", "last", "End", "End of the recording"),
    Shortcut("]", "wider", "]", "Show more at once"),
    Shortcut("[", "narrower", "[", "Show less at once"),
    Shortcut("+", "gain-up", "+", "Higher gain"),
    Shortcut("-", "gain-down", "−", "Lower gain"),
    Shortcut("s", "speed", "S", "Next paper speed"),
    Shortcut("l", "layout", "L", "Next layout"),
    Shortcut("f", "filter", "F", "Next filter"),
    Shortcut("z", "crossings", "Z", "Zero crossings on or off"),
    Shortcut("n", "next-crossing", "N", "Next zero crossing"),
    Shortcut("p", "previous-crossing", "P", "Previous zero crossing"),
    Shortcut("b", "next-mark", "B", "Next annotation of the file"),
    Shortcut("v", "previous-mark", "V", "Previous annotation"),
    Shortcut("w", "waves", "W", "Waves and kinds of beats on or off"),
    Shortcut("c", "caliper", "C", "Caliper on or off"),
    Shortcut("m", "march", "M", "Caliper chosen: repeat its interval along the strip"),
    Shortcut("Delete", "delete", "Delete", "Caliper chosen: delete it"),
    Shortcut("?", "help", "?", "All keys"),
)
#: What the browser answers by itself, to the caliper that is chosen.
OF_THE_CALIPER = ("march", "delete")


_HELP = "help_wanted"


def want_help() -> None:
    """Open the help sheet when the page is made next."""
    st.session_state[_HELP] = True


def help_is_wanted() -> bool:
    """Whether it was asked for since the page was made last."""
    return bool(st.session_state.pop(_HELP, False))


def key_table() -> str:
    """The keys and what they do as a Markdown table; docs/guide.md holds the same."""
    keys: dict[str, list[str]] = {}
    for shortcut in SHORTCUTS:
        keys.setdefault(shortcut.meaning, []).append(f"`{shortcut.shown}`")
    rows = [f"| {' or '.join(shown)} | {meaning} |" for meaning, shown in keys.items()]
    return "\n".join(["| key | does |", "|---|---|", *rows])


@st.dialog("Keys", width="medium")
def help_sheet() -> None:
    """All keys; they rest while a field is typed in."""
    head, rows = key_table().split("\n")[:2], key_table().split("\n")[2:]
    half = (len(rows) + 1) // 2
    for column, part in zip(st.columns(2), (rows[:half], rows[half:]), strict=True):
        column.markdown("\n".join([*head, *part]))
    st.caption("Keys rest while a field is being typed in. With a caliper chosen, arrows move its end.")
