"""A name that a rule gives: of a lifecycle, of how much is known, of a level of the service desk."""

from models.workspace.actions import Name, Text
from models.workspace.toml_section import Section


class SegmentRule(Section):
    """One of a list such as `[[lifecycle]]`: the first whose rule holds counts; the last has no `when`."""

    name: Name
    when: Text | None = None
