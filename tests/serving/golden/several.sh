#!/usr/bin/env bash
# DeepSeek-V4-Flash, window 262,144, on 2 replicas, each 4x H200 141GB, SGLang
#
# HiCache stays off: with DeepSeek V4 it corrupts the window layers' cache (sglang issues 33656,
# 36179, both open on 2026-11-24), and answers with it.
#
# No data parallelism: each rank would have a prefix cache of its own, and a question would find its
# prefix only by chance. More users: more replicas.
#
# No --allow-auto-truncate: it cuts the end of a prompt that is too long, the question.
#
# The router takes messages and text: it refuses token ids on /v1/completions and drops session ids.
# longctx reaches one worker's cache more surely without it (--no-router).
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
# --incremental-streaming-output: else each piece of an answer brings the whole answer again through
# a router
# --policy: a prompt goes where its beginning was seen
# --request-timeout-secs: a cold prefill takes minutes
# needs SGLANG_API_KEY: the API key; clients send it too

set -eu
trap 'kill 0' EXIT INT TERM

CUDA_VISIBLE_DEVICES=0,1,2,3 sglang serve \
  --model-path deepseek-ai/DeepSeek-V4-Flash-0731 \
  --served-model-name deepseek-v4-flash \
  --host 0.0.0.0 \
  --port 30001 \
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
  --trust-remote-code \
  --incremental-streaming-output \
  --api-key "${SGLANG_API_KEY:?}" &

CUDA_VISIBLE_DEVICES=4,5,6,7 sglang serve \
  --model-path deepseek-ai/DeepSeek-V4-Flash-0731 \
  --served-model-name deepseek-v4-flash \
  --host 0.0.0.0 \
  --port 30002 \
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
  --trust-remote-code \
  --incremental-streaming-output \
  --api-key "${SGLANG_API_KEY:?}" &

python3 -m sglang_router.launch_router \
  --worker-urls http://127.0.0.1:30001 \
  http://127.0.0.1:30002 \
  --policy cache_aware \
  --host 0.0.0.0 \
  --port 30000 \
  --request-timeout-secs 7200 &

wait -n   # where one ends, all end
