#!/usr/bin/env bash
# Indexes the sample documents into a store of their own and asks them a question: demo.sh MARTLET
set -euo pipefail
cd "$(dirname "$0")/.."
martlet=$1
store=build/demo-store
question="When do swifts come back to the tower, and when do they leave?"

run() {
  printf '\n$ martlet'
  printf ' %q' "$@"
  printf '\n'
  "$martlet" "$@"
}

mkdir -p build
run index Examples/documents --store "$store"
run ask "$question" --store "$store"
