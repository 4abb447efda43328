// Products of a query's code with a plane, a number at a time.
#pragma once

#include "form.h"

INLINE int32_t plane_product(const int8_t *code, const uint8_t *plane, size_t bytes) {
  int32_t sum = 0;
  for (size_t block = 0; block < bytes; block += 64)
    for (size_t i = 0; i < 64; i++)
      sum += code[2 * block + i] * (plane[block + i] & 15) + code[2 * block + 64 + i] * (plane[block + i] >> 4);
  return sum;
}

INLINE void plane_products(const int8_t *code, const uint8_t *const planes[4], size_t bytes, int32_t products[4]) {
  for (int j = 0; j < 4; j++) products[j] = plane_product(code, planes[j], bytes);
}

INLINE int32_t sum_of_positive(const int8_t *code, const uint8_t *signs, size_t stride) {
  int32_t sum = 0;
  for (size_t group = 0; group < stride / 8; group += 32) {
    size_t bytes = stride / 8 - group < 32 ? stride / 8 - group : 32;
    for (size_t step = 0; step < 8; step++)
      for (size_t i = 0; i < bytes; i++)
        if (signs[group + i] >> (7 - step) & 1) sum += code[8 * group + step * bytes + i];
  }
  return sum;
}
