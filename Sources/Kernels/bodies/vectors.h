// Operations on vectors, written once for every vector form.
#pragma once

#include <math.h>

#include "exponential.h"

// Runs STEP(load, store, i) over n elements, the last few by parts.
#define FOR_EACH(n, BODY)                                                                                           \
  size_t i = 0;                                                                                                     \
  for (; i + VF_WIDTH <= (n); i += VF_WIDTH) {                                                                      \
    BODY(vf_load, vf_store)                                                                                         \
  }                                                                                                                 \
  if (i < (n)) {                                                                                                    \
    size_t left = (n) - i;                                                                                          \
    BODY(LOAD_LEFT, STORE_LEFT)                                                                                     \
  }
#define LOAD_LEFT(p) vf_load_part(p, left)
#define STORE_LEFT(p, x) vf_store_part(p, x, left)

TARGET void FORM(add)(const float *a, const float *b, float *out, size_t n) {
#define ADD(LOAD, STORE) STORE(out + i, vf_add(LOAD(a + i), LOAD(b + i)));
  FOR_EACH(n, ADD)
}

TARGET void FORM(scale)(const float *a, float factor, float *out, size_t n) {
  vf factors = vf_set(factor);
#define SCALE(LOAD, STORE) STORE(out + i, vf_mul(LOAD(a + i), factors));
  FOR_EACH(n, SCALE)
}

TARGET void FORM(multiply)(const float *a, const float *b, float *out, size_t n) {
#define MULTIPLY(LOAD, STORE) STORE(out + i, vf_mul(LOAD(a + i), LOAD(b + i)));
  FOR_EACH(n, MULTIPLY)
}

TARGET void FORM(rms_norm)(const float *x, const float *weight, float epsilon, float *out, size_t n) {
  float squares = FORM(dot)(x, x, n);
  vf factor = vf_set(1 / sqrtf(squares / (float)n + epsilon));
#define RMS_NORM(LOAD, STORE) STORE(out + i, vf_mul(vf_mul(LOAD(x + i), factor), LOAD(weight + i)));
  FOR_EACH(n, RMS_NORM)
}

INLINE float sum_of(const float *x, size_t n) {
  vf sums[2] = {vf_zero(), vf_zero()};
  size_t i = 0;
  for (; i + 2 * VF_WIDTH <= n; i += 2 * VF_WIDTH) {
    sums[0] = vf_add(sums[0], vf_load(x + i));
    sums[1] = vf_add(sums[1], vf_load(x + i + VF_WIDTH));
  }
  if (i + VF_WIDTH <= n) {
    sums[0] = vf_add(sums[0], vf_load(x + i));
    i += VF_WIDTH;
  }
  if (i < n) sums[1] = vf_add(sums[1], vf_load_part(x + i, n - i));
  return vf_sum(vf_add(sums[0], sums[1]));
}

TARGET void FORM(layer_norm)(const float *x, const float *weight, const float *bias, float epsilon, float *out,
                             size_t n) {
  vf mean = vf_set(sum_of(x, n) / (float)n), squares = vf_zero();
  size_t j = 0;
  for (; j + VF_WIDTH <= n; j += VF_WIDTH) {
    vf apart = vf_sub(vf_load(x + j), mean);
    squares = vf_fma(apart, apart, squares);
  }
  if (j < n) {
    vf apart = vf_first(n - j, vf_sub(vf_load_part(x + j, n - j), mean), vf_zero());
    squares = vf_fma(apart, apart, squares);
  }
  vf factor = vf_set(1 / sqrtf(vf_sum(squares) / (float)n + epsilon));
#define LAYER_NORM(LOAD, STORE)                                                                                     \
  vf normalized = vf_mul(vf_sub(LOAD(x + i), mean), factor);                                                        \
  vf shift = bias != NULL ? LOAD(bias + i) : vf_zero();                                                             \
  STORE(out + i, vf_fma(normalized, LOAD(weight + i), shift));
  FOR_EACH(n, LAYER_NORM)
}

TARGET void FORM(silu_multiply)(const float *gate, const float *up, float *out, size_t n) {
#define SILU_MULTIPLY(LOAD, STORE)                                                                                  \
  vf g = LOAD(gate + i);                                                                                            \
  STORE(out + i, vf_mul(vf_mul(g, vf_sigmoid(g)), LOAD(up + i)));
  FOR_EACH(n, SILU_MULTIPLY)
}

// max(x, 0) - |x| / 2 * erfc(|x| / sqrt 2), with erfc as 2 to a polynomial (a minimax fit on 0...6: the result is
// within 1e-7; beyond 6 erfc is nothing).
INLINE vf gelu_of(vf x) {
  vf size = vf_min(vf_set(6), vf_abs(x));
  vf y = vf_fma(vf_set(3.343305930732172e-05f), size, vf_set(-0.0007717953805144234f));
  y = vf_fma(y, size, vf_set(0.008088025646464676f));
  y = vf_fma(y, size, vf_set(-0.05342184655998409f));
  y = vf_fma(y, size, vf_set(-0.4587647344098996f));
  y = vf_fma(y, size, vf_set(-1.1512034376051195f));
  y = vf_fma(y, size, vf_set(7.089805491156475e-06f));
  return vf_fnma(vf_mul(size, vf_set(0.5f)), vf_exp2(y), vf_max(vf_zero(), x));
}

TARGET void FORM(gelu)(const float *x, float *out, size_t n) {
#define GELU(LOAD, STORE) STORE(out + i, gelu_of(LOAD(x + i)));
  FOR_EACH(n, GELU)
}

