// Rounding rows of float32 to the formats of files. It is done once for a model, so one portable form is enough, and
// every processor writes the same bytes: products and sums stay apart (FP_CONTRACT), as in ggml's reference
// (ggml-org/ggml, src/ggml-quants.c, the quantize_row_*_ref functions).
#include "include/Kernels.h"
#include "scalar.h"

#include <math.h>

#pragma STDC FP_CONTRACT OFF

enum { BLOCK = 32, SUPER = 256 };

// The nearest whole number, halves to even, of |x| < 2^22.
static inline int nearest(float x) {
  return (int)(martlet_bits(x + 0x1.8p23f) & 0x7fffff) - 0x400000;
}
static inline int clamp(int x, int least, int most) { return x < least ? least : x > most ? most : x; }
static inline void put_half(uint8_t *to, uint16_t value) { memcpy(to, &value, 2); }

// Writes `value` as a half; says whether it fits.
static bool put_scale(uint8_t *to, float value) {
  uint16_t half = martlet_to_half(value);
  put_half(to, half);
  return (half & 0x7c00) != 0x7c00;
}

// MARK: Blocks of 32

// One over a scale; zero where that could overflow, and the scale as a half is zero anyway.
static inline float inverse_of(float scale) { return fabsf(scale) > 0x1p-120f ? 1 / scale : 0; }

// The value of the largest magnitude, the first of several.
static float extreme(const float *x, int n) {
  float most = 0, value = 0;
  for (int i = 0; i < n; i++) {
    if (fabsf(x[i]) > most) {
      most = fabsf(x[i]);
      value = x[i];
    }
  }
  return value;
}

// Puts 32 whole numbers of 4 bits into 16 bytes, and their fifth bits, if `fifth`, before them.
static void put_nibbles(const uint8_t *q, uint8_t *out, bool fifth) {
  if (fifth) {
    uint32_t bits = 0;
    for (int i = 0; i < BLOCK; i++) bits |= (uint32_t)(q[i] >> 4) << i;
    memcpy(out, &bits, 4);
    out += 4;
  }
  for (int i = 0; i < 16; i++) out[i] = (uint8_t)((q[i] & 15) | (q[i + 16] & 15) << 4);
}

// Q4_0, Q5_0: the extreme value becomes the lowest of the 2^bits numbers.
static bool encode_symmetric(const float *x, int bits, uint8_t *out) {
  int half = 1 << (bits - 1);
  float scale = extreme(x, BLOCK) / (float)-half, inverse = inverse_of(scale);
  uint8_t q[BLOCK];
  // The sum is at least 0.5 - 1e-5, so that cutting its fraction off rounds it.
  for (int i = 0; i < BLOCK; i++) q[i] = (uint8_t)clamp((int)(x[i] * inverse + ((float)half + 0.5f)), 0, 2 * half - 1);
  put_nibbles(q, out + 2, bits == 5);
  return put_scale(out, scale);
}

// Q4_1, Q5_1: the least value becomes 0, the largest the largest number.
static bool encode_with_minimum(const float *x, int bits, uint8_t *out) {
  float least = x[0], most = x[0];
  for (int i = 1; i < BLOCK; i++) {
    if (x[i] < least) least = x[i];
    if (x[i] > most) most = x[i];
  }
  int top = (1 << bits) - 1;
  float scale = (most - least) / (float)top, inverse = inverse_of(scale);
  uint8_t q[BLOCK];
  for (int i = 0; i < BLOCK; i++) q[i] = (uint8_t)clamp((int)((x[i] - least) * inverse + 0.5f), 0, top);
  put_nibbles(q, out + 4, bits == 5);
  return put_scale(out, scale) & put_scale(out + 2, least);
}

static bool encode_q8_0(const float *x, uint8_t *out) {
  float scale = fabsf(extreme(x, BLOCK)) / 127, inverse = inverse_of(scale);
  for (int i = 0; i < BLOCK; i++) out[2 + i] = (uint8_t)(int8_t)clamp((int)roundf(x[i] * inverse), -127, 127);
  return put_scale(out, scale);
}

