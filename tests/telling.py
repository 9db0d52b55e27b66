"""A test double of a server that tells its generated ids and, where wanted, tools' calls."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from longctx.engines import Delta, Event, Reasoning, Request, Served, ToolCall, Usage
from longctx.engines.radix_tree import PLAIN, Rules
from longctx.engines.scripted import SPOKEN, Scripted
from longctx.prompt import Ids
from longctx.template.deepseek_v4 import DSML_ID, END_THINK, EOS
from longctx.tokens import tokenizer_for

TOKENIZER = tokenizer_for("deepseek-v4")

Answer = str | tuple[str, tuple[ToolCall, ...]]
"""A text, or a text with calls after it. `<think>...</think>` before it is reasoning."""


class Telling(Scripted):
    """Gives the answers in turn, the last one for ever, a token a letter: no tokenizer would."""

    def __init__(
        self,
        answers: Sequence[Answer],
        rules: Rules = PLAIN,
        *,
        calls: bool = False,
        window: int = 1_048_576,
    ) -> None:
        super().__init__([""], window, rules)
        self.answers = list(answers)
        self.requests: list[Request] = []
        self._tells_calls = calls

    def served(self) -> Served:
        return replace(super().served(), tells_calls=self._tells_calls)

    def stream(self, request: Request) -> Iterator[Event]:
        self.requests.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        text, calls = (answer, ()) if isinstance(answer, str) else answer
        thought, _, said = text.rpartition("</think>")
        reasoning = thought.removeprefix("<think>")
        ids = Ids.joined(
            [
                *map(TOKENIZER.encode, reasoning),
                *([END_THINK] if thought else []),
                *map(TOKENIZER.encode, said),
                *([DSML_ID] if calls else []),
                EOS,
            ]
        )
        assert request.ids is not None
        counts = self._counts(request.ids, [*ids, SPOKEN])
        if reasoning:
            yield Reasoning(reasoning)
        for letter in said:
            yield Delta(letter)
        yield from calls
        yield Usage(counts.prompt_tokens, len(ids), counts.cached_tokens, "stop", ids)
