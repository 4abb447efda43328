// The vector forms of the kernels, compiled for any processor with every vector instruction carried out by others.
// Slow, and right if the forms themselves are right: so each is tested on every machine.
#pragma once

#include "Kernels.h"

#ifdef __cplusplus
extern "C" {
#endif

// One way to run the kernels: a form, natively where this processor has it, or emulated.
typedef struct martlet_tested_form {
  const martlet_arithmetic_kernels *kernels;
  const martlet_graph_kernels *graphs;
  bool is_emulated;
  bool has_bfloat16_dot;  // multiplies bfloat16 weights with activations rounded likewise, where these may be
} martlet_tested_form;

// All that can be run here, the portable form first. `count` is how many there are.
const martlet_tested_form *martlet_tested_forms(size_t *count);

#ifdef __cplusplus
}
#endif