// MARK: Super-blocks of 256

// A scale and a minimum, at most 0, that fit 32 values best in 0...top: from several first guesses, the least squares
// solution for the numbers that a guess rounds to. Values count by `weights`.
typedef struct {
  float scale, minimum;  // the value of q is scale * q - minimum
} fit;

// `best_q` gets the numbers of the best fit.
static fit fit_with_minimum(const float *x, const float *weights, int top, float first, int steps, uint8_t *best_q) {
  float least = x[0], most = x[0], sum_w = weights[0], sum_x = weights[0] * x[0];
  for (int i = 1; i < BLOCK; i++) {
    if (x[i] < least) least = x[i];
    if (x[i] > most) most = x[i];
    sum_w += weights[i];
    sum_x += weights[i] * x[i];
  }
  if (least > 0) least = 0;
  memset(best_q, 0, BLOCK);
  if (most == least) return (fit){0, -least};
  float inverse = (float)top / (most - least), origin = least;
  fit best = {1 / inverse, -least};
  float least_error = 0;
  for (int i = 0; i < BLOCK; i++) {
    int q = clamp(nearest(inverse * (x[i] - origin)), 0, top);
    best_q[i] = (uint8_t)q;
    float error = best.scale * (float)q + origin - x[i];
    least_error += weights[i] * (error * error);
  }
  for (int step = 0; step <= steps; step++) {
    // The guesses begin at the best minimum so far.
    inverse = (first + 0.1f * (float)step + (float)top) / (most - origin);
    uint8_t q[BLOCK];
    float sum_q = 0, sum_qq = 0, sum_qx = 0;
    for (int i = 0; i < BLOCK; i++) {
      int rounded = clamp(nearest(inverse * (x[i] - origin)), 0, top);
      q[i] = (uint8_t)rounded;
      float weighted = weights[i] * (float)rounded;
      sum_q += weighted;
      sum_qq += weighted * (float)rounded;
      sum_qx += weighted * x[i];
    }
    float determinant = sum_w * sum_qq - sum_q * sum_q;
    if (!(determinant > 0)) continue;
    float scale = (sum_w * sum_qx - sum_x * sum_q) / determinant;
    float minimum = (sum_qq * sum_x - sum_q * sum_qx) / determinant;
    if (minimum > 0) {
      minimum = 0;
      scale = sum_qx / sum_qq;
    }
    float error = 0;
    for (int i = 0; i < BLOCK; i++) {
      float difference = scale * (float)q[i] + minimum - x[i];
      error += weights[i] * (difference * difference);
    }
    if (error < least_error) {
      memcpy(best_q, q, BLOCK);
      least_error = error;
      origin = minimum;
      best = (fit){scale, -minimum};
    }
  }
  return best;
}

