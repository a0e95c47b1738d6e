"""ECG Reading Room: everything that is neither a page nor the assembly of the server."""

__version__ = "0.1.0"
