# DeepSeek-V4-Flash, window 262,144, on 4x B200 180GB, vLLM
#
# No data parallelism: each rank would have a prefix cache of its own. More users: more replicas.
#
# Reset of the cache and more of the server's state need VLLM_SERVER_DEV_MODE=1; longctx does not.
#
# --enable-expert-parallel: whole experts on each GPU
# --max-model-len: the window
# --gpu-memory-utilization: leaves room for activations of 8,192 tokens at a time
# --max-num-batched-tokens: tokens prefilled at a time
# --enable-prompt-tokens-details: else no answer says how much of its prompt was cached
# --block-size: prefixes are found in whole blocks
# --reasoning-parser: reasoning comes apart from the answer

vllm serve deepseek-ai/DeepSeek-V4-Flash-0731 \
  --served-model-name deepseek-v4-flash \
  --host 0.0.0.0 \
  --port 8000 \
  --tensor-parallel-size 4 \
  --enable-expert-parallel \
  --max-model-len 262144 \
  --gpu-memory-utilization 0.88 \
  --max-num-batched-tokens 8192 \
  --max-num-seqs 32 \
  --enable-prefix-caching \
  --enable-prompt-tokens-details \
  --kv-cache-dtype fp8 \
  --block-size 256 \
  --tokenizer-mode deepseek_v4 \
  --tool-call-parser deepseek_v4 \
  --enable-auto-tool-choice \
  --reasoning-parser deepseek_v4 \
  --trust-remote-code