// Q4_K, Q5_K: eight groups of 32, whose scales and minima take six bits each.
static bool encode_k(const float *x, int bits, uint8_t *out) {
  int top = (1 << bits) - 1;
  fit fits[8];
  uint8_t fitted[SUPER];
  float most_scale = 0, most_minimum = 0;
  for (int g = 0; g < 8; g++) {
    const float *values = x + BLOCK * g;
    float squares = 0, weights[BLOCK];
    for (int i = 0; i < BLOCK; i++) squares += values[i] * values[i];
    float average = sqrtf(squares / BLOCK);
    for (int i = 0; i < BLOCK; i++) weights[i] = average + fabsf(values[i]);
    fits[g] = bits == 4 ? fit_with_minimum(values, weights, top, -1, 20, fitted + BLOCK * g)
                        : fit_with_minimum(values, weights, top, -0.5f, 15, fitted + BLOCK * g);
    if (fits[g].scale > most_scale) most_scale = fits[g].scale;
    if (fits[g].minimum > most_minimum) most_minimum = fits[g].minimum;
  }
  bool fits_half = put_scale(out, most_scale / 63) & put_scale(out + 2, most_minimum / 63);
  if (!fits_half) return false;
  float scale = martlet_through_half(most_scale / 63), minimum = martlet_through_half(most_minimum / 63);
  float inverse_scale = most_scale > 0 ? 63 / most_scale : 0, inverse_minimum = most_minimum > 0 ? 63 / most_minimum : 0;
  uint8_t *packed = out + 4, *fifth = out + 16, *nibbles = bits == 5 ? out + 48 : out + 16;
  memset(packed, 0, 12);
  if (bits == 5) memset(fifth, 0, BLOCK);
  for (int g = 0; g < 8; g++) {
    int s = clamp(nearest(inverse_scale * fits[g].scale), 0, 63);
    int m = clamp(nearest(inverse_minimum * fits[g].minimum), 0, 63);
    if (g < 4) {
      packed[g] |= (uint8_t)s;
      packed[g + 4] |= (uint8_t)m;
    } else {
      packed[g + 4] = (uint8_t)((s & 15) | (m & 15) << 4);
      packed[g - 4] |= (uint8_t)(s >> 4 << 6);
      packed[g] |= (uint8_t)(m >> 4 << 6);
    }
    float step = scale * (float)s, lift = minimum * (float)m;
    for (int i = 0; i < BLOCK; i++) {
      // A group without a step is its minimum, whatever its numbers; the reference keeps those of the fit.
      int q = step != 0 ? clamp(nearest(fminf(fmaxf((x[BLOCK * g + i] + lift) / step, -1), 64)), 0, top)
                        : fitted[BLOCK * g + i];
      uint8_t *byte = nibbles + BLOCK * (g / 2) + i;
      *byte = (uint8_t)(g % 2 ? *byte | (q & 15) << 4 : q & 15);
      if (bits == 5) fifth[i] |= (uint8_t)(q >> 4 << g);
    }
  }
  return true;
}

// A scale that fits 16 values best in -32...31, larger values counting more: the least squares solution for the best of
// several first guesses. `best_q` gets its numbers, 32 larger.
static float fit_symmetric(const float *x, uint8_t *best_q) {
  enum { GROUP = 16, HALF = 32 };
  float most = extreme(x, GROUP);
  memset(best_q, 0, GROUP);
  if (fabsf(most) < 1e-15f) return 0;
  float scale = 0, best = 0;
  for (int guess = 0; guess < 19; guess++) {
    // The plain guess comes first.
    int step = guess == 0 ? 0 : guess <= 9 ? guess - 10 : guess - 9;
    float inverse = step == 0 ? -(float)HALF / most : -((float)HALF + 0.1f * (float)step) / most;
    float sum_qx = 0, sum_qq = 0;
    uint8_t numbers[GROUP];
    for (int i = 0; i < GROUP; i++) {
      int q = clamp(nearest(inverse * x[i]), -HALF, HALF - 1);
      numbers[i] = (uint8_t)(q + HALF);
      float weight = x[i] * x[i];
      sum_qx += weight * x[i] * (float)q;
      sum_qq += weight * (float)q * (float)q;
    }
    if (guess == 0) {
      scale = sum_qq != 0 ? sum_qx / sum_qq : 0;
    } else if (sum_qq > 0 && sum_qx * sum_qx > best * sum_qq) {
      scale = sum_qx / sum_qq;
    } else {
      continue;
    }
    best = scale * sum_qx;
    memcpy(best_q, numbers, GROUP);
  }
  return scale;
}

