"""The command line with `ignore_eos` added to every request, so that an answer goes on until it is
cut off. The tiny model would otherwise say one sentence, too short to be interrupted."""

from longctx.cli import main
from longctx.engines import Request
from longctx.engines.sglang import SGLang

ordinary = SGLang._body


def endless(self: SGLang, request: Request) -> dict[str, object]:
    return ordinary(self, request) | {"ignore_eos": True}


SGLang._body = endless  # type: ignore[method-assign]  # the one change this file is for

if __name__ == "__main__":
    main()
