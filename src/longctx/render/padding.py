"""What fills a prompt up to a whole page of the server's cache."""


def padding(dots: int) -> str:
    """A line of that many dots; in V4's vocabulary it has as many tokens."""
    return " ." * (dots - 1) + " .\n" if dots else ""
