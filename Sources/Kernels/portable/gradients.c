// What gradients need beside products, an element at a time.
#include <math.h>

#include "form.h"

void FORM(add_scaled)(const float *x, float factor, float *out, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] += factor * x[i];
}

void FORM(exponentials)(const float *x, float factor, float shift, float *out, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] = expf(factor * x[i] - shift);
}

void FORM(softmax_backward)(const float *y, const float *dy, float mean, float *dx, size_t n) {
  for (size_t i = 0; i < n; i++) dx[i] = y[i] * (dy[i] - mean);
}

void FORM(rms_norm_backward)(const float *x, const float *weight, const float *dy, float epsilon, float *dx,
                             float *normalized, size_t n) {
  double squares = 0, product = 0;
  for (size_t i = 0; i < n; i++) {
    squares += (double)x[i] * x[i];
    product += (double)weight[i] * dy[i] * x[i];
  }
  double factor = 1 / sqrt(squares / (double)n + epsilon), mean = product * factor / (double)n;
  for (size_t i = 0; i < n; i++) {
    double unit = x[i] * factor;
    dx[i] = (float)(factor * ((double)weight[i] * dy[i] - unit * mean));
    if (normalized != NULL) normalized[i] = (float)unit;
  }
}

void FORM(layer_norm_backward)(const float *x, const float *weight, const float *dy, float epsilon, float *dx,
                               float *normalized, size_t n) {
  double total = 0, squares = 0, sum = 0, product = 0;
  for (size_t i = 0; i < n; i++) total += x[i];
  double mean = total / (double)n;
  for (size_t i = 0; i < n; i++) {
    double apart = x[i] - mean, through = (double)weight[i] * dy[i];
    squares += apart * apart;
    sum += through;
    product += through * apart;
  }
  double factor = 1 / sqrt(squares / (double)n + epsilon);
  double mean_sum = sum / (double)n, mean_product = product * factor / (double)n;
  for (size_t i = 0; i < n; i++) {
    double unit = (x[i] - mean) * factor;
    dx[i] = (float)(factor * ((double)weight[i] * dy[i] - mean_sum - unit * mean_product));
    if (normalized != NULL) normalized[i] = (float)unit;
  }
}

void FORM(silu_multiply_backward)(const float *gate, const float *up, const float *dy, float *dgate, float *dup,
                                  size_t n) {
  for (size_t i = 0; i < n; i++) {
    float g = gate[i], s = 1 / (1 + expf(-g)), by = dy[i];
    float to_gate = by * up[i] * s * (1 + g * (1 - s));
    dup[i] = g * s * by;
    dgate[i] = to_gate;
  }
}

// Far from 0 the slopes of both kinds of GELU are 0 or 1; their terms would be infinities that cancel.
static float near_zero(float x) { return x > 100 ? 100 : x < -100 ? -100 : x; }

void FORM(gelu_backward)(const float *x, const float *dy, float *dx, size_t n) {
  for (size_t i = 0; i < n; i++) {
    float v = near_zero(x[i]);
    dx[i] = (0.5f * erfcf(-v * 0.70710678f) + v * 0.39894228f * expf(-0.5f * v * v)) * dy[i];
  }
}

void FORM(gelu_tanh_backward)(const float *x, const float *dy, float *dx, size_t n) {
  for (size_t i = 0; i < n; i++) {
    float v = near_zero(x[i]), square = v * v;
    float s = 1 / (1 + expf(-2 * 0.79788456f * v * (1 + 0.044715f * square)));
    dx[i] = (s + v * s * (1 - s) * 2 * 0.79788456f * (1 + 3 * 0.044715f * square)) * dy[i];
  }
}
