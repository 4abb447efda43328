// What gradients need beside products: one pass over the elements of a row each. Written once for every vector form.
#pragma once

TARGET void FORM(add_scaled)(const float *x, float factor, float *out, size_t n) {
  vf factors = vf_set(factor);
#define ADD_SCALED(LOAD, STORE) STORE(out + i, vf_fma(LOAD(x + i), factors, LOAD(out + i)));
  FOR_EACH(n, ADD_SCALED)
}

TARGET void FORM(exponentials)(const float *x, float factor, float shift, float *out, size_t n) {
  vf factors = vf_set(factor), shifts = vf_set(-shift);
#define EXPONENTIALS(LOAD, STORE) STORE(out + i, vf_exp(vf_fma(LOAD(x + i), factors, shifts)));
  FOR_EACH(n, EXPONENTIALS)
}

TARGET void FORM(softmax_backward)(const float *y, const float *dy, float mean, float *dx, size_t n) {
  vf means = vf_set(mean);
#define SOFTMAX_BACKWARD(LOAD, STORE) STORE(dx + i, vf_mul(LOAD(y + i), vf_sub(LOAD(dy + i), means)));
  FOR_EACH(n, SOFTMAX_BACKWARD)
}

// dx = r * (weight * dy - xr * mean(weight * dy * xr)) with r one over the root of the mean square.
TARGET void FORM(rms_norm_backward)(const float *x, const float *weight, const float *dy, float epsilon, float *dx,
                                    float *normalized, size_t n) {
  float factor = 1 / sqrtf(FORM(dot)(x, x, n) / (float)n + epsilon);
  vf factors = vf_set(factor), sum = vf_zero();
  size_t j = 0;
  for (; j + VF_WIDTH <= n; j += VF_WIDTH)
    sum = vf_fma(vf_mul(vf_load(weight + j), vf_load(dy + j)), vf_load(x + j), sum);
  if (j < n)
    sum = vf_fma(vf_mul(vf_load_part(weight + j, n - j), vf_load_part(dy + j, n - j)), vf_load_part(x + j, n - j), sum);
  vf mean = vf_set(vf_sum(sum) * factor / (float)n);
#define RMS_NORM_BACKWARD(LOAD, STORE)                                                                              \
  vf unit = vf_mul(LOAD(x + i), factors), through = vf_mul(LOAD(weight + i), LOAD(dy + i));                         \
  STORE(dx + i, vf_mul(factors, vf_fnma(unit, mean, through)));                                                     \
  if (normalized != NULL) STORE(normalized + i, unit);
  FOR_EACH(n, RMS_NORM_BACKWARD)
}

// dx = r * (weight * dy - mean(weight * dy) - u * mean(weight * dy * u)) with u the normalized row.
TARGET void FORM(layer_norm_backward)(const float *x, const float *weight, const float *dy, float epsilon, float *dx,
                                      float *normalized, size_t n) {
  vf mean = vf_set(sum_of(x, n) / (float)n), squares = vf_zero(), sum = vf_zero(), product = vf_zero();
#define LAYER_NORM_SUMS(LOAD, APART)                                                                                \
  vf apart = APART, through = vf_mul(LOAD(weight + i), LOAD(dy + i));                                               \
  squares = vf_fma(apart, apart, squares);                                                                          \
  sum = vf_add(sum, through);                                                                                       \
  product = vf_fma(through, apart, product);
  size_t whole = n / VF_WIDTH * VF_WIDTH, left = n - whole;
  for (size_t i = 0; i < whole; i += VF_WIDTH) {
    LAYER_NORM_SUMS(vf_load, vf_sub(vf_load(x + i), mean))
  }
  if (left > 0) {
    size_t i = whole;
    LAYER_NORM_SUMS(LOAD_LEFT, vf_first(left, vf_sub(LOAD_LEFT(x + i), mean), vf_zero()))
  }
  float factor = 1 / sqrtf(vf_sum(squares) / (float)n + epsilon);
  vf factors = vf_set(factor), mean_sum = vf_set(vf_sum(sum) / (float)n);
  vf mean_product = vf_set(vf_sum(product) * factor / (float)n);
#define LAYER_NORM_BACKWARD(LOAD, STORE)                                                                            \
  vf unit = vf_mul(vf_sub(LOAD(x + i), mean), factors);                                                             \
  vf through = vf_sub(vf_mul(LOAD(weight + i), LOAD(dy + i)), mean_sum);                                            \
  STORE(dx + i, vf_mul(factors, vf_fnma(unit, mean_product, through)));                                             \
  if (normalized != NULL) STORE(normalized + i, unit);
  FOR_EACH(n, LAYER_NORM_BACKWARD)
}

