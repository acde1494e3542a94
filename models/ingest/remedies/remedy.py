"""What mends values that cannot be read."""

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
