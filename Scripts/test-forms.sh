#!/usr/bin/env bash
# The comparisons with reference models once more, under each form of the kernels that this processor runs.
#
#     Scripts/test-forms.sh PROGRAM COMMAND…
#
# PROGRAM is martlet, which knows its forms; COMMAND runs the tests, and gets a filter.
set -euo pipefail
program=$1
shift
for form in portable avx2 avx512 neon; do
  if MARTLET_SIMD=$form "$program" doctor >/dev/null 2>&1; then
    printf '== MARTLET_SIMD=%s\n' "$form"
    MARTLET_SIMD=$form "$@" --filter 'TransformersTests|EmbeddingTests.ParityTests|GreedyParityTests'
  else
    printf '== MARTLET_SIMD=%s: this processor cannot run it\n' "$form"
  fi
done