// (1 + tanh u) / 2 is the sigmoid of 2u.
TARGET void FORM(gelu_tanh)(const float *x, float *out, size_t n) {
#define GELU_TANH(LOAD, STORE)                                                                                      \
  vf v = LOAD(x + i);                                                                                               \
  vf inner = vf_mul(v, vf_fma(vf_mul(v, v), vf_set(2 * 0.79788456f * 0.044715f), vf_set(2 * 0.79788456f)));         \
  STORE(out + i, vf_mul(v, vf_sigmoid(inner)));
  FOR_EACH(n, GELU_TANH)
}

// The largest number; NaN are passed over.
INLINE float largest_of(const float *x, size_t n) {
  vf largest = vf_set(-INFINITY);
  size_t i = 0;
  for (; i + VF_WIDTH <= n; i += VF_WIDTH) largest = vf_max(vf_load(x + i), largest);
  if (i < n) largest = vf_max(vf_first(n - i, vf_load_part(x + i, n - i), largest), largest);
  return vf_largest(largest);
}

TARGET void FORM(softmax)(const float *x, float *out, size_t n) {
  vf largest = vf_set(largest_of(x, n)), sum = vf_zero();
  size_t i = 0;
  for (; i + VF_WIDTH <= n; i += VF_WIDTH) {
    vf y = vf_exp(vf_sub(vf_load(x + i), largest));
    sum = vf_add(sum, y);
    vf_store(out + i, y);
  }
  if (i < n) {
    vf y = vf_exp(vf_sub(vf_load_part(x + i, n - i), largest));
    sum = vf_add(sum, vf_first(n - i, y, vf_zero()));
    vf_store_part(out + i, y, n - i);
  }
  FORM(scale)(out, 1 / vf_sum(sum), out, n);
}

TARGET float FORM(log_sum_exp)(const float *x, size_t n) {
  float maximum = largest_of(x, n);
  vf largest = vf_set(maximum), sum = vf_zero();
  size_t i = 0;
  for (; i + VF_WIDTH <= n; i += VF_WIDTH) sum = vf_add(sum, vf_exp(vf_sub(vf_load(x + i), largest)));
  if (i < n) {
    vf y = vf_exp(vf_sub(vf_load_part(x + i, n - i), largest));
    sum = vf_add(sum, vf_first(n - i, y, vf_zero()));
  }
  return maximum + logf(vf_sum(sum));
}

TARGET size_t FORM(argmax)(const float *x, size_t n) {
  float largest = largest_of(x, n);
  size_t i = 0;
  for (vf sought = vf_set(largest); i + VF_WIDTH <= n && !vf_any_equal(vf_load(x + i), sought);) i += VF_WIDTH;
  while (i < n && x[i] != largest) i++;
  return i < n ? i : 0;  // all are NaN
}

TARGET float FORM(dot)(const float *a, const float *b, size_t n) {
  vf sums[4] = {vf_zero(), vf_zero(), vf_zero(), vf_zero()};
  size_t i = 0;
  for (; i + 4 * VF_WIDTH <= n; i += 4 * VF_WIDTH)
    for (size_t j = 0; j < 4; j++)
      sums[j] = vf_fma(vf_load(a + i + j * VF_WIDTH), vf_load(b + i + j * VF_WIDTH), sums[j]);
  for (; i + VF_WIDTH <= n; i += VF_WIDTH) sums[0] = vf_fma(vf_load(a + i), vf_load(b + i), sums[0]);
  if (i < n) sums[1] = vf_fma(vf_load_part(a + i, n - i), vf_load_part(b + i, n - i), sums[1]);
  return vf_sum(vf_add(vf_add(sums[0], sums[1]), vf_add(sums[2], sums[3])));
}

// Four vectors meet each piece of the query while it is in a register.
#define DEFINE_MANY(name, CLOSER)                                                                                   \
  TARGET void FORM(name)(const float *query, const float *vectors, size_t stride, size_t count, size_t n,           \
                         float *out) {                                                                              \
    for (size_t v = 0; v < count; v += 4) {                                                                         \
      size_t here = count - v < 4 ? count - v : 4, i = 0;                                                           \
      const float *rows[4];                                                                                         \
      for (size_t j = 0; j < 4; j++) rows[j] = vectors + (v + (j < here ? j : 0)) * stride;                         \
      vf sums[4] = {vf_zero(), vf_zero(), vf_zero(), vf_zero()};                                                    \
      for (; i + VF_WIDTH <= n; i += VF_WIDTH) {                                                                    \
        vf q = vf_load(query + i);                                                                                  \
        for (size_t j = 0; j < 4; j++) CLOSER(q, vf_load(rows[j] + i), sums[j]);                                    \
      }                                                                                                             \
      if (i < n) {                                                                                                  \
        vf q = vf_load_part(query + i, n - i);                                                                      \
        for (size_t j = 0; j < 4; j++) CLOSER(q, vf_load_part(rows[j] + i, n - i), sums[j]);                        \
      }                                                                                                             \
      for (size_t j = 0; j < here; j++) out[v + j] = vf_sum(sums[j]);                                               \
    }                                                                                                               \
  }

#define ADD_PRODUCT(q, x, sum) sum = vf_fma(q, x, sum)
#define ADD_SQUARE(q, x, sum)                                                                                       \
  do {                                                                                                              \
    vf apart = vf_sub(q, x);                                                                                        \
    sum = vf_fma(apart, apart, sum);                                                                                \
  } while (0)
DEFINE_MANY(dot_many, ADD_PRODUCT)
DEFINE_MANY(squared_distance_many, ADD_SQUARE)
