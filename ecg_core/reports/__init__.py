"""Results in, bytes out: what a person or a program downloads."""
