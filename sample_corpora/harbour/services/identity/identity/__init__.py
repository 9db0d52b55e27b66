"""The identity service: who is asking, and is the answer still true."""

__version__ = "3.2.0"
