"""Path matching: fixed paths by dictionary, paths with an id by pattern, in their order.

Starlette's router tries every pattern in turn and copies the scope; at a thousand requests a second that is felt.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

Endpoint = TypeVar("Endpoint")
UNMATCHED = "unmatched"
"""The template under which paths are counted that belong to no route."""


@dataclass(frozen=True, slots=True)
class RouteMatch(Generic[Endpoint]):
    """A path's route. template: as OpenAPI has it. endpoint: None if there is no such route."""

    template: str
    endpoint: Endpoint | None
    parameters: Mapping[str, str]


class RouteTable(Generic[Endpoint]):
    """Endpoints by path template. A parameter holds any characters but line breaks, slashes too; the first fit wins."""

    def __init__(self, endpoints: Mapping[str, Endpoint]) -> None:
        self._whole: dict[str, RouteMatch[Endpoint]] = {}
        self._patterns: list[tuple[Callable[[str], re.Match[str] | None], str, Endpoint]] = []
        for template, endpoint in endpoints.items():
            if "{" in template:
                pattern = re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>.*)", template))
                self._patterns.append((pattern.fullmatch, template, endpoint))
            else:
                self._whole[template] = RouteMatch(template, endpoint, {})
        self._nothing: RouteMatch[Endpoint] = RouteMatch(UNMATCHED, None, {})

    def match(self, path: str) -> RouteMatch[Endpoint]:
        """The route of a path, decoded."""
        whole = self._whole.get(path)
        if whole is not None:
            return whole
        for fits, template, endpoint in self._patterns:
            matched = fits(path)
            if matched is not None:
                return RouteMatch(template, endpoint, matched.groupdict())
        return self._nothing
