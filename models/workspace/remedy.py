"""What mends values that cannot be read."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Remedy:
    """text: what to do, in words. toml: the lines of `tercet.toml` that do it, which take the place of those that are
    there for the same keys; "" where no line does.
    """

    text: str
    toml: str = ""

    @property
    def told(self) -> str:
        """The words, with the lines below them."""
        lines = "".join(f"\n    {line}" for line in self.toml.splitlines())
        return f"{self.text}:{lines}" if lines else self.text


def together(remedies: Sequence[Remedy]) -> Remedy:
    """Several remedies as one: each section of `tercet.toml` once, each line once.

    >>> both = together([Remedy("a", "[x]\\nread = 1\\n# or: read = 2"), Remedy("b", "[x]\\nread = 1\\nwhere = 3")])
    >>> print(both.told)
    a; b:
        [x]
        read = 1
        # or: read = 2
        where = 3
    """
    sections: dict[str, dict[str, None]] = {}
    for remedy in remedies:
        section = ""
        for line in remedy.toml.splitlines():
            section = line if line.startswith("[") else section
            sections.setdefault(section, {})[line] = None
    lines = [line for section in sections.values() for line in section]
    return Remedy("; ".join(dict.fromkeys(remedy.text for remedy in remedies)), "\n".join(lines))
