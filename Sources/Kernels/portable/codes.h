// Products of codes, a number at a time.
#pragma once

#include "form.h"

INLINE int32_t code_surplus(const int8_t *code, size_t stride) { return 0; }

INLINE int32_t code_product(const int8_t *a, int32_t surplus, const int8_t *b, size_t stride) {
  int32_t sum = 0;
  for (size_t i = 0; i < stride; i++) sum += a[i] * b[i];
  return sum;
}

INLINE void code_products(const int8_t *a, int32_t surplus, const int8_t *const b[4], size_t stride,
                          int32_t products[4]) {
  for (int j = 0; j < 4; j++) products[j] = code_product(a, surplus, b[j], stride);
}
