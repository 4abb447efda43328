#include "KernelsEmulated.h"

#include "../../Sources/Kernels/tables.h"
#include "emulation.h"

#if defined(MARTLET_EMULATED)
#define DECLARE(form)             \
  MARTLET_DECLARE_QUANTIZED(form) \
  MARTLET_DECLARE_FLOATS(form)    \
  MARTLET_DECLARE_GRAPHS(form)

DECLARE(emulated_avx2)
DECLARE(emulated_avx512)
DECLARE(emulated_neon)
FORM_TABLES(MARTLET_AVX2, emulated_avx2)
FORM_TABLES(MARTLET_AVX512, emulated_avx512)
FORM_TABLES(MARTLET_NEON, emulated_neon)
#endif

const martlet_tested_form *martlet_tested_forms(size_t *count) {
  static martlet_tested_form forms[8];
  size_t n = 0;
  for (martlet_form form = MARTLET_PORTABLE; form <= MARTLET_NEON; form++) {
    if (martlet_arithmetic_for(form) == NULL) continue;
    forms[n++] = (martlet_tested_form){martlet_arithmetic_for(form), martlet_graphs_for(form), false,
                                       form == MARTLET_AVX512 && martlet_has_bfloat16_dot()};
  }
#if defined(MARTLET_EMULATED)
  forms[n++] = (martlet_tested_form){&emulated_avx2_arithmetic, &emulated_avx2_graphs, true, false};
  forms[n++] = (martlet_tested_form){&emulated_avx512_arithmetic, &emulated_avx512_graphs, true, true};
  forms[n++] = (martlet_tested_form){&emulated_neon_arithmetic, &emulated_neon_graphs, true, false};
#endif
  *count = n;
  return forms;
}
