// Packing: the blocks of up to 16 rows of a file become one panel. The panel's order was chosen so that the four
// columns that share a 32-bit lane are four neighbours in the file too; packing is then a transposition of words.
#include "../layouts.h"
#include "form.h"

#include <math.h>

static inline uint32_t word(const uint8_t *bytes) {
  uint32_t value;
  memcpy(&value, bytes, 4);
  return value;
}
static inline uint16_t half(const uint8_t *bytes) {
  uint16_t value;
  memcpy(&value, bytes, 2);
  return value;
}
static inline void put_word(uint8_t *to, uint32_t value) { memcpy(to, &value, 4); }
static inline void put_half(uint8_t *halves, size_t index, uint16_t value) { memcpy(halves + 2 * index, &value, 2); }

enum { LANE = 4, PLANE = MARTLET_PANEL_ROWS * LANE };

// Bits 4c + j of the file's 32 become bit c of byte j.
static inline uint32_t transpose_bits(uint32_t bits) {
  uint32_t result = 0;
  for (int j = 0; j < 4; j++) {
    uint32_t x = (bits >> j) & 0x11111111u;
    x = (x | x >> 3) & 0x03030303u;
    x = (x | x >> 6) & 0x000f000fu;
    result |= ((x | x >> 12) & 0xffu) << (8 * j);
  }
  return result;
}

// Q4_0, Q4_1, Q5_0, Q5_1 and Q8_0: one block of the file is one block of the panel.
static void pack_small(martlet_file_format format, const uint8_t *in, martlet_block block, size_t row, uint8_t *out) {
  bool has_minimum = format == MARTLET_FILE_Q4_1 || format == MARTLET_FILE_Q5_1;
  bool has_fifth = format == MARTLET_FILE_Q5_0 || format == MARTLET_FILE_Q5_1;
  put_half(out, row, half(in));
  in += 2;
  if (has_minimum) {
    put_half(out + block.minima, row, half(in));
    in += 2;
  }
  if (format == MARTLET_FILE_Q8_0) {
    for (int c = 0; c < 8; c++) put_word(out + block.bytes + c * PLANE + row * LANE, word(in + 4 * c) ^ 0x80808080u);
    return;
  }
  if (has_fifth) {
    put_word(out + block.high + row * LANE, transpose_bits(word(in)));
    in += 4;
  }
  for (int k = 0; k < 4; k++) put_word(out + block.nibbles + k * PLANE + row * LANE, word(in + 4 * k));
}

// 32 nibbles at `in`, the low ones or the high ones of its bytes, in the panel's order.
static void pack_nibbles(const uint8_t *in, bool high, uint8_t *out) {
  for (int k = 0; k < 4; k++) {
    uint32_t first = word(in + 4 * k), second = word(in + 16 + 4 * k);
    put_word(out + k * PLANE, high ? ((first >> 4) & 0x0f0f0f0fu) | (second & 0xf0f0f0f0u)
                                   : (first & 0x0f0f0f0fu) | ((second & 0x0f0f0f0fu) << 4));
  }
}

// Q4_K and Q5_K: 256 columns with eight scales and eight minima of six bits.
static void pack_k(const uint8_t *in, bool has_fifth, martlet_block block, size_t row, uint8_t *out) {
  float d = martlet_from_half(half(in)), dmin = martlet_from_half(half(in + 2));
  const uint8_t *packed = in + 4, *fifth = in + 16, *nibbles = has_fifth ? in + 48 : in + 16;
  for (int s = 0; s < 8; s++, out += block.size) {
    int scale = s < 4 ? packed[s] & 63 : (packed[s + 4] & 15) | ((packed[s - 4] >> 6) << 4);
    int minimum = s < 4 ? packed[s + 4] & 63 : (packed[s + 4] >> 4) | ((packed[s] >> 6) << 4);
    put_half(out, row, martlet_to_half(d * (float)scale));
    put_half(out + block.minima, row, martlet_to_half(-dmin * (float)minimum));
    pack_nibbles(nibbles + 32 * (s / 2), s % 2, out + block.nibbles + row * LANE);
    if (!has_fifth) continue;
    uint32_t bits = 0;
    for (int c = 0; c < 8; c++) bits |= ((word(fifth + 4 * c) >> s) & 0x01010101u) << c;
    put_word(out + block.high + row * LANE, bits);
  }
}

