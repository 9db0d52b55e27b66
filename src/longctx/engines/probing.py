"""What kind of server answers at a URL, told by pages that only one kind has."""

from __future__ import annotations

from contextlib import closing

from longctx.engines import Connection, Engine, Served
from longctx.engines.http import Http, Json, field, integer, words
from longctx.engines.llamacpp import LlamaCpp
from longctx.engines.sglang import SGLang
from longctx.engines.vllm import VLLM
from longctx.errors import EngineError, EngineUnavailable

NOT_YET = "longctx has no engine for {} yet: serve the model with SGLang to use it"


def probe(connection: Connection) -> Served | None:
    """What answers there, or None where nothing does; never sends a prompt."""
    http = Http(connection)
    try:
        # First, because vLLM in developers' mode has SGLang's page too, and takes seconds over it.
        if words(field(http.get("/version", 5), "version")) is not None:
            return _told(VLLM(connection), http)
        if http.get("/server_info", 5) is not None or http.get("/get_server_info", 5) is not None:
            return _told(SGLang(connection), http)
        return _other(http, connection)
    except EngineUnavailable:
        return None
    except EngineError as error:
        return Served("unknown", http.root, notes=(str(error),))
    finally:
        http.close()


def _told(engine: Engine, http: Http) -> Served:
    """What the engine for such a server says; its name stays where there is nothing to ask."""
    with closing(engine):
        try:
            return engine.served()
        except EngineUnavailable:
            raise
        except EngineError as error:
            return Served(engine.name, http.root, notes=(str(error),))


def _other(http: Http, connection: Connection) -> Served:
    models = http.get("/v1/models", 5)
    if field(http.get("/props", 5), "default_generation_settings") is not None:
        return _told(LlamaCpp(connection), http)
    version = words(field(http.get("/api/version", 5), "version"))
    if version is not None:
        return _served("ollama", http, version, models)
    if models is not None:
        return _served("openai-compatible", http, None, models)
    return Served("unknown", http.root, notes=("something answers here, but no model server",))


def _served(kind: str, http: Http, version: str | None, listing: Json) -> Served:
    entries = field(listing, "data")
    found = entries if isinstance(entries, list) else []
    models = tuple(name for entry in found if (name := words(field(entry, "id"))))
    windows = [integer(field(entry, "max_model_len")) for entry in found]
    return Served(
        kind,
        http.root,
        version,
        models[0] if models else None,
        models,
        window=next((window for window in windows if window), None),
        notes=(NOT_YET.format(kind),),
    )
