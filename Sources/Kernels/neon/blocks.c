// Products with quantized weights by dot products of bytes: a vector holds four columns of four rows, and meets a
// broadcast of four activations. Weights without minima are centred on zero first, so that no sums are wanted.
#include "../layouts.h"
#include "form.h"

#ifdef MARTLET_FORM_COMPILES
#include "vector.h"

#ifndef UNROLL
#define UNROLL _Pragma("GCC unroll 32")
#endif

enum { QUADS = 8, VECTORS = MARTLET_PANEL_ROWS / VF_WIDTH, TILE_TOKENS = 4 };

INLINE vf halves(const uint8_t *at) {
  uint16_t bits[VF_WIDTH];
  memcpy(bits, at, sizeof bits);
  return vf_load_half(bits);
}

INLINE int8x16_t broadcast_quad(const int8_t *at) {
  int32_t quad;
  memcpy(&quad, at, 4);
  return vreinterpretq_s8_s32(vdupq_n_s32(quad));
}

// Quad `c` of four rows: byte 4r + j is column 4c + j of row r. `at` is the block plus 16 bytes for each vector of
// rows before.
INLINE int8x16_t take_apart(martlet_layout layout, martlet_block parts, const uint8_t *at, int c) {
  if (layout.bits == 8)
    return vreinterpretq_s8_u8(veorq_u8(vld1q_u8(at + parts.bytes + 64 * c), vdupq_n_u8(128)));
  uint8x16_t pairs = vld1q_u8(at + parts.nibbles + 64 * (c % 4));
  uint8x16_t quad = c < 4 ? vandq_u8(pairs, vdupq_n_u8(15)) : vshrq_n_u8(pairs, 4);
  if (layout.bits == 5) {
    uint8x16_t bits = vshlq_u8(vld1q_u8(at + parts.high), vdupq_n_s8((int8_t)(4 - c)));
    quad = vorrq_u8(quad, vandq_u8(bits, vdupq_n_u8(0x10)));
  }
  if (layout.bits == 6) {
    uint8x16_t bits = vshlq_u8(vld1q_u8(at + parts.high + 64 * (c / 4)), vdupq_n_s8((int8_t)(4 - 2 * (c % 4))));
    quad = vorrq_u8(quad, vandq_u8(bits, vdupq_n_u8(0x30)));
  }
  if (layout.has_minima) return vreinterpretq_s8_u8(quad);
  return vsubq_s8(vreinterpretq_s8_u8(quad), vdupq_n_s8((int8_t)(1 << (layout.bits - 1))));
}

// Adds block `b` of four rows, number `v` of its panel, to each token's total.
INLINE void add_block(martlet_layout layout, martlet_block parts, const uint8_t *block, size_t v,
                      const martlet_activations *x, size_t token, const int tokens, size_t b, vf *totals) {
  const int groups = 32 / layout.group, per_group = QUADS / groups;
  size_t blocks = x->columns / 32;
  int8x16_t quads[QUADS];
  UNROLL for (int c = 0; c < QUADS; c++) quads[c] = take_apart(layout, parts, block + 16 * v, c);
  UNROLL for (int g = 0; g < groups; g++) {
    size_t at = 32 * (size_t)g + 8 * v;
    vf scale = halves(block + at);
    UNROLL for (int t = 0; t < tokens; t++) {
      const int8_t *values = x->quantized + (token + (size_t)t) * x->columns + 32 * b;
      size_t index = (token + (size_t)t) * blocks + b;
      int32x4_t dot = vdupq_n_s32(0);
      UNROLL for (int c = g * per_group; c < (g + 1) * per_group; c++)
        dot = vdotq_s32(dot, quads[c], broadcast_quad(values + 4 * c));
      vf *total = &totals[(size_t)t * VECTORS + v];
      *total = vf_fma(vcvtq_f32_s32(dot), vf_mul(scale, vf_set(x->scales[index])), *total);
      if (!layout.has_minima) continue;
      float sum = groups == 1 ? x->totals[index] : x->scales[index] * (float)x->sums[2 * index + (size_t)g];
      *total = vf_fma(halves(block + parts.minima + at), vf_set(sum), *total);
    }
  }
}

