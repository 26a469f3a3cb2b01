"""What a source of model files raises when it cannot deliver, so that the next one is tried."""

from __future__ import annotations


class SourceFailedError(Exception):
    """One source could not deliver the file; its text says why and never reaches a caller alone."""
