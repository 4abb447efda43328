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
FORM_TABLE(MARTLET_AVX2, emulated_avx2)
FORM_TABLE(MARTLET_AVX512, emulated_avx512)
FORM_TABLE(MARTLET_NEON, emulated_neon)
#endif

const martlet_tested_form *martlet_tested_forms(size_t *count) {
  static martlet_tested_form forms[8];
  size_t n = 0;
  for (martlet_form form = MARTLET_PORTABLE; form <= MARTLET_NEON; form++) {
    const martlet_kernels *native = martlet_kernels_for(form);
    if (native == NULL) continue;
    forms[n++] = (martlet_tested_form){native, false, form == MARTLET_AVX512 && martlet_has_bfloat16_dot()};
  }
#if defined(MARTLET_EMULATED)
  forms[n++] = (martlet_tested_form){&emulated_avx2_kernels, true, false};
  forms[n++] = (martlet_tested_form){&emulated_avx512_kernels, true, true};
  forms[n++] = (martlet_tested_form){&emulated_neon_kernels, true, false};
#endif
  *count = n;
  return forms;
}
