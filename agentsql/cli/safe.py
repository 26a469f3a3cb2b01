"""Text from models and databases, made harmless for a terminal; what is below the command line needs it too."""

from agentsql.safe import one_line, printable

__all__ = ["one_line", "printable"]
