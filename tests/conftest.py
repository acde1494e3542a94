"""What all tests share: hypothesis without a stopwatch, since a busy machine is not a wrong result."""

from hypothesis import settings

settings.register_profile("tercet", deadline=None)
settings.load_profile("tercet")
