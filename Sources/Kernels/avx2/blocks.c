// Products with quantized weights by AVX2. `maddubs` multiplies unsigned weights with signed activations and adds
// pairs into 16 bits, where several such sums fit before they must be widened: eight of 4 bits (15 x 127 x 2 x 8 =
// 30,480), four of 5 bits, two of 6. Weights of 8 bits fit once, with their sign moved to the activations;
// many tokens meet them as 16-bit pairs instead.
//
// Few tokens: weights are read once, and memory is the limit. Many: a strip of a panel is taken apart once and meets
// all tokens in tiles.
#include "../layouts.h"
#include "tiles.h"

#ifdef MARTLET_FORM_COMPILES

INLINE void multiply_quantized(martlet_layout layout, const uint8_t *panels, size_t rows,
                               const martlet_activations *x, const float *bias, float *y, size_t y_stride) {
  bool is_narrow = x->columns / layout.group <= MOST_SUMS;
  switch (is_narrow ? x->tokens : 0) {
    case 1: multiply_all_few(layout, panels, rows, x, 1, bias, y, y_stride); break;
    case 2: multiply_all_few(layout, panels, rows, x, 2, bias, y, y_stride); break;
    case 3: multiply_all_few(layout, panels, rows, x, 3, bias, y, y_stride); break;
    case 4: multiply_all_few(layout, panels, rows, x, 4, bias, y, y_stride); break;
    default: multiply_many(layout, panels, rows, x, bias, y, y_stride); break;
  }
}

INLINE void multiply(martlet_layout layout, const uint8_t *panels, size_t rows, const martlet_activations *x,
                     const float *bias, float *y, size_t y_stride) {
  if (x->quantized)
    multiply_quantized(layout, panels, rows, x, bias, y, y_stride);
  else
    multiply_exactly(layout, panels, rows, x, bias, y, y_stride);
}

// One copy of the loops for each layout, so that its parts are constants.
#define VARIANT(name, ...)                                                                                       \
  TARGET static void name(const uint8_t *panels, size_t rows, const martlet_activations *x, const float *bias,   \
                          float *y, size_t y_stride) {                                                           \
    multiply((martlet_layout){MARTLET_LAYOUT_BLOCKS, __VA_ARGS__}, panels, rows, x, bias, y, y_stride);          \
  }
VARIANT(multiply_4, 4, 32, 0)
VARIANT(multiply_4_minima, 4, 32, 1)
VARIANT(multiply_4_groups, 4, 16, 1)
VARIANT(multiply_5, 5, 32, 0)
VARIANT(multiply_5_minima, 5, 32, 1)
VARIANT(multiply_6, 6, 16, 0)
VARIANT(multiply_8, 8, 32, 0)

TARGET void FORM(matmul_blocks)(martlet_layout layout, const void *panels, size_t rows, const martlet_activations *x,
                                const float *bias, float *y, size_t y_stride) {
  switch (layout.bits) {
    case 4:
      (layout.group == 16 ? multiply_4_groups : layout.has_minima ? multiply_4_minima : multiply_4)(
          panels, rows, x, bias, y, y_stride);
      break;
    case 5: (layout.has_minima ? multiply_5_minima : multiply_5)(panels, rows, x, bias, y, y_stride); break;
    case 6: multiply_6(panels, rows, x, bias, y, y_stride); break;
    default: multiply_8(panels, rows, x, bias, y, y_stride); break;
  }
}

#endif
