"""The command line: an explicit table of commands, each in a module that is imported when it is asked for.

A command's module has ``add_arguments(parser)`` and ``run(arguments) -> int`` (the exit status).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType

from ecg_core import __version__
from ecg_core.errors import ConfigurationError, EcgError

#: Name, and what it does in one line.
COMMANDS: dict[str, str] = {
    "analyze": "write the CSV reports of ECG files, without server or database",
    "print": "print an ECG file in true millimetres, without server or database",
    "verify": "look for damage in all stored signals and files",
    "users": "register, list and deactivate users of this installation",
}

#: A command's module has its name in this package; `print` there would hide Python's own.
_MODULES = {"print": "print_ecg"}

#: What a shell reports of a program that died of SIGPIPE, and of SIGINT.
BROKEN_PIPE_STATUS = 141
INTERRUPTED_STATUS = 130


def main(arguments: Sequence[str]) -> int:
    """Run one command.

    Parameters
    ----------
    arguments : sequence of str
        Without the program's name.

    Returns
    -------
    int
        Exit status: 0 done, 1 something could not be done (said on standard error), 2 wrong usage or
        configuration; argparse itself exits with 0 after ``--help`` and 2 on a wrong option.
    """
    chosen = _parser(arguments).parse_args(arguments)
    try:
        status: int = _module(chosen.command).run(chosen)
        sys.stdout.flush()
        return status
    except BrokenPipeError:  # the reader, like `head`, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE_STATUS
    except KeyboardInterrupt:
        return INTERRUPTED_STATUS
    except EcgError as error:
        print(f"ecg_core: {error}", file=sys.stderr)
        return 2 if isinstance(error, ConfigurationError) else 1


def _module(command: str) -> ModuleType:
    return import_module(f"{__name__}.{_MODULES.get(command, command)}")


def _parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """All commands for the help, but only the asked one's module is imported."""
    parser = argparse.ArgumentParser(
        "python -m ecg_core", description="ECG Reading Room on the command line."
    )
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    asked = next((text for text in arguments if not text.startswith("-")), None)
    for name, purpose in COMMANDS.items():
        command = subparsers.add_parser(name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}.")
        if name == asked:
            _module(name).add_arguments(command)
    return parser
