// Products with quantized weights by AVX2. `maddubs` multiplies unsigned weights with signed activations and adds
// pairs into 16 bits, where several such sums fit before they must be widened: eight of 4 bits (15 x 127 x 2 x 8 =
// 30,480), four of 5 bits, two of 6. Weights of 8 bits fit once, with their sign moved to the activations.
//
// Few tokens: weights are read once, and memory is the limit. Many: a strip of a panel is taken apart into bytes and
// meets all tokens in tiles, so that taking apart costs nothing.
#include "../layouts.h"
#include "blocks.h"

#ifdef MARTLET_FORM_COMPILES

// One copy of the loops for each layout, so that its parts are constants.
#define VARIANT(name, ...)                                                                                       \
  TARGET static void name(const uint8_t *panels, size_t rows, const martlet_activations *x, const float *bias,   \
                          float *y, size_t y_stride) {                                                           \
    multiply((martlet_layout){MARTLET_LAYOUT_BLOCKS, __VA_ARGS__}, panels, rows, x, bias, y, y_stride);          \
  }
VARIANT(multiply_4, 4, 32, 0)
VARIANT(multiply_4_minima, 4, 32, 1)
VARIANT(multiply_5, 5, 32, 0)
VARIANT(multiply_5_minima, 5, 32, 1)
VARIANT(multiply_6, 6, 16, 0)
VARIANT(multiply_8, 8, 32, 0)

TARGET void FORM(matmul_blocks)(martlet_layout layout, const void *panels, size_t rows, const martlet_activations *x,
                                const float *bias, float *y, size_t y_stride) {
  switch (layout.bits) {
    case 4: (layout.has_minima ? multiply_4_minima : multiply_4)(panels, rows, x, bias, y, y_stride); break;
    case 5: (layout.has_minima ? multiply_5_minima : multiply_5)(panels, rows, x, bias, y, y_stride); break;
    case 6: multiply_6(panels, rows, x, bias, y, y_stride); break;
    default: multiply_8(panels, rows, x, bias, y, y_stride); break;
  }
}

#endif
