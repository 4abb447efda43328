// One number at a time: half and bfloat16, to and from float, in plain integer steps that any processor runs.
#pragma once

#include <stdint.h>
#include <string.h>

static inline uint32_t martlet_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static inline float martlet_float(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline float martlet_from_bfloat16(uint16_t value) { return martlet_float((uint32_t)value << 16); }

// Rounds to nearest even; a NaN stays a (quiet) NaN.
static inline uint16_t martlet_to_bfloat16(float value) {
  uint32_t bits = martlet_bits(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) return (uint16_t)((bits >> 16) | 0x40);
  return (uint16_t)((bits + 0x7fffu + ((bits >> 16) & 1)) >> 16);
}

static inline float martlet_from_half(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000) << 16, rest = half & 0x7fff;
  if (rest >= 0x7c00) return martlet_float(sign | 0x7f800000u | ((rest & 0x3ff) << 13));  // infinity, NaN
  // The float with the same digits is 2^112 too small, subnormal halves included.
  float magnitude = martlet_float(rest << 13) * 0x1p112f;
  return martlet_float(sign | martlet_bits(magnitude));
}

// Rounds to nearest even, as the processors' own conversions do.
static inline uint16_t martlet_to_half(float value) {
  uint32_t bits = martlet_bits(value), sign = (bits >> 16) & 0x8000, rest = bits & 0x7fffffffu;
  if (rest > 0x7f800000u) return (uint16_t)(sign | 0x7e00 | ((rest >> 13) & 0x3ff));
  if (rest >= 0x477ff000u) return (uint16_t)(sign | 0x7c00);  // rounds beyond 65504
  if (rest < 0x38800000u) {
    // A subnormal half: adding 0.5 leaves its digits, rounded, at the end of the sum's.
    float sum = martlet_float(rest) + 0.5f;
    return (uint16_t)(sign | (martlet_bits(sum) - martlet_bits(0.5f)));
  }
  return (uint16_t)(sign | ((rest - 0x38000000u + 0xfffu + ((rest >> 13) & 1)) >> 13));
}

// A float rounded to half precision.
static inline float martlet_through_half(float value) { return martlet_from_half(martlet_to_half(value)); }
