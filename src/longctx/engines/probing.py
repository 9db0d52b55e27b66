"""What kind of server answers at a URL, told by pages that only one kind has."""

from __future__ import annotations

from contextlib import closing

from longctx.engines import Connection, Engine, Served
from longctx.engines.findings import Finding, trouble
from longctx.engines.http import Http, KeyRefused, field, words
from longctx.engines.llamacpp import LlamaCpp
from longctx.engines.ollama import Ollama
from longctx.engines.openai import OpenAI
from longctx.engines.sglang import SGLang
from longctx.engines.vllm import VLLM
from longctx.errors import EngineError, EngineUnavailable


def probe(connection: Connection) -> Served | None:
    """What answers there, or None where nothing does; never sends a prompt."""
    http = Http(connection)
    try:
        # First, because vLLM in developers' mode has SGLang's page too, and takes seconds over it.
        if words(field(http.get("/version", 5), "version")) is not None:
            return _told(VLLM(connection), connection, http.root)
        if http.get("/server_info", 5) is not None or http.get("/get_server_info", 5) is not None:
            return _told(SGLang(connection), connection, http.root)
        return _other(http, connection)
    except EngineUnavailable:
        return None
    except EngineError as error:
        return Served("unknown", http.root, findings=(failed(error, connection),))
    finally:
        http.close()


def _told(engine: Engine, connection: Connection, root: str) -> Served:
    """What the engine for such a server says; its name stays where there is nothing to ask."""
    with closing(engine):
        try:
            return engine.served()
        except EngineUnavailable:
            raise
        except EngineError as error:
            return Served(engine.name, root, findings=(failed(error, connection),))


def failed(error: EngineError, connection: Connection) -> Finding:
    """What keeps a server that answers from being used."""
    if not isinstance(error, KeyRefused):
        return trouble("connection", str(error), "", "")
    if connection.api_key is None:
        return trouble(
            "key",
            "the server wants an API key, and none is set",
            "it refuses every request",
            "set LONGCTX_API_KEY to the key that the server was started with",
        )
    return trouble(
        "key",
        "the server refuses the API key that is set",
        "it refuses every request",
        "set LONGCTX_API_KEY (or --api-key, or api_key in longctx.toml) to the key that the server"
        " was started with",
    )


def _other(http: Http, connection: Connection) -> Served:
    if field(http.get("/props", 5), "default_generation_settings") is not None:
        return _told(LlamaCpp(connection), connection, http.root)
    if field(http.get("/api/version", 5), "version") is not None:
        return _told(Ollama(connection), connection, http.root)
    if http.get("/v1/models", 5) is not None:
        return _told(OpenAI(connection), connection, http.root)
    return Served("unknown", http.root, notes=("something answers here, but no model server",))
