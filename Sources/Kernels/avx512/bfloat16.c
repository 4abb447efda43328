// Products of bfloat16 weights, and of float operands that may be rounded, by the processor's own dot products of bfloat16 pairs, two columns a step. The
// activations are rounded to bfloat16, too.
#include "form.h"
#ifdef MARTLET_FORM_COMPILES
#undef TARGET
#define TARGET TARGET_BF16
#include "vector.h"

#define VF_HAS_PAIRS 1
INLINE vf vf_add_pairs(vf w, vf value, vf sum) {
  __m512bh weights, values;
  memcpy(&weights, &w, sizeof weights);
  memcpy(&values, &value, sizeof values);
  return _mm512_dpbf16_ps(sum, weights, values);
}

#define TILE_TOKENS 12
#define TILE_VECTORS 2
#define FEW_TOKENS 4
#include "../bodies/floats.h"
#include "../bodies/gemm.h"

enum { PAIR_BLOCK = 256, PAIR_TOKENS = 48 };

// Rounds to nearest even; a NaN stays one.
INLINE __m512i rounded_bits(vf x) {
  __m512i bits = _mm512_castps_si512(x);
  __m512i odd = _mm512_and_si512(_mm512_srli_epi32(bits, 16), _mm512_set1_epi32(1));
  __m512i rounded = _mm512_add_epi32(_mm512_add_epi32(bits, _mm512_set1_epi32(0x7fff)), odd);
  __mmask16 number = _mm512_cmp_ps_mask(x, x, _CMP_ORD_Q);
  return _mm512_mask_blend_epi32(number, _mm512_set1_epi32(0x7fc00000), rounded);
}

// `columns` values as ceil(columns / 2) pairs, each in one float's place; an odd last column's partner is zero.
INLINE void round_to_pairs(const float *x, size_t columns, float *pairs) {
  uint16_t *out = (uint16_t *)pairs;
  for (size_t c = 0; c < columns; c += VF_WIDTH) {
    size_t left = columns - c;
    vf values = left >= VF_WIDTH ? vf_load(x + c) : vf_load_part(x + c, left);
    __m256i words = _mm512_cvtepi32_epi16(_mm512_srli_epi32(rounded_bits(values), 16));
    if (left >= VF_WIDTH)
      _mm256_storeu_si256((__m256i *)(out + c), words);
    else
      memcpy(out + c, &words, (left + 1) / 2 * 4);
  }
}

martlet_matmul FORM(matmul_bf16_pairs);

TARGET void FORM(matmul_bf16_pairs)(martlet_layout layout, const void *panels, size_t rows,
                                    const martlet_activations *x, const float *bias, float *y, size_t y_stride) {
  (void)layout;
  _Alignas(64) float pairs[PAIR_TOKENS * PAIR_BLOCK];
  size_t panel_stride = (x->columns + 1) / 2 * MARTLET_PANEL_ROWS;
  for (size_t c = 0; c < x->columns; c += 2 * PAIR_BLOCK) {
    size_t columns = x->columns - c < 2 * PAIR_BLOCK ? x->columns - c : 2 * PAIR_BLOCK;
    weight_panels weights = {(const char *)panels + c / 2 * MARTLET_PANEL_ROWS * 4, MARTLET_PANEL_ROWS, panel_stride};
    for (size_t t = 0; t < x->tokens; t += PAIR_TOKENS) {
      size_t tokens = x->tokens - t < PAIR_TOKENS ? x->tokens - t : PAIR_TOKENS;
      for (size_t i = 0; i < tokens; i++)
        round_to_pairs(x->values + (t + i) * x->columns + c, columns, pairs + i * PAIR_BLOCK);
      tile_values values = {pairs, PAIR_BLOCK, (columns + 1) / 2};
      tile_results results = {y + t * y_stride, y_stride, rows, c == 0 ? bias : NULL, c != 0};
      if (tokens <= FEW_TOKENS)
        product_block(BFLOAT16_PAIRS, true, 4, tokens, weights, values, results);
      else
        product_block(BFLOAT16_PAIRS, false, TILE_VECTORS, tokens, weights, values, results);
    }
  }
}

