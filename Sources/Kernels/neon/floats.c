#include "form.h"
#ifdef MARTLET_FORM_COMPILES
#include "vector.h"

#define TILE_TOKENS 6
#define TILE_VECTORS 4
#define FEW_TOKENS 4
#include "../bodies/floats.h"
#include "../bodies/gemm.h"

DEFINE_MATMUL(matmul_f32, FLOAT_WEIGHTS)
DEFINE_MATMUL(matmul_f16, HALF_WEIGHTS)
DEFINE_MATMUL(matmul_bf16, BFLOAT16_WEIGHTS)
DEFINE_GEMM(gemm)
#endif
