# DeepSeek-V4-Flash, window 262,144, on 4x H200 141GB, SGLang
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
# --chunked-prefill-size: whole pages, and at most 1/4 of the window pool (1,277,697 tokens)
# --swa-full-tokens-ratio: so a prefill does not push out the windows at whose ends other prefixes
# go on
# --page-size: V4 takes no other; prefixes are found in whole pages
# --max-running-requests: each takes cache, used or not
# --enable-cache-report: else no answer says how much of its prompt was cached
# --enable-session-radix-cache: prefixes of open sessions are evicted last; longctx names its
# sessions
# --reasoning-parser: reasoning comes apart from the answer

sglang serve \
  --model-path deepseek-ai/DeepSeek-V4-Flash-0731 \
  --served-model-name deepseek-v4-flash \
  --host 0.0.0.0 \
  --port 30000 \
  --tp-size 4 \
  --context-length 262144 \
  --mem-fraction-static 0.88 \
  --chunked-prefill-size 8192 \
  --swa-full-tokens-ratio 0.1 \
  --page-size 256 \
  --max-running-requests 32 \
  --enable-cache-report \
  --enable-session-radix-cache \
  --enable-metrics \
  --tool-call-parser deepseekv4 \
  --reasoning-parser deepseek-v4 \
  --trust-remote-code
