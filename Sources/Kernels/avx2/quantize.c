// Activations in 8 bits, as portable/quantize.c does it, eight at a time.
#include "form.h"

#ifdef MARTLET_FORM_COMPILES

INLINE float through_half(float value) { return _cvtsh_ss(_cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT)); }

INLINE __m256 absolute(__m256 values) {
  return _mm256_and_ps(values, _mm256_castsi256_ps(_mm256_set1_epi32(0x7fffffff)));
}

INLINE float largest_of(__m256 values) {
  __m128 quarter = _mm_max_ps(_mm256_castps256_ps128(values), _mm256_extractf128_ps(values, 1));
  quarter = _mm_max_ps(quarter, _mm_movehl_ps(quarter, quarter));
  quarter = _mm_max_ss(quarter, _mm_shuffle_ps(quarter, quarter, 1));
  return _mm_cvtss_f32(quarter);
}

// 32 values, rounded: in order, although packing works within halves of a vector.
INLINE __m256i round_block(const float *values, __m256 inverse) {
  __m256i words[4];
  for (int i = 0; i < 4; i++)
    words[i] = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(values + 8 * i), inverse));
  __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(words[0], words[1]), _mm256_packs_epi32(words[2], words[3]));
  return _mm256_permutevar8x32_epi32(bytes, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
}


// Each half's sum, in its first 32 bits.
INLINE __m256i sum_halves(__m256i bytes) {
  // Pairs, then fours; each half of the vector is then summed across.
  __m256i fours = _mm256_madd_epi16(_mm256_maddubs_epi16(_mm256_set1_epi8(1), bytes), _mm256_set1_epi16(1));
  fours = _mm256_add_epi32(fours, _mm256_shuffle_epi32(fours, 0x4e));
  return _mm256_add_epi32(fours, _mm256_shuffle_epi32(fours, 0xb1));
}

TARGET void FORM(quantize_blocks)(const float *values, size_t columns, int8_t *quantized, float *scales,
                                  int16_t *sums, float *totals) {
  for (size_t c = 0; c < columns; c += 32) {
    __m256 most = absolute(_mm256_loadu_ps(values + c));
    for (size_t i = 8; i < 32; i += 8) most = _mm256_max_ps(most, absolute(_mm256_loadu_ps(values + c + i)));
    float largest = largest_of(most);
    __m256i bytes = round_block(values + c, _mm256_set1_ps(largest > 0 ? 127 / largest : 0));
    _mm256_storeu_si256((__m256i *)(void *)(quantized + c), bytes);
    float scale = largest / 127;
    scales[c / 32] = through_half(scale);
    __m256i fours = sum_halves(bytes);
    sums[c / 16] = (int16_t)_mm_cvtsi128_si32(_mm256_castsi256_si128(fours));
    sums[c / 16 + 1] = (int16_t)_mm_cvtsi128_si32(_mm256_extracti128_si256(fours, 1));
    totals[c / 32] = through_half(scale * (float)(sums[c / 16] + sums[c / 16 + 1]));
  }
}

TARGET void FORM(quantize_row)(const float *values, size_t columns, int8_t *quantized, float *scales, int16_t *sums) {
  enum { GROUP = MARTLET_ROW_GROUP_COLUMNS };
  size_t whole = columns / GROUP * GROUP;
  for (size_t c = 0; c < whole; c += GROUP) {
    __m256 most = absolute(_mm256_loadu_ps(values + c));
    for (size_t i = 8; i < GROUP; i += 8) most = _mm256_max_ps(most, absolute(_mm256_loadu_ps(values + c + i)));
    float largest = largest_of(most);
    __m256 inverse = _mm256_set1_ps(largest > 0 ? 64 / largest : 0);
    __m256i first = round_block(values + c, inverse), second = round_block(values + c + 32, inverse);
    _mm256_storeu_si256((__m256i *)(void *)(quantized + c), first);
    _mm256_storeu_si256((__m256i *)(void *)(quantized + c + 32), second);
    scales[c / GROUP] = largest / 64;
    __m256i halves = _mm256_add_epi32(sum_halves(first), sum_halves(second));
    sums[c / GROUP] = (int16_t)(_mm_cvtsi128_si32(_mm256_castsi256_si128(halves)) +
                                _mm_cvtsi128_si32(_mm256_extracti128_si256(halves, 1)));
  }
  if (whole < columns)
    martlet_portable_quantize_row(values + whole, columns - whole, quantized + whole, scales + whole / GROUP,
                                  sums + whole / GROUP);
}

#endif