// The 32 columns of a block as floats: [32][16 rows].
INLINE void decode_block(martlet_layout layout, martlet_block parts, const uint8_t *block, float out[32][16]) {
  for (size_t v = 0; v < VECTORS; v++) {
    UNROLL for (int c = 0; c < QUADS; c++) {
      int32x4_t quad = vreinterpretq_s32_s8(take_apart(layout, parts, block + 16 * v, c));
      size_t at = 32 * (size_t)(4 * c / layout.group) + 8 * v;
      vf scale = halves(block + at);
      UNROLL for (int j = 0; j < 4; j++) {
        int32x4_t q = vshlq_s32(vshlq_s32(quad, vdupq_n_s32(24 - 8 * j)), vdupq_n_s32(-24));
        vf value = vf_mul(vcvtq_f32_s32(q), scale);
        if (layout.has_minima) value = vf_add(value, halves(block + parts.minima + at));
        vf_store(out[4 * c + j] + VF_WIDTH * v, value);
      }
    }
  }
}

// Adds a block's columns, as floats, times each token's float activations.
INLINE void add_floats(float weights[32][16], const float *values, size_t columns, const int tokens, vf *totals) {
  for (size_t c = 0; c < 32; c++) {
    UNROLL for (int t = 0; t < tokens; t++) {
      vf x = vf_set(values[(size_t)t * columns + c]);
      UNROLL for (size_t v = 0; v < VECTORS; v++) {
        vf *total = &totals[(size_t)t * VECTORS + v];
        *total = vf_fma(vf_load(weights[c] + VF_WIDTH * v), x, *total);
      }
    }
  }
}

// One panel against a few tokens; `y` is the first token's first row of the panel.
INLINE void multiply_tile(martlet_layout layout, const uint8_t *panel, size_t rows, const martlet_activations *x,
                          size_t token, const int tokens, const float *bias, float *y, size_t y_stride) {
  const martlet_block parts = martlet_block_of(layout);
  float start[16] = {0}, weights[32][16];
  if (bias) memcpy(start, bias, rows * sizeof(float));
  vf totals[TILE_TOKENS * VECTORS];
  UNROLL for (size_t i = 0; i < (size_t)tokens * VECTORS; i++) totals[i] = vf_load(start + i % VECTORS * VF_WIDTH);
  for (size_t b = 0; b < x->columns / 32; b++, panel += parts.size) {
    if (x->quantized) {
      for (size_t v = 0; v < VECTORS; v++) add_block(layout, parts, panel, v, x, token, tokens, b, totals);
    } else {
      decode_block(layout, parts, panel, weights);
      add_floats(weights, x->values + token * x->columns + 32 * b, x->columns, tokens, totals);
    }
  }
  for (int t = 0; t < tokens; t++) {
    float out[16];
    for (size_t v = 0; v < VECTORS; v++) vf_store(out + VF_WIDTH * v, totals[(size_t)t * VECTORS + v]);
    memcpy(y + (size_t)t * y_stride, out, rows * sizeof(float));
  }
}

INLINE void multiply(martlet_layout layout, const uint8_t *panels, size_t rows, const martlet_activations *x,
                     const float *bias, float *y, size_t y_stride) {
  size_t panel_bytes = martlet_panel_bytes(layout, x->columns);
  for (size_t r = 0; r < rows; r += 16, panels += panel_bytes) {
    size_t count = rows - r < 16 ? rows - r : 16, t = 0;
    const float *start = bias ? bias + r : NULL;
    for (; t + TILE_TOKENS <= x->tokens; t += TILE_TOKENS)
      multiply_tile(layout, panels, count, x, t, TILE_TOKENS, start, y + t * y_stride + r, y_stride);
    for (; t < x->tokens; t++) multiply_tile(layout, panels, count, x, t, 1, start, y + t * y_stride + r, y_stride);
  }
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
