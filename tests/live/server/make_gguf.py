"""Makes the GGUF of a tiny model for llama.cpp: MODEL_FOLDER FILE.

Here may live: how a folder that `make_model.py` made is written as a GGUF: the same weights, and
DeepSeek V4's vocabulary and merges, so that llama.cpp counts and answers as the others do. It runs
inside SGLang's virtual environment, which has gguf, numpy and safetensors.
"""

# These are in SGLang's environment, not in the tests' one, where mypy runs.
# mypy: disable-error-code="import-not-found"

import json
import sys
from pathlib import Path

import gguf
import torch
from safetensors.torch import load_file

TENSORS = {"model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output"}
LAYER = {
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "self_attn.q_norm": "attn_q_norm",
    "self_attn.k_norm": "attn_k_norm",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def named(tensor: str) -> str:
    """What GGUF calls a tensor of the folder."""
    name, kind = tensor.rsplit(".", 1)
    if name.startswith("model.layers."):
        _, _, layer, part = name.split(".", 3)
        return f"blk.{layer}.{LAYER[part]}.{kind}"
    return f"{TENSORS[name]}.{kind}"


def describe(writer: gguf.GGUFWriter, config: dict[str, object]) -> None:
    """The model's sizes."""
    writer.add_name("tiny")
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(config["num_attention_heads"])
    writer.add_head_count_kv(config["num_key_value_heads"])
    writer.add_key_length(config["head_dim"])
    writer.add_value_length(config["head_dim"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)


def add_vocabulary(writer: gguf.GGUFWriter, folder: Path, size: int) -> None:
    """The tokens by id; as in DeepSeek's own file, added tokens are special or the user's own."""
    told = json.loads((folder / "tokenizer.json").read_text("utf-8"))
    kinds = {
        each["id"]: gguf.TokenType.CONTROL if each["special"] else gguf.TokenType.USER_DEFINED
        for each in told["added_tokens"]
    }
    names = {number: token for token, number in told["model"]["vocab"].items()}
    names |= {each["id"]: each["content"] for each in told["added_tokens"]}
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("deepseek-v3")
    writer.add_token_list([names.get(number, f"[PAD{number}]") for number in range(size)])
    writer.add_token_types(
        [
            kinds.get(number, gguf.TokenType.NORMAL if number in names else gguf.TokenType.UNUSED)
            for number in range(size)
        ]
    )
    merges = told["model"]["merges"]
    writer.add_token_merges([each if isinstance(each, str) else " ".join(each) for each in merges])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(1)
    writer.add_add_bos_token(False)


def make(folder: Path, file: Path) -> None:
    config = json.loads((folder / "config.json").read_text("utf-8"))
    writer = gguf.GGUFWriter(file, "qwen3")
    describe(writer, config)
    add_vocabulary(writer, folder, config["vocab_size"])
    template = folder / "chat_template.jinja"
    if template.exists():
        writer.add_chat_template(template.read_text("utf-8"))
    for name, tensor in load_file(folder / "model.safetensors").items():
        writer.add_tensor(named(name), tensor.to(torch.float32).numpy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


if __name__ == "__main__":
    make(Path(sys.argv[1]), Path(sys.argv[2]))