// The sigmoid of x, and what it lacks of 1, which would be rounded away as a difference.
INLINE vf sigmoid_and_rest(vf x, vf *rest) {
  vf inverse = vf_exp(vf_min(vf_set(88), vf_sub(vf_zero(), x))), s = vf_reciprocal(vf_add(inverse, vf_set(1)));
  *rest = vf_mul(inverse, s);
  return s;
}

// With s the sigmoid of g: d(g s u) = s (1 + g (1 - s)) u dg + g s du. Below -80 all of it is nothing.
TARGET void FORM(silu_multiply_backward)(const float *gate, const float *up, const float *dy, float *dgate,
                                         float *dup, size_t n) {
#define SILU_MULTIPLY_BACKWARD(LOAD, STORE)                                                                         \
  vf g = vf_max(vf_set(-80), LOAD(gate + i)), by = LOAD(dy + i), rest, s = sigmoid_and_rest(g, &rest);              \
  vf slope = vf_mul(s, vf_fma(g, rest, vf_set(1)));                                                                 \
  vf to_gate = vf_mul(vf_mul(by, LOAD(up + i)), slope);                                                             \
  STORE(dup + i, vf_mul(vf_mul(g, s), by));                                                                         \
  STORE(dgate + i, to_gate);
  FOR_EACH(n, SILU_MULTIPLY_BACKWARD)
}

// The slopes of both kinds of GELU are 0 or 1 far from 0, where their terms would be infinities that cancel.
INLINE vf near_zero(vf x) { return vf_max(vf_set(-100), vf_min(vf_set(100), x)); }

// F(x) + x f(x), the normal distribution and its density. F is 1 - h or h with h = erfc(|x| / sqrt 2) / 2, and
// gelu(x) = max(x, 0) - |x| h.
INLINE vf gelu_slope(vf x) {
  vf size = vf_min(vf_set(6), vf_abs(x));
  vf y = vf_fma(vf_set(3.343305930732172e-05f), size, vf_set(-0.0007717953805144234f));
  y = vf_fma(y, size, vf_set(0.008088025646464676f));
  y = vf_fma(y, size, vf_set(-0.05342184655998409f));
  y = vf_fma(y, size, vf_set(-0.4587647344098996f));
  y = vf_fma(y, size, vf_set(-1.1512034376051195f));
  y = vf_fma(y, size, vf_set(7.089805491156475e-06f));
  vf half = vf_mul(vf_set(0.5f), vf_exp2(y));
  // 1 where x is positive, 0 where it is not. (At 0 both h and 1 - h are a half.)
  vf positive = vf_min(vf_set(1), vf_max(vf_zero(), vf_mul(x, vf_set(1e36f))));
  vf distribution = vf_fma(positive, vf_fnma(half, vf_set(2), vf_set(1)), half);
  vf density = vf_mul(vf_exp(vf_mul(vf_mul(x, x), vf_set(-0.5f))), vf_set(0.39894228f));
  return vf_fma(x, density, distribution);
}

TARGET void FORM(gelu_backward)(const float *x, const float *dy, float *dx, size_t n) {
#define GELU_BACKWARD(LOAD, STORE) STORE(dx + i, vf_mul(gelu_slope(near_zero(LOAD(x + i))), LOAD(dy + i)));
  FOR_EACH(n, GELU_BACKWARD)
}

// x s(w) with w = 2u: s + x s (1 - s) w'.
TARGET void FORM(gelu_tanh_backward)(const float *x, const float *dy, float *dx, size_t n) {
#define GELU_TANH_BACKWARD(LOAD, STORE)                                                                             \
  vf v = near_zero(LOAD(x + i)), square = vf_mul(v, v), linear = vf_set(2 * 0.79788456f);                           \
  vf inner = vf_mul(v, vf_fma(square, vf_set(2 * 0.79788456f * 0.044715f), linear));                                \
  vf rest, s = sigmoid_and_rest(inner, &rest);                                                                      \
  vf steep = vf_fma(square, vf_set(6 * 0.79788456f * 0.044715f), linear);                                           \
  vf slope = vf_fma(vf_mul(vf_mul(v, steep), s), rest, s);                                                          \
  STORE(dx + i, vf_mul(slope, LOAD(dy + i)));
  FOR_EACH(n, GELU_TANH_BACKWARD)
}
