"""Bytes in, `Recording` out: one module a format, an explicit table, the content decides.

Every failure is an `UnreadableFileError` that names the place; nothing unknown is made up.
"""

from ecg_core.readers.json_reader import read_json
from ecg_core.readers.options import ReadOptions
from ecg_core.readers.table import READERS, Reader, read_recording, recognized_format

__all__ = ["READERS", "ReadOptions", "Reader", "read_json", "read_recording", "recognized_format"]