// Q6_K: 256 columns with sixteen signed scales.
static void pack_q6k(const uint8_t *in, martlet_block block, size_t row, uint8_t *out) {
  float d = martlet_from_half(half(in + 208));
  const int8_t *scales = (const int8_t *)in + 192;
  for (int s = 0; s < 8; s++, out += block.size) {
    int part = s / 4, quarter = s % 4;
    for (int g = 0; g < 2; g++)
      put_half(out, (size_t)g * MARTLET_PANEL_ROWS + row, martlet_to_half(d * scales[8 * part + 2 * quarter + g]));
    pack_nibbles(in + 64 * part + 32 * (quarter & 1), quarter >= 2, out + block.nibbles + row * LANE);
    const uint8_t *high = in + 128 + 32 * part;
    for (int h = 0; h < 2; h++) {
      uint32_t bits = 0;
      for (int f = 0; f < 4; f++) bits |= ((word(high + 16 * h + 4 * f) >> (2 * quarter)) & 0x03030303u) << (2 * f);
      put_word(out + block.high + h * PLANE + row * LANE, bits);
    }
  }
}

// Q2_K: 256 columns with sixteen scales and sixteen minima of four bits.
static void pack_q2k(const uint8_t *in, martlet_block block, size_t row, uint8_t *out) {
  float d = martlet_from_half(half(in + 80)), dmin = martlet_from_half(half(in + 82));
  for (int s = 0; s < 8; s++, out += block.size) {
    const uint8_t *values = in + 16 + 32 * (s / 4);
    int shift = 2 * (s % 4);
    for (int g = 0; g < 2; g++) {
      uint8_t packed = in[2 * s + g];
      size_t index = (size_t)g * MARTLET_PANEL_ROWS + row;
      put_half(out, index, martlet_to_half(d * (float)(packed & 15)));
      put_half(out + block.minima, index, martlet_to_half(-dmin * (float)(packed >> 4)));
    }
    for (int k = 0; k < 4; k++) {
      uint32_t first = word(values + 4 * k) >> shift & 0x03030303u;
      uint32_t second = word(values + 16 + 4 * k) >> shift & 0x03030303u;
      put_word(out + block.nibbles + k * PLANE + row * LANE, first | second << 4);
    }
  }
}

// Q3_K: 256 columns with sixteen scales of six bits, from -32 to 31, and values from -4 to 3. Their products lie from
// -124 to 128, and so with the opposite sign in eight bits, exactly.
static void pack_q3k(const uint8_t *in, martlet_block block, size_t row, uint8_t *out) {
  const uint8_t *fourths = in, *lows = in + 32, *scales = in + 96;
  uint16_t d = half(in + 108) ^ 0x8000;
  for (int s = 0; s < 8; s++, out += block.size) {
    put_half(out, row, d);
    for (int c = 0; c < 32; c++) {
      int g = 2 * s + c / 16;
      int scale = ((g < 8 ? scales[g] : scales[g - 8] >> 4) & 15) | (scales[8 + g % 4] >> (2 * (g / 4)) & 3) << 4;
      int q = (lows[32 * (s / 4) + c] >> (2 * (s % 4)) & 3) - (fourths[c] >> s & 1 ? 0 : 4);
      out[block.bytes + (size_t)(c / 4) * PLANE + row * LANE + (size_t)(c % 4)] = (uint8_t)(128 - (scale - 32) * q);
    }
  }
}

