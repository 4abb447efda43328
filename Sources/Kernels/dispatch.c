// Which form this processor runs, and the form's table of functions.
#include <stdlib.h>
#include <string.h>

#include "tables.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

FORM_TABLE(MARTLET_PORTABLE, portable)
#if defined(__x86_64__)
FORM_TABLE(MARTLET_AVX2, avx2)
FORM_TABLE(MARTLET_AVX512, avx512)
#elif defined(__aarch64__)
FORM_TABLE(MARTLET_NEON, neon)
#endif

const martlet_kernels *martlet_kernels_for(martlet_form form) {
  switch (form) {
  case MARTLET_PORTABLE:
    return &portable_kernels;
#if defined(__x86_64__)
  case MARTLET_AVX2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c")
               ? &avx2_kernels
               : NULL;
  case MARTLET_AVX512:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
                   __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
                   __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("fma") &&
                   __builtin_cpu_supports("f16c")
               ? &avx512_kernels
               : NULL;
#elif defined(__aarch64__)
  case MARTLET_NEON:
#if defined(__linux__)
    // HWCAP_ASIMDHP and HWCAP_ASIMDDP of the kernel's <asm/hwcap.h>.
    return (getauxval(AT_HWCAP) & (1ul << 10)) && (getauxval(AT_HWCAP) & (1ul << 20)) ? &neon_kernels : NULL;
#else
    return &neon_kernels;
#endif
#endif
  default:
    return NULL;
  }
}

const martlet_kernels *martlet_kernels_best(void) {
  static const martlet_form best_first[] = {MARTLET_AVX512, MARTLET_AVX2, MARTLET_NEON, MARTLET_PORTABLE};
  const char *wanted = getenv("MARTLET_SIMD");
  for (size_t i = 0; i < sizeof best_first / sizeof best_first[0]; i++) {
    const martlet_kernels *kernels = martlet_kernels_for(best_first[i]);
    if (kernels == NULL) continue;
    if (wanted == NULL || wanted[0] == 0 || strcmp(wanted, kernels->name) == 0) return kernels;
  }
  return NULL;
}

bool martlet_has_bfloat16_dot(void) {
#if defined(__x86_64__)
  return martlet_kernels_for(MARTLET_AVX512) != NULL && __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

size_t martlet_page_bytes(martlet_cache_type type, size_t kv_heads, size_t dim) {
  size_t element = type == MARTLET_CACHE_F32 ? sizeof(float) : sizeof(uint16_t);
  return 2 * MARTLET_PAGE_POSITIONS * kv_heads * dim * element;
}
