# DeepSeek-V4-Flash, window 65,536, on 4x RTX PRO 6000 96GB, llama.cpp
#
# llama.cpp keeps a slot's last prompt and no tree of prefixes: one slot, so that nobody's other
# prompt takes its place.
#
# DeepSeek V4 came to llama.cpp in 2026-07; issue 25259 (open on 2026-11-24) has it forget context
# after a cache hit. Compare an answer cold and warm before relying on it.
#
# --ctx-size: the window; slots would share it
# --n-gpu-layers: all of them
# --split-mode: each GPU holds its layers' weights and cache

llama-server \
  --model v4-flash.gguf \
  --alias deepseek-v4-flash \
  --host 0.0.0.0 \
  --port 8080 \
  --ctx-size 65536 \
  --parallel 1 \
  --jinja \
  --metrics \
  --slots \
  --n-gpu-layers 999 \
  --split-mode layer
