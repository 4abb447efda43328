#include "KernelsEmulated.h"

#include "../../Sources/Kernels/tables.h"
#include "emulation.h"

#if defined(MARTLET_EMULATED)
#define DECLARE(form)                    \
  MARTLET_DECLARE_QUANTIZED(form)        \
  MARTLET_DECLARE_FLOATS(form)

DECLARE(emulated_avx2)
DECLARE(emulated_avx512)
DECLARE(emulated_neon)
FORM_TABLE(MARTLET_AVX2, emulated_avx2)
FORM_TABLE(MARTLET_AVX512, emulated_avx512)
FORM_TABLE(MARTLET_NEON, emulated_neon)

martlet_matmul martlet_emulated_avx512_matmul_bf16_floats, martlet_emulated_avx512_matmul_bf16_pairs;
#endif
martlet_matmul martlet_avx512_matmul_bf16_floats;

// AVX-512's two ways with bfloat16: each is tested, whichever the form would choose here.

#define WITH_BFLOAT16(name, form, product)                                                                          \
  static void name(martlet_layout layout, const void *panels, size_t rows, const martlet_activations *x,            \
                   const float *bias, float *y, size_t y_stride) {                                                  \
    if (layout.kind == MARTLET_LAYOUT_BF16)                                                                         \
      product(layout, panels, rows, x, bias, y, y_stride);                                                          \
    else                                                                                                            \
      form(layout, panels, rows, x, bias, y, y_stride);                                                             \
  }
#if defined(MARTLET_EMULATED)
WITH_BFLOAT16(by_floats, emulated_avx512_matmul, martlet_emulated_avx512_matmul_bf16_floats)
WITH_BFLOAT16(by_pairs, emulated_avx512_matmul, martlet_emulated_avx512_matmul_bf16_pairs)
#endif
#if defined(__x86_64__)
static void native_matmul(martlet_layout layout, const void *panels, size_t rows, const martlet_activations *x,
                          const float *bias, float *y, size_t y_stride) {
  martlet_kernels_for(MARTLET_AVX512)->matmul(layout, panels, rows, x, bias, y, y_stride);
}
WITH_BFLOAT16(natively_by_floats, native_matmul, martlet_avx512_matmul_bf16_floats)
#endif

static martlet_kernels with(martlet_kernels kernels, const char *name, __typeof__(kernels.matmul) matmul) {
  kernels.name = name;
  kernels.matmul = matmul;
  return kernels;
}

const martlet_tested_form *martlet_tested_forms(size_t *count) {
  static martlet_tested_form forms[16];
  static martlet_kernels native_floats;
  size_t n = 0;
  for (martlet_form form = MARTLET_PORTABLE; form <= MARTLET_NEON; form++) {
    const martlet_kernels *native = martlet_kernels_for(form);
    if (native == NULL) continue;
    forms[n++] = (martlet_tested_form){native, false, form == MARTLET_AVX512 && martlet_has_bfloat16_dot()};
  }
#if defined(__x86_64__)
  if (martlet_has_bfloat16_dot()) {
    native_floats = with(*martlet_kernels_for(MARTLET_AVX512), "avx512 without bfloat16", natively_by_floats);
    forms[n++] = (martlet_tested_form){&native_floats, false, false};
  }
#endif
#if defined(MARTLET_EMULATED)
  static martlet_kernels floats, pairs;
  floats = with(emulated_avx512_kernels, "emulated_avx512 without bfloat16", by_floats);
  pairs = with(emulated_avx512_kernels, "emulated_avx512", by_pairs);
  forms[n++] = (martlet_tested_form){&emulated_avx2_kernels, true, false};
  forms[n++] = (martlet_tested_form){&floats, true, false};
  forms[n++] = (martlet_tested_form){&pairs, true, true};
  forms[n++] = (martlet_tested_form){&emulated_neon_kernels, true, false};
#endif
  *count = n;
  return forms;
}
