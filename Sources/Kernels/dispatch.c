// Which forms this processor runs, and their tables of functions.
#include <stdlib.h>
#include <string.h>

#include "tables.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

FORM_TABLES(MARTLET_PORTABLE, portable)
#if defined(__x86_64__)
FORM_TABLES(MARTLET_AVX2, avx2)
FORM_TABLES(MARTLET_AVX512, avx512)
#elif defined(__aarch64__)
FORM_TABLES(MARTLET_NEON, neon)
#endif

static bool runs(martlet_form form) {
  switch (form) {
  case MARTLET_PORTABLE:
    return true;
#if defined(__x86_64__)
  case MARTLET_AVX2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  case MARTLET_AVX512:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
#elif defined(__aarch64__)
  case MARTLET_NEON:
#if defined(__linux__)
    // HWCAP_ASIMDHP and HWCAP_ASIMDDP of the kernel's <asm/hwcap.h>.
    return (getauxval(AT_HWCAP) & (1ul << 10)) && (getauxval(AT_HWCAP) & (1ul << 20));
#else
    return true;
#endif
#endif
  default:
    return false;
  }
}

#if defined(__x86_64__)
#define TABLE_OF(form, table)                                         \
  ((form) == MARTLET_AVX512 ? &avx512_##table : (form) == MARTLET_AVX2 ? &avx2_##table : &portable_##table)
#elif defined(__aarch64__)
#define TABLE_OF(form, table) ((form) == MARTLET_NEON ? &neon_##table : &portable_##table)
#else
#define TABLE_OF(form, table) (&portable_##table)
#endif

const martlet_arithmetic_kernels *martlet_arithmetic_for(martlet_form form) {
  return runs(form) ? TABLE_OF(form, arithmetic) : NULL;
}

const martlet_graph_kernels *martlet_graphs_for(martlet_form form) {
  return runs(form) ? TABLE_OF(form, graphs) : NULL;
}

static bool find_best_form(martlet_form *form) {
  static const martlet_form best_first[] = {MARTLET_AVX512, MARTLET_AVX2, MARTLET_NEON, MARTLET_PORTABLE};
  const char *wanted = getenv("MARTLET_SIMD");
  for (size_t i = 0; i < sizeof best_first / sizeof best_first[0]; i++) {
    *form = best_first[i];
    if (!runs(*form)) continue;
    if (wanted == NULL || wanted[0] == 0 || strcmp(wanted, TABLE_OF(*form, arithmetic)->name) == 0) return true;
  }
  return false;
}

const martlet_arithmetic_kernels *martlet_arithmetic_best(void) {
  martlet_form form;
  return find_best_form(&form) ? martlet_arithmetic_for(form) : NULL;
}

const martlet_graph_kernels *martlet_graphs_best(void) {
  martlet_form form;
  return find_best_form(&form) ? martlet_graphs_for(form) : NULL;
}

bool martlet_has_bfloat16_dot(void) {
#if defined(__x86_64__)
  return runs(MARTLET_AVX512) && __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

size_t martlet_page_bytes(martlet_cache_type type, size_t kv_heads, size_t dim) {
  size_t element = type == MARTLET_CACHE_F32 ? sizeof(float) : sizeof(uint16_t);
  return 2 * MARTLET_PAGE_POSITIONS * kv_heads * dim * element;
}
