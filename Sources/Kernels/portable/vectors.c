// Operations on vectors, an element at a time. Long sums are kept in double, so that this form can judge the others.
#include <math.h>

#include "form.h"

void FORM(add)(const float *a, const float *b, float *out, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] = a[i] + b[i];
}

void FORM(scale)(const float *a, float factor, float *out, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] = a[i] * factor;
}

void FORM(multiply)(const float *a, const float *b, float *out, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] = a[i] * b[i];
}

void FORM(rms_norm)(const float *x, const float *weight, float epsilon, float *out, size_t n) {
  double squares = 0;
  for (size_t i = 0; i < n; i++) squares += (double)x[i] * x[i];
  float factor = (float)(1 / sqrt(squares / (double)n + epsilon));
  for (size_t i = 0; i < n; i++) out[i] = x[i] * factor * weight[i];
}

void FORM(layer_norm)(const float *x, const float *weight, const float *bias, float epsilon, float *out, size_t n) {
  double sum = 0, squares = 0;
  for (size_t i = 0; i < n; i++) sum += x[i];
  double mean = sum / (double)n;
  for (size_t i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
  float factor = (float)(1 / sqrt(squares / (double)n + epsilon));
  for (size_t i = 0; i < n; i++) {
    float normalized = (x[i] - (float)mean) * factor * weight[i];
    out[i] = bias != NULL ? normalized + bias[i] : normalized;
  }
}

void FORM(silu_multiply)(const float *gate, const float *up, float *out, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] = gate[i] / (1 + expf(-gate[i])) * up[i];
}

void FORM(gelu)(const float *x, float *out, size_t n) {
  for (size_t i = 0; i < n; i++) out[i] = 0.5f * x[i] * (1 + erff(x[i] * 0.70710678f));
}

void FORM(gelu_tanh)(const float *x, float *out, size_t n) {
  for (size_t i = 0; i < n; i++) {
    float inner = 0.79788456f * (x[i] + 0.044715f * x[i] * x[i] * x[i]);
    out[i] = 0.5f * x[i] * (1 + tanhf(inner));
  }
}

static float maximum_of(const float *x, size_t n) {
  float maximum = -INFINITY;
  for (size_t i = 0; i < n; i++)
    if (x[i] > maximum) maximum = x[i];
  return maximum;
}

void FORM(softmax)(const float *x, float *out, size_t n) {
  float maximum = maximum_of(x, n);
  double sum = 0;
  for (size_t i = 0; i < n; i++) {
    out[i] = expf(x[i] - maximum);
    sum += out[i];
  }
  float factor = (float)(1 / sum);
  for (size_t i = 0; i < n; i++) out[i] *= factor;
}

float FORM(log_sum_exp)(const float *x, size_t n) {
  float maximum = maximum_of(x, n);
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += expf(x[i] - maximum);
  return maximum + (float)log(sum);
}

size_t FORM(argmax)(const float *x, size_t n) {
  size_t best = 0;
  for (size_t i = 1; i < n; i++)
    if (x[i] > x[best] || (isnan(x[best]) && !isnan(x[i]))) best = i;
  return best;
}

float FORM(dot)(const float *a, const float *b, size_t n) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) sum += (double)a[i] * b[i];
  return (float)sum;
}

void FORM(dot_many)(const float *query, const float *vectors, size_t stride, size_t count, size_t n, float *out) {
  for (size_t i = 0; i < count; i++) out[i] = FORM(dot)(query, vectors + i * stride, n);
}

void FORM(squared_distance_many)(const float *query, const float *vectors, size_t stride, size_t count, size_t n,
                                 float *out) {
  for (size_t i = 0; i < count; i++) {
    const float *vector = vectors + i * stride;
    double sum = 0;
    for (size_t j = 0; j < n; j++) sum += ((double)query[j] - vector[j]) * ((double)query[j] - vector[j]);
    out[i] = (float)sum;
  }
}
