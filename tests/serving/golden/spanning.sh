# DeepSeek-V4-Pro, window 1,048,576, on 16x H100 80GB (2 machines), SGLang
#
# HiCache stays off: with DeepSeek V4 it corrupts the window layers' cache (sglang issues 33656,
# 36179, both open on 2026-11-24), and answers with it.
#
# No data parallelism: each rank would have a prefix cache of its own, and a question would find its
# prefix only by chance. More users: more replicas.
#
# No --allow-auto-truncate: it cuts the end of a prompt that is too long, the question.
#
# --context-length: the window; a prompt takes 6 tokens less
# --mem-fraction-static: leaves room for activations of 8,192 tokens at a time
# --chunked-prefill-size: whole pages, and at most 1/4 of the window pool (110,527 tokens)
# --swa-full-tokens-ratio: so a prefill does not push out the windows at whose ends other prefixes
# go on
# --page-size: V4 takes no other; prefixes are found in whole pages
# --max-running-requests: each takes cache, used or not
# --enable-cache-report: else no answer says how much of its prompt was cached
# --enable-session-radix-cache: prefixes of open sessions are evicted last; longctx names its
# sessions
# --reasoning-parser: reasoning comes apart from the answer
# needs NODE_RANK: 0 on the first machine, 1, 2, ... on the others
# needs HEAD_ADDRESS: the first machine's address, the same on all
# needs SGLANG_API_KEY: the API key; clients send it too
# run it on each of 2 machines

sglang serve \
  --model-path deepseek-ai/DeepSeek-V4-Pro-0813 \
  --served-model-name deepseek-v4-pro \
  --host 0.0.0.0 \
  --port 30000 \
  --tp-size 16 \
  --nnodes 2 \
  --node-rank "${NODE_RANK:?}" \
  --dist-init-addr "${HEAD_ADDRESS:?}":20000 \
  --context-length 1048576 \
  --mem-fraction-static 0.79 \
  --chunked-prefill-size 8192 \
  --swa-full-tokens-ratio 0.1 \
  --page-size 256 \
  --max-running-requests 32 \
  --enable-cache-report \
  --enable-session-radix-cache \
  --enable-metrics \
  --tool-call-parser deepseekv4 \
  --reasoning-parser deepseek-v4 \
  --trust-remote-code \
  --api-key "${SGLANG_API_KEY:?}"
