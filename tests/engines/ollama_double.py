"""A test double of Ollama, after its documentation and source of late 2026.

It counts with a vocabulary of its own (words and signs), cuts prompts that do not fit its context
without a word unless `truncate` is false, and loads a model anew for another `num_ctx`.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from engines.serving import Heard, Said, serving

DEFAULT_CONTEXT = 4_096


@dataclass
class Model:
    context: int = 131_072
    capabilities: tuple[str, ...] = ("completion",)
    family: str = "llama"


@dataclass
class OllamaDouble:
    """The running double; what may change while it runs."""

    url: str = ""
    models: dict[str, Model] = field(default_factory=lambda: {"llama3.2:latest": Model()})
    answer: str = "It is in the identity service."
    letters: int = 8
    """Of a word, so many make a token."""
    knows_truncate: bool = True
    """False: a version from before `truncate`, which ignores it."""
    memory: int | None = None
    """The largest context that fits this machine."""
    loaded: dict[str, int] = field(default_factory=dict)
    loads: list[int] = field(default_factory=list)
    """The context of each loading."""
    heard: list[dict[str, object]] = field(default_factory=list)

    def reply(self, heard: Heard) -> Said:
        match heard.path:
            case "/api/version":
                return Said(body={"version": "0.31.0"})
            case "/api/tags":
                return Said(body={"models": [{"name": n, "model": n} for n in self.models]})
            case "/api/ps":
                running = [{"name": n, "context_length": c} for n, c in self.loaded.items()]
                return Said(body={"models": running})
            case "/api/show" | "/api/chat":
                name = str(heard.body["model"])
                if name not in self.models:
                    return Said(404, {"error": f"model '{name}' not found"})
                if heard.path == "/api/chat":
                    self.heard.append(heard.body)
                    return self.chat(self.models[name], name, heard.body)
                return Said(body=shown(self.models[name]))
        return Said(404, {"error": "not found"})

    def chat(self, model: Model, name: str, body: dict[str, Any]) -> Said:
        if body.get("think") and "thinking" not in model.capabilities:
            return Said(400, {"error": f'"{name}" does not support thinking'})
        asked = body.get("options", {}).get("num_ctx", DEFAULT_CONTEXT)
        if self.memory is not None and asked > self.memory:
            return Said(500, {"error": "model requires more system memory than is available"})
        context = min(asked, model.context)
        if self.loaded.get(name) != context:
            self.loaded[name] = context
            self.loads.append(context)
        messages = body["messages"]
        count = tokens(messages, self.letters)
        if count > context:
            if self.knows_truncate and body.get("truncate") is False:
                over = count - context
                said = f"prompt too long; exceeded max context length by {over} tokens"
                return Said(400, {"error": said})
            kept = [m for m in messages[:-1] if m["role"] == "system"]
            count = min(context, tokens([*kept, messages[-1]], self.letters))
        last = {
            "message": {"role": "assistant", "content": ""},
            "done": True,
            "done_reason": "stop",
            "prompt_eval_count": count,
            "eval_count": len(self.answer.split()),
        }
        if body.get("stream") is False:
            return Said(body=last)
        pieces = [{"message": {"role": "assistant", "content": w}} for w in split(self.answer)]
        if body.get("think"):
            thought = {"role": "assistant", "content": "", "thinking": "Let me look."}
            pieces.insert(0, {"message": thought})
        lines = [{"model": name, "done": False, **piece} for piece in pieces]
        return Said(pieces=[json.dumps(line).encode() + b"\n" for line in [*lines, last]])


def tokens(messages: list[dict[str, str]], letters: int = 8) -> int:
    """Of its own vocabulary: words and signs, and four for a role."""
    sign = re.compile(rf"\w{{1,{letters}}}|[^\w ]")
    return sum(4 + len(sign.findall(each["content"])) for each in messages)


def split(text: str) -> list[str]:
    return re.findall(r"\S+\s*", text)


def shown(model: Model) -> dict[str, object]:
    return {
        "capabilities": list(model.capabilities),
        "details": {"family": model.family},
        "model_info": {
            "general.architecture": model.family,
            f"{model.family}.context_length": model.context,
            f"{model.family}.vision.context_length": 7,
        },
    }


@contextmanager
def ollama(**settings: Any) -> Iterator[OllamaDouble]:
    double = OllamaDouble(**settings)
    with serving(double.reply) as url:
        double.url = url
        yield double
