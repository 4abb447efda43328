#include "form.h"
#ifdef MARTLET_FORM_COMPILES
#include "vector.h"

#define TILE_TOKENS 12
#define TILE_VECTORS 2
#define FEW_TOKENS 4
#include "../bodies/floats.h"
#include "../bodies/gemm.h"

// The form's two ways with bfloat16: by floats here, by the processor's own dot products in bfloat16.c.
martlet_matmul FORM(matmul_bf16_floats), FORM(matmul_bf16_pairs);

DEFINE_MATMUL(matmul_f32, FLOAT_WEIGHTS)
DEFINE_MATMUL(matmul_f16, HALF_WEIGHTS)
DEFINE_MATMUL(matmul_bf16_floats, BFLOAT16_WEIGHTS)

void FORM(matmul_bf16)(martlet_layout layout, const void *panels, size_t rows, const martlet_activations *x,
                       const float *bias, float *y, size_t y_stride) {
  if (x->rounds_bfloat16 && HAS_BFLOAT16_DOT)
    FORM(matmul_bf16_pairs)(layout, panels, rows, x, bias, y, y_stride);
  else
    FORM(matmul_bf16_floats)(layout, panels, rows, x, bias, y, y_stride);
}

void FORM(gemm_floats)(const martlet_gemm *product), FORM(gemm_pairs)(const martlet_gemm *product);

DEFINE_GEMM(gemm_floats)

void FORM(gemm)(const martlet_gemm *product) {
  if (product->rounds_bfloat16 && HAS_BFLOAT16_DOT)
    FORM(gemm_pairs)(product);
  else
    FORM(gemm_floats)(product);
}
#endif
