// Where the parts of a block lie inside a panel (see martlet_layout in Kernels.h).
#pragma once

#include "Kernels.h"
#include "scalar.h"

// Byte offsets of the parts of one block of 32 columns by 16 rows.
typedef struct martlet_block {
  size_t minima, nibbles, high, bytes, size;
} martlet_block;

static inline martlet_block martlet_block_of(martlet_layout layout) {
  martlet_block block = {0, 0, 0, 0, 0};
  size_t halves = (size_t)(MARTLET_BLOCK_COLUMNS / layout.group) * MARTLET_PANEL_ROWS * sizeof(uint16_t);
  block.minima = halves;
  size_t at = layout.has_minima ? 2 * halves : halves;
  block.nibbles = block.bytes = at;
  if (layout.bits == 8) {
    block.size = at + 32 * MARTLET_PANEL_ROWS;
    return block;
  }
  block.high = at + 16 * MARTLET_PANEL_ROWS;
  block.size = block.high + (size_t)(layout.bits - 4) * 4 * MARTLET_PANEL_ROWS;
  return block;
}

// The stored q of one column (0...31) of one row of a block.
static inline int martlet_stored(martlet_layout layout, martlet_block parts, const uint8_t *block, size_t row,
                                 size_t column) {
  size_t quad = column / 4, lane = row * 4 + column % 4;
  if (layout.bits == 8) return block[parts.bytes + quad * 64 + lane];
  uint8_t pair = block[parts.nibbles + quad % 4 * 64 + lane];
  int q = column < 16 ? pair & 15 : pair >> 4;
  if (layout.bits == 5) q |= (block[parts.high + lane] >> quad & 1) << 4;
  if (layout.bits == 6) q |= (block[parts.high + quad / 4 * 64 + lane] >> (2 * (quad % 4)) & 3) << 4;
  return q;
}

enum { MARTLET_MXFP4_BYTES = 17 };

// How a block of MXFP4 fits 8 bits with a half as the scale: value = 2^exponent * (code << shift). Its codes are at most
// 12, which leaves room for three bits of a scale that is too large for a half.
typedef struct martlet_mxfp4_scaling {
  int exponent, shift;
  bool is_zero;    // no value of the block needs the scale
  bool fits_half;
} martlet_mxfp4_scaling;

static inline martlet_mxfp4_scaling martlet_mxfp4_scale(const uint8_t *block) {
  // Codes are twice the format's values, so that they are whole.
  int exponent = block[0] - 128, shift = exponent > 15 && exponent <= 18 ? exponent - 15 : 0;
  bool is_zero = true;
  for (int i = 1; i < MARTLET_MXFP4_BYTES; i++) is_zero = is_zero && (block[i] & 0x77) == 0;
  return (martlet_mxfp4_scaling){exponent - shift, shift, is_zero, is_zero || (exponent >= -24 && exponent <= 18)};
}

// Scale or minimum number `index` of a block's part.
static inline float martlet_half_at(const uint8_t *halves, size_t index) {
  uint16_t half;
  memcpy(&half, halves + 2 * index, 2);
  return martlet_from_half(half);
}
