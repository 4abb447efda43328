// Products of bfloat16 weights by the processor's own dot products of bfloat16 pairs, two columns a step. The
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
#endif
