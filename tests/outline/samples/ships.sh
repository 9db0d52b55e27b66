#!/bin/bash
# Deploys.
set -e
readonly LIMIT=3
NAME=x
# Says hello.
hello() {
  local a=1
  echo hi
}
function bye { echo bye; }
if true; then
  inner() { echo; }
fi
