"""`Recording` in, bytes out: one module a format, an explicit table.

What a file says when it is read again is what was written; a format that would change a number refuses the
recording with the reason. What a format does not carry is listed in its module; none carries whether a lead
was derived from others, nor how the original file was read.
"""

from ecg_core.writers.exported_file import ExportedFile
from ecg_core.writers.table import WRITERS, Writer, writer_named

__all__ = ["WRITERS", "ExportedFile", "Writer", "writer_named"]