// Two vectors as one of pairs.
INLINE vf pairs_of(vf first, vf second) {
  __m512i low = _mm512_srli_epi32(rounded_bits(first), 16);
  return _mm512_castsi512_ps(_mm512_mask_blend_epi16(0xaaaaaaaa, low, rounded_bits(second)));
}

// Rows of `depth` floats, `width` apart, become half as many of pairs in their place; an odd last row's partner is zero.
INLINE void pair_rows(float *x, size_t depth, size_t width) {
  for (size_t k = 0; k < depth; k += 2)
    for (size_t v = 0; v < width; v += VF_WIDTH) {
      vf second = k + 1 < depth ? vf_load(x + (k + 1) * width + v) : vf_zero();
      vf_store(x + k / 2 * width + v, pairs_of(vf_load(x + k * width + v), second));
    }
}

enum { GEMM_PAIR_ROWS = 96 };

// A block of a in pairs along the depth: [rows][GEMM_DEPTH / 2], or [depth / 2][GEMM_PAIR_ROWS] where it lies that way.
INLINE void pair_block(const martlet_gemm *g, const float *a, size_t rows, size_t depth, float *pairs) {
  if (g->a_column == 1) {
    for (size_t i = 0; i < rows; i++) round_to_pairs(a + i * g->a_row, depth, pairs + i * (GEMM_DEPTH / 2));
    return;
  }
  for (size_t k = 0; k < depth; k += 2) {
    for (size_t i = 0; i < rows; i += VF_WIDTH) {
      const float *from = a + k * g->a_column + i;
      vf first = load_rows(from, 0, rows - i);
      vf second = k + 1 < depth ? load_rows(from + g->a_column, 0, rows - i) : vf_zero();
      vf_store(pairs + k / 2 * GEMM_PAIR_ROWS + i, pairs_of(first, second));
    }
  }
}

INLINE void pair_group(const martlet_gemm *g, size_t vectors, size_t rows, size_t depth, const float *b,
                       const float *pairs, gemm_results c) {
  _Alignas(64) float together[TILE_VECTORS * VF_WIDTH * GEMM_DEPTH];
  bool is_turned = g->a_column != 1;
  copy_block(g, depth, c.columns, vectors, b, together);
  pair_rows(together, depth, vectors * VF_WIDTH);
  gemm_block block = {pairs, together, is_turned ? 1 : GEMM_DEPTH / 2, is_turned ? GEMM_PAIR_ROWS : 1,
                      vectors * VF_WIDTH, (depth + 1) / 2};
  gemm_strip(BFLOAT16_PAIRS, vectors, rows, block, c);
}

void FORM(gemm_pairs)(const martlet_gemm *product);

TARGET void FORM(gemm_pairs)(const martlet_gemm *g) {
  _Alignas(64) float pairs[GEMM_PAIR_ROWS * GEMM_DEPTH / 2];
  for (size_t k = 0; k < g->depth || k == 0; k += GEMM_DEPTH) {
    size_t depth = g->depth - k < GEMM_DEPTH ? g->depth - k : GEMM_DEPTH;
    for (size_t i = 0; i < g->rows; i += GEMM_PAIR_ROWS) {
      size_t rows = g->rows - i < GEMM_PAIR_ROWS ? g->rows - i : GEMM_PAIR_ROWS;
      pair_block(g, g->a + i * g->a_row + k * g->a_column, rows, depth, pairs);
      for (size_t j = 0; j < g->columns; j += TILE_VECTORS * VF_WIDTH) {
        gemm_results c = {g->c + i * g->c_row + j, g->c_row, g->columns - j, g->adds || k != 0};
        const float *b = g->b + k * g->b_row + j * g->b_column;
        if (c.columns > VF_WIDTH)
          pair_group(g, TILE_VECTORS, rows, depth, b, pairs, c);
        else
          pair_group(g, 1, rows, depth, b, pairs, c);
      }
    }
  }
}
#endif
