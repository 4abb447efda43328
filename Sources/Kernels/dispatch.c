// Which form this processor runs, and the form's table of functions.
#include <stdlib.h>
#include <string.h>

#include "forms.h"

#if defined(__aarch64__) && defined(__linux__)
#include <sys/auxv.h>
#endif

// A product looks at its weights' layout once, here.
#define MATMUL_BY_LAYOUT(form, floats, quantized)                                                                   \
  static void form##_matmul(martlet_layout layout, const void *panels, size_t rows, const martlet_activations *x,   \
                            const float *bias, float *y, size_t y_stride) {                                         \
    switch ((martlet_layout_kind)layout.kind) {                                                                     \
    case MARTLET_LAYOUT_F32:                                                                                        \
      martlet_##floats##_matmul_f32(layout, panels, rows, x, bias, y, y_stride);                                    \
      return;                                                                                                       \
    case MARTLET_LAYOUT_F16:                                                                                        \
      martlet_##floats##_matmul_f16(layout, panels, rows, x, bias, y, y_stride);                                    \
      return;                                                                                                       \
    case MARTLET_LAYOUT_BF16:                                                                                       \
      martlet_##floats##_matmul_bf16(layout, panels, rows, x, bias, y, y_stride);                                   \
      return;                                                                                                       \
    case MARTLET_LAYOUT_BLOCKS:                                                                                     \
      martlet_##quantized##_matmul_blocks(layout, panels, rows, x, bias, y, y_stride);                              \
      return;                                                                                                       \
    case MARTLET_LAYOUT_INT8_ROWS:                                                                                  \
      martlet_##quantized##_matmul_int8_rows(layout, panels, rows, x, bias, y, y_stride);                           \
      return;                                                                                                       \
    }                                                                                                               \
  }

#define QUANTIZED_KERNELS(form)                                                                                     \
  .pack_panel = martlet_portable_pack_panel, .unpack_row = martlet_portable_unpack_row,                             \
  .quantize_blocks = martlet_##form##_quantize_blocks, .quantize_row = martlet_##form##_quantize_row

#define FLOAT_KERNELS(form)                                                                                         \
  .store_position = martlet_##form##_store_position, .attend = martlet_##form##_attend,                             \
  .attend_part = martlet_##form##_attend_part, .attend_join = martlet_##form##_attend_join,                         \
  .rotate_half = martlet_##form##_rotate_half, .add = martlet_##form##_add, .scale = martlet_##form##_scale,        \
  .multiply = martlet_##form##_multiply, .rms_norm = martlet_##form##_rms_norm,                                     \
  .layer_norm = martlet_##form##_layer_norm, .silu_multiply = martlet_##form##_silu_multiply,                       \
  .gelu = martlet_##form##_gelu, .gelu_tanh = martlet_##form##_gelu_tanh, .softmax = martlet_##form##_softmax,      \
  .log_sum_exp = martlet_##form##_log_sum_exp, .argmax = martlet_##form##_argmax, .dot = martlet_##form##_dot,      \
  .dot_many = martlet_##form##_dot_many, .squared_distance_many = martlet_##form##_squared_distance_many

// `floats` and `quantized` are the form, or portable where the form has none of its own yet.
#define FORM_TABLE(FORM, form, floats, quantized)                                                                   \
  MATMUL_BY_LAYOUT(form, floats, quantized)                                                                         \
  static const martlet_kernels form##_kernels = {                                                                   \
      FORM, #form, QUANTIZED_KERNELS(quantized), .matmul = form##_matmul, FLOAT_KERNELS(floats)};

FORM_TABLE(MARTLET_PORTABLE, portable, portable, portable)
#if defined(__x86_64__)
FORM_TABLE(MARTLET_AVX2, avx2, avx2, avx2)
FORM_TABLE(MARTLET_AVX512, avx512, avx512, avx512)
#elif defined(__aarch64__)
FORM_TABLE(MARTLET_NEON, neon, neon, portable)
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
