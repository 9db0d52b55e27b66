"""What SGLang 0.5.23 lacks to run on a machine without a GPU, put in from outside.

Here may live: replacements for code of torchvision and SGLang that a CPU cannot run or runs
wrongly. Nothing here changes how SGLang tokenizes, schedules, caches or answers: those are what
the live tests look at. It runs inside SGLang's own virtual environment, never in the tests' one.
"""

# These are in SGLang's environment, not in the tests' one, where mypy runs.
# mypy: disable-error-code="import-not-found"

import importlib.machinery
import importlib.util
import sys
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from types import ModuleType
from typing import Any

import torch
from torch.nn.functional import scaled_dot_product_attention


def define_torchvision_ops() -> torch.library.Library:
    """Declare the two operators that importing torchvision expects to exist.

    Its compiled operators are linked with CUDA's torch and do not load beside a CPU torch.
    The caller keeps the result: the declarations live as long as it does.
    """
    library = torch.library.Library("torchvision", "DEF")
    library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library


def patch_sglang_on_import() -> None:
    """Arrange for the patches below; importing SGLang right here would slow every process."""
    sys.meta_path.insert(
        0,
        _PatchOnImport(
            {
                "sglang.srt.layers.attention.torch_native_backend": _patch_attention,
                "sglang.srt.models.qwen3": _patch_sliding_window,
            }
        ),
    )


class _PatchOnImport(MetaPathFinder):
    """Runs a patch on a module just after the module itself has run."""

    def __init__(self, patches: dict[str, Callable[[ModuleType], None]]) -> None:
        self._patches = patches

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        patch = self._patches.get(fullname)
        if patch is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path)
        if spec is None or spec.loader is None:
            return None
        run = spec.loader.exec_module

        def run_and_patch(module: ModuleType) -> None:
            run(module)
            patch(module)

        spec.loader.exec_module = run_and_patch  # type: ignore[method-assign]
        return spec


def _patch_sliding_window(qwen3: ModuleType) -> None:
    """SGLang's Qwen3 ignores `layer_types`: give the sliding layers their window."""
    layer_class = qwen3.Qwen3DecoderLayer
    original = layer_class.__init__

    def init(self: Any, config: Any, layer_id: int = 0, *args: Any, **kwargs: Any) -> None:
        original(self, config, layer_id, *args, **kwargs)
        if config.layer_types[layer_id] == "sliding_attention":
            # SGLang does not count the token itself.
            self.self_attn.attn.sliding_window_size = config.sliding_window - 1

    layer_class.__init__ = init


def _patch_attention(backend: ModuleType) -> None:
    """Replace the attention of torch_native, for two reasons.

    Its extend step computes cached rows again, so that a warm request costs as much as a cold one;
    and it reads the pool of a sliding layer at slots of the full pool.
    """

    def write(self: Any, k: Any, v: Any, layer: Any, batch: Any) -> None:
        slots = backend.KVWriteLoc(batch.out_cache_loc, self.swa_out_cache_loc)
        self.token_to_kv_pool.set_kv_buffer(layer, slots, k, v)

    def forward(
        self: Any, q: Any, k: Any, v: Any, layer: Any, batch: Any, new_lens: list[int]
    ) -> torch.Tensor:
        write(self, k, v, layer, batch)
        pool = self.token_to_kv_pool
        keys, values = pool.get_key_buffer(layer.layer_id), pool.get_value_buffer(layer.layer_id)
        sliding = self.use_sliding_window_kv_pool and pool.layers_mapping[layer.layer_id][1]
        queries = q.reshape(-1, layer.tp_q_head_num, layer.qk_head_dim)
        output = torch.empty_like(queries)
        done = 0
        for row, length, new in zip(
            batch.req_pool_indices.tolist(), batch.seq_lens.tolist(), new_lens, strict=True
        ):
            first = max(0, length - new - layer.sliding_window_size) if sliding else 0
            slots = self.req_to_token_pool.req_to_token[row, first:length].to(torch.int64)
            if sliding:
                slots = pool.translate_loc_from_full_to_swa(slots).to(torch.int64)
            attended = _attend(
                queries[done : done + new].transpose(0, 1).unsqueeze(0),
                keys[slots].transpose(0, 1).unsqueeze(0),
                values[slots].transpose(0, 1).unsqueeze(0),
                layer.scaling,
                layer.sliding_window_size if sliding else None,
            )
            output[done : done + new] = attended.squeeze(0).transpose(0, 1)
            done += new
        return output.reshape(-1, layer.tp_q_head_num * layer.v_head_dim)

    def forward_extend(
        self: Any, q: Any, k: Any, v: Any, layer: Any, batch: Any, save_kv_cache: bool = True
    ) -> torch.Tensor:
        return forward(self, q, k, v, layer, batch, batch.extend_seq_lens.tolist())

    def forward_decode(
        self: Any, q: Any, k: Any, v: Any, layer: Any, batch: Any, save_kv_cache: bool = True
    ) -> torch.Tensor:
        return forward(self, q, k, v, layer, batch, [1] * len(batch.seq_lens))

    backend.TorchNativeAttnBackend.forward_extend = forward_extend
    backend.TorchNativeAttnBackend.forward_decode = forward_decode


def _attend(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, scale: float, window: int | None
) -> torch.Tensor:
    """Causal attention of the last rows (q) on all rows (k, v); the models have one head each."""
    new, total = q.shape[2], k.shape[2]
    past = total - new
    if window is not None:
        position = torch.arange(past, total).unsqueeze(1)
        other = torch.arange(total).unsqueeze(0)
        mask = (other <= position) & (other >= position - window)
        return scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=scale)
    if new == 1 or past == 0:
        return scaled_dot_product_attention(q, k, v, is_causal=past == 0, scale=scale)
    # A mask of new x total would be gigabytes: attend to the two parts and join by their weights.
    flash = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    own, own_weight = flash(q, k[:, :, past:], v[:, :, past:], 0.0, True, scale=scale)
    old, old_weight = flash(q, k[:, :, :past], v[:, :, :past], 0.0, False, scale=scale)
    share = torch.sigmoid(own_weight - old_weight).unsqueeze(-1)
    return (own * share + old * (1 - share)).to(q.dtype)
