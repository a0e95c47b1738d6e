"""What is measured in a signal: pure functions of numpy arrays, no I/O."""

#: Raised whenever any result of this package changes; results stored with a lower number are made again.
ANALYSIS_VERSION: int = 1