// Q6_K: sixteen groups of 16, whose scales take a signed byte each.
static bool encode_q6k(const float *x, uint8_t *out) {
  memset(out, 0, 210);
  float scales[16], most = 0;
  uint8_t fitted[SUPER];
  for (int g = 0; g < 16; g++) {
    scales[g] = fit_symmetric(x + 16 * g, fitted + 16 * g);
    // The squares of values beyond 1e19 are infinite.
    if (!isfinite(scales[g])) return false;
    if (fabsf(scales[g]) > fabsf(most)) most = scales[g];
  }
  if (fabsf(most) < 1e-15f) return true;
  float inverse = -128.f / most;
  if (!put_scale(out + 208, 1 / inverse)) return false;
  float scale = martlet_through_half(1 / inverse);
  for (int g = 0; g < 16; g++) {
    int s = clamp(nearest(inverse * scales[g]), -128, 127);
    out[192 + g] = (uint8_t)(int8_t)s;
    float step = scale * (float)s;
    // Two parts of 128 columns, each with four quarters of 32.
    int part = g / 8, quarter = g % 8 / 2;
    for (int i = 0; i < 16; i++) {
      int q = step != 0 ? clamp(nearest(fminf(fmaxf(x[16 * g + i] / step, -64), 64)), -32, 31) + 32
                        : fitted[16 * g + i];
      int column = 16 * (g % 2) + i;
      out[64 * part + 32 * (quarter & 1) + column] |= (uint8_t)((q & 15) << (quarter >= 2 ? 4 : 0));
      out[128 + 32 * part + column] |= (uint8_t)(q >> 4 << (2 * quarter));
    }
  }
  return true;
}

// MARK: Rows

static bool encode_block(martlet_file_format format, const float *x, uint8_t *out) {
  switch (format) {
    case MARTLET_FILE_Q4_0: return encode_symmetric(x, 4, out);
    case MARTLET_FILE_Q5_0: return encode_symmetric(x, 5, out);
    case MARTLET_FILE_Q4_1: return encode_with_minimum(x, 4, out);
    case MARTLET_FILE_Q5_1: return encode_with_minimum(x, 5, out);
    case MARTLET_FILE_Q8_0: return encode_q8_0(x, out);
    case MARTLET_FILE_Q4_K: return encode_k(x, 4, out);
    case MARTLET_FILE_Q5_K: return encode_k(x, 5, out);
    case MARTLET_FILE_Q6_K: return encode_q6k(x, out);
    default: return false;
  }
}

size_t martlet_encoded_block(martlet_file_format format, size_t *columns) {
  bool is_super = format == MARTLET_FILE_Q4_K || format == MARTLET_FILE_Q5_K || format == MARTLET_FILE_Q6_K;
  *columns = is_super ? SUPER : BLOCK;
  switch (format) {
    case MARTLET_FILE_F32: *columns = 1; return 4;
    case MARTLET_FILE_F16: *columns = 1; return 2;
    case MARTLET_FILE_BF16: *columns = 1; return 2;
    case MARTLET_FILE_Q4_0: return 18;
    case MARTLET_FILE_Q4_1: return 20;
    case MARTLET_FILE_Q5_0: return 22;
    case MARTLET_FILE_Q5_1: return 24;
    case MARTLET_FILE_Q8_0: return 34;
    case MARTLET_FILE_Q4_K: return 144;
    case MARTLET_FILE_Q5_K: return 176;
    case MARTLET_FILE_Q6_K: return 210;
    default: return 0;
  }
}

bool martlet_encode_row(martlet_file_format format, const float *values, size_t columns, void *out) {
  size_t width, bytes = martlet_encoded_block(format, &width);
  if (bytes == 0 || columns % width) return false;
  uint8_t *to = out;
  switch (format) {
    case MARTLET_FILE_F32: memcpy(to, values, 4 * columns); return true;
    case MARTLET_FILE_BF16:
      for (size_t c = 0; c < columns; c++) put_half(to + 2 * c, martlet_to_bfloat16(values[c]));
      return true;
    case MARTLET_FILE_F16:
      for (size_t c = 0; c < columns; c++) put_half(to + 2 * c, martlet_to_half(values[c]));
      return true;
    default: break;
  }
  for (size_t c = 0; c < columns; c++)
    if (!isfinite(values[c])) return false;
  for (size_t c = 0; c < columns; c += width, to += bytes)
    if (!encode_block(format, values + c, to)) return false;
  return true;
}
