"""A test double of DeepSeek's hosted API, after its documentation of 2026-11.

Tokens are counted with V4's own vocabulary and encoding, and the cache keeps whole beginnings: the
ends of prompts and answers, and what two prompts have in common. What the documentation leaves
open is a parameter. `tests/live` has no such server: nobody lends a key.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from engines.serving import Heard, Said, serving

from longctx.prompt import Effort, Ids, Prompt, Role, Segment
from longctx.template import template_for
from longctx.tokens import tokenizer_for

KEY = "sk-right"
MODELS = ("deepseek-flash", "deepseek-v4-pro")
CACHED_IN = 128
TOKENIZER = tokenizer_for("deepseek-v4")


@dataclass
class DeepSeek:
    """The running double; what may change while it runs."""

    url: str = ""
    answer: str = "It is in the identity service."
    reasoning: str = "Let me look."
    window: int = 1_000_000
    extra: int = 0
    """Tokens that its encoding has and ours has not."""
    balance: bool = True
    busy: int = 0
    """So many requests are refused first, with 429."""
    reports_cache: bool = True
    heard: list[dict[str, object]] = field(default_factory=list)
    units: list[list[int]] = field(default_factory=list)
    prompts: list[list[int]] = field(default_factory=list)

    def reply(self, heard: Heard) -> Said:
        path = heard.path.removeprefix("/v1")
        if heard.key != KEY:
            return refusal(401, "Authentication Fails, Your api key is invalid")
        if (heard.method, path) == ("GET", "/models"):
            listed = [{"id": name, "object": "model", "owned_by": "deepseek"} for name in MODELS]
            return Said(body={"object": "list", "data": listed})
        if (heard.method, path) != ("POST", "/chat/completions"):
            return Said(404, {"error": "not found"})
        self.heard.append(heard.body)
        return self.chat(heard.body)

    def chat(self, body: dict[str, Any]) -> Said:
        if not self.balance:
            return refusal(402, "Insufficient Balance")
        if self.busy:
            self.busy -= 1
            return Said(
                429, {"error": {"message": "Rate limit reached"}}, headers={"Retry-After": "2"}
            )
        if body["model"] not in MODELS:
            return refusal(400, "Model Not Exist")
        thinks = body.get("thinking", {"type": "enabled"})["type"] == "enabled"
        effort = Effort(body.get("reasoning_effort", "high")) if thinks else Effort.OFF
        ids = rendered(body["messages"], effort).tolist()
        count, limit = len(ids) + self.extra, body["max_tokens"]
        if count + limit > self.window:
            return refusal(
                400,
                f"This model's maximum context length is {self.window} tokens. However, you"
                f" requested {count + limit} tokens ({count} in the messages, {limit} in the"
                " completion). Please reduce the length of the messages or completion.",
            )
        usage = self.usage(ids, count)
        if not body.get("stream"):
            message = {"role": "assistant", "content": self.answer}
            choice = {"index": 0, "message": message, "finish_reason": "stop"}
            return Said(body={"choices": [choice], "usage": usage})
        pieces = [b": keep-alive\n\n", b": keep-alive\n\n", event(role="assistant", content="")]
        if thinks:
            pieces += [event(reasoning_content=word) for word in split(self.reasoning)]
        pieces += [event(content=word) for word in split(self.answer)]
        pieces.append(sent({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
        if body.get("stream_options", {}).get("include_usage"):
            pieces.append(sent({"choices": [], "usage": usage}))
        return Said(pieces=[*pieces, b"data: [DONE]\n\n"])

    def usage(self, ids: list[int], count: int) -> dict[str, object]:
        hit = max((len(unit) for unit in self.units if ids[: len(unit)] == unit), default=0)
        hit = hit // CACHED_IN * CACHED_IN
        said = TOKENIZER.encode(self.answer).tolist()
        for earlier in self.prompts:
            common = next(
                (n for n, pair in enumerate(zip(ids, earlier, strict=False)) if pair[0] != pair[1]),
                min(len(ids), len(earlier)),
            )
            self.units.append(ids[:common])
        self.units += [ids, [*ids, *said]]
        self.prompts.append(ids)
        told = {"prompt_cache_hit_tokens": hit, "prompt_cache_miss_tokens": count - hit}
        return {
            "prompt_tokens": count,
            "completion_tokens": len(said),
            "total_tokens": count + len(said),
            **(told if self.reports_cache else {}),
        }


def rendered(messages: list[dict[str, str]], effort: Effort) -> Ids:
    encode = TOKENIZER.encode
    segments = tuple(
        Segment(Role(each["role"]), "message", each["content"], encode(each["content"]))
        for each in messages
    )
    return template_for("deepseek-v4").encode(Prompt(segments), effort)


def refusal(status: int, message: str) -> Said:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": None}
    return Said(status, {"error": error})


def split(text: str) -> list[str]:
    return [word + " " for word in text.split(" ")[:-1]] + [text.split(" ")[-1]]


def sent(value: object) -> bytes:
    return f"data: {json.dumps(value)}\n\n".encode()


def event(**delta: object) -> bytes:
    return sent({"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})


@contextmanager
def deepseek(**settings: Any) -> Iterator[DeepSeek]:
    double = DeepSeek(**settings)
    with serving(double.reply) as url:
        double.url = url
        yield double
