// Activations in 8 bits, as portable/quantize.c does it, eight at a time.
#include "../quantize.h"
#include "form.h"

#ifdef MARTLET_FORM_COMPILES

INLINE float through_half(float value) { return _cvtsh_ss(_cvtss_sh(value, _MM_FROUND_TO_NEAREST_INT)); }

// The largest |x| of n values, a multiple of eight. As whole numbers, the bits of |x| are in the floats' order, and a
// NaN is above all.
INLINE float largest_of(const float *values, size_t n) {
  const __m256i magnitude = _mm256_set1_epi32(0x7fffffff);
  __m256i most = _mm256_setzero_si256();
  for (size_t i = 0; i < n; i += 8) {
    __m256i bits = _mm256_loadu_si256((const __m256i *)(const void *)(values + i));
    most = _mm256_max_epi32(most, _mm256_and_si256(bits, magnitude));
  }
  __m128i quarter = _mm_max_epi32(_mm256_castsi256_si128(most), _mm256_extracti128_si256(most, 1));
  quarter = _mm_max_epi32(quarter, _mm_shuffle_epi32(quarter, 0x4e));
  quarter = _mm_max_epi32(quarter, _mm_shuffle_epi32(quarter, 0xb1));
  return martlet_float((uint32_t)_mm_cvtsi128_si32(quarter));
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
    float largest = largest_of(values + c, 32);
    __m256i bytes = round_block(values + c, _mm256_set1_ps(martlet_inverse(largest, 127)));
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
    float largest = largest_of(values + c, GROUP);
    __m256 inverse = _mm256_set1_ps(martlet_inverse(largest, 64));
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
