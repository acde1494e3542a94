"""The smallest BentoML service, as its documentation begins; it runs in the environment of `bentoml.txt`."""

import bentoml


@bentoml.service
class Hello:
    """Says hello."""

    @bentoml.api
    def hello(self, name: str) -> str:
        """Greet by name."""
        return f"Hello, {name}"