static const int8_t iq4_codes[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};
static const int8_t mxfp4_codes[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

// 32 numbers of four bits as what they stand for, times 2^shift.
static void pack_codes(const uint8_t *in, const int8_t codes[16], int shift, martlet_block block, size_t row,
                       uint8_t *out) {
  for (int c = 0; c < 32; c++) {
    int code = codes[c < 16 ? in[c] & 15 : in[c - 16] >> 4];
    out[block.bytes + (size_t)(c / 4) * PLANE + row * LANE + (size_t)(c % 4)] = (uint8_t)(128 + code * (1 << shift));
  }
}

// IQ4_XS: 256 columns with eight scales of six bits, from -32 to 31.
static void pack_iq4xs(const uint8_t *in, martlet_block block, size_t row, uint8_t *out) {
  float d = martlet_from_half(half(in));
  uint16_t high = half(in + 2);
  for (int s = 0; s < 8; s++, out += block.size) {
    int scale = (in[4 + s / 2] >> (4 * (s % 2)) & 15) | (high >> (2 * s) & 3) << 4;
    put_half(out, row, martlet_to_half(d * (float)(scale - 32)));
    pack_codes(in + 8 + 16 * s, iq4_codes, 0, block, row, out);
  }
}

static void pack_mxfp4(const uint8_t *in, martlet_block block, size_t row, uint8_t *out) {
  martlet_mxfp4_scaling scaling = martlet_mxfp4_scale(in);
  put_half(out, row, scaling.is_zero ? 0 : martlet_to_half(ldexpf(1, scaling.exponent)));
  pack_codes(in + 1, mxfp4_codes, scaling.shift, block, row, out);
}

// Rows of MXFP4 with scales that no half can hold.
static void pack_mxfp4_as_floats(const uint8_t *in, size_t columns, size_t row, uint8_t *panel) {
  for (size_t c = 0; c < columns; c++) {
    const uint8_t *block = in + c / 32 * MARTLET_MXFP4_BYTES;
    uint8_t pair = block[1 + c % 16];
    float value = ldexpf(mxfp4_codes[c % 32 < 16 ? pair & 15 : pair >> 4], block[0] - 128);
    memcpy(panel + (c * MARTLET_PANEL_ROWS + row) * 4, &value, 4);
  }
}

static void pack_blocks(martlet_file_format format, const uint8_t *in, size_t columns, martlet_layout layout,
                        size_t row, uint8_t *out) {
  martlet_block block = martlet_block_of(layout);
  switch (format) {
    case MARTLET_FILE_Q4_K:
    case MARTLET_FILE_Q5_K: {
      bool has_fifth = format == MARTLET_FILE_Q5_K;
      for (size_t c = 0; c < columns; c += 256, in += has_fifth ? 176 : 144, out += 8 * block.size)
        pack_k(in, has_fifth, block, row, out);
      break;
    }
    case MARTLET_FILE_Q6_K:
      for (size_t c = 0; c < columns; c += 256, in += 210, out += 8 * block.size) pack_q6k(in, block, row, out);
      break;
    case MARTLET_FILE_Q2_K:
      for (size_t c = 0; c < columns; c += 256, in += 84, out += 8 * block.size) pack_q2k(in, block, row, out);
      break;
    case MARTLET_FILE_Q3_K:
      for (size_t c = 0; c < columns; c += 256, in += 110, out += 8 * block.size) pack_q3k(in, block, row, out);
      break;
    case MARTLET_FILE_IQ4_XS:
      for (size_t c = 0; c < columns; c += 256, in += 136, out += 8 * block.size) pack_iq4xs(in, block, row, out);
      break;
    case MARTLET_FILE_IQ4_NL:
      for (size_t c = 0; c < columns; c += 32, in += 18, out += block.size) {
        put_half(out, row, half(in));
        pack_codes(in + 2, iq4_codes, 0, block, row, out);
      }
      break;
    case MARTLET_FILE_MXFP4:
      for (size_t c = 0; c < columns; c += 32, in += MARTLET_MXFP4_BYTES, out += block.size)
        pack_mxfp4(in, block, row, out);
      break;
    default: {
      size_t bytes = 2u + (layout.has_minima ? 2 : 0) + (layout.bits == 5 ? 4 : 0) + (layout.bits == 8 ? 32 : 16);
      for (size_t c = 0; c < columns; c += 32, in += bytes, out += block.size) pack_small(format, in, block, row, out);
    }
  }
}

// One scale a row, so that its largest value becomes 127. The panel: scales [16] float, then
// [columns / 4][16 rows][4] bytes that are 128 too large.
static void pack_int8_row(const float *in, size_t columns, size_t row, uint8_t *panel) {
  float largest = 0;
  for (size_t c = 0; c < columns; c++) largest = fmaxf(largest, fabsf(in[c]));
  float scale = largest / 127, inverse = largest > 0 ? 127 / largest : 0;
  for (size_t c = 0; c < columns; c++)
    panel[64 + c / 4 * PLANE + row * LANE + c % 4] = (uint8_t)(lrintf(in[c] * inverse) + 128);
  memcpy(panel + 4 * row, &scale, 4);
}

static void pack_plain_row(const uint8_t *in, size_t columns, martlet_layout layout, size_t row, uint8_t *panel) {
  for (size_t c = 0; c < columns; c++) {
    switch (layout.kind) {
      case MARTLET_LAYOUT_F32: memcpy(panel + (c * 16 + row) * 4, in + 4 * c, 4); break;
      case MARTLET_LAYOUT_F16: memcpy(panel + (c * 16 + row) * 2, in + 2 * c, 2); break;
      default: memcpy(panel + ((c / 2 * 16 + row) * 2 + c % 2) * 2, in + 2 * c, 2); break;
    }
  }
}

void FORM(pack_panel)(martlet_file_format format, const void *const rows[16], size_t columns, martlet_layout layout,
                      void *panel) {
  memset(panel, 0, martlet_panel_bytes(layout, columns));
  for (size_t row = 0; row < MARTLET_PANEL_ROWS; row++) {
    if (!rows[row]) continue;
    switch (layout.kind) {
      case MARTLET_LAYOUT_BLOCKS: pack_blocks(format, rows[row], columns, layout, row, panel); break;
      case MARTLET_LAYOUT_INT8_ROWS: pack_int8_row(rows[row], columns, row, panel); break;
      default:
        if (format == MARTLET_FILE_MXFP4)
          pack_mxfp4_as_floats(rows[row], columns, row, panel);
        else
          pack_plain_row(rows[row], columns, layout, row, panel);
    }
  }
}
