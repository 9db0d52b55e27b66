#!/usr/bin/env bash
# Puts a new signing key in front of the ring, or takes the oldest one out.
#
#   rotate-signing-key.sh add       # new key signs, old ones still verify
#   rotate-signing-key.sh drop      # at least 16 minutes after "add"
#   rotate-signing-key.sh drop --leaked   # at once, and never mind the refreshes
#
# Tokens signed by a key that was dropped too early fail with reason=signature,
# and everybody has to refresh at once. Do not be quick.
set -euo pipefail

namespace=harbour
secret=identity-keys
min_age_seconds=$((16 * 60))

ring() {
  kubectl -n "$namespace" get secret "$secret" -o jsonpath='{.data.ring}' | base64 -d
}

put() {
  kubectl -n "$namespace" create secret generic "$secret" --from-literal=ring="$1" \
    --dry-run=client -o yaml | kubectl apply -f -
  kubectl -n "$namespace" annotate --overwrite secret "$secret" \
    moorline.example/rotated-at="$(date +%s)"
  kubectl -n "$namespace" rollout restart deployment/identity
  kubectl -n "$namespace" rollout status deployment/identity --timeout=180s
}

case "${1:-}" in
  add)
    kid="k-$(date -u +%Y-%m-%d)"
    key=$(openssl rand 32 | basenc --base64url | tr -d '=\n')
    put "$kid:$key,$(ring)"
    echo "now signing with $kid; run 'drop' in 16 minutes or later"
    ;;
  drop)
    rotated=$(kubectl -n "$namespace" get secret "$secret" \
      -o jsonpath='{.metadata.annotations.moorline\.example/rotated-at}')
    age=$(( $(date +%s) - rotated ))
    if (( age < min_age_seconds )) && [[ ${2:-} != --leaked ]]; then
      echo "the last rotation is only $age seconds ago" >&2
      exit 1
    fi
    current=$(ring)
    if [[ $current != *,* ]]; then
      echo "there is only one key in the ring" >&2
      exit 1
    fi
    put "${current%,*}"
    ;;
  *)
    echo "usage: $0 add|drop [--leaked]" >&2
    exit 2
    ;;
esac
