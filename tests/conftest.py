"""What holds for every test: none measures time, for the machine may be busy with others."""

from hypothesis import settings

settings.register_profile("longctx", deadline=None)
settings.load_profile("longctx")
