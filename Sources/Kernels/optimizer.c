// Steps of optimizers. Memory sets their pace, so one form is enough; its vectors are those of the compiler.
#include "include/Kernels.h"

#include <math.h>
#include <string.h>

#pragma STDC FP_CONTRACT OFF

typedef float four __attribute__((vector_size(16)));

static inline four load(const float *from) {
  four values;
  memcpy(&values, from, sizeof values);
  return values;
}

static inline void store(float *to, four values) { memcpy(to, &values, sizeof values); }

void martlet_adamw(martlet_adamw_step step, const float *gradient, float *mean, float *square, float *values, size_t n) {
  // In the order of torch's single-tensor form, whose rounding this follows.
  float keep = 1 - step.rate * step.decay, size = step.rate / step.mean_correction;
  float root = sqrtf(step.square_correction);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    four g = load(gradient + i) * step.gradient_factor;
    four m = load(mean + i), s = load(square + i);
    m += (g - m) * step.mean_share;
    s = s * step.beta2 + g * g * step.square_share;
    store(mean + i, m);
    store(square + i, s);
    store(values + i, load(values + i) * keep - size * m / (__builtin_elementwise_sqrt(s) / root + step.epsilon));
  }
  for (; i < n; i++) {
    float g = gradient[i] * step.gradient_factor;
    mean[i] += (g - mean[i]) * step.mean_share;
    square[i] = square[i] * step.beta2 + g * g * step.square_share;
    values[i] = values[i] * keep - size * mean[i] / (sqrtf(square[i]) / root + step.epsilon);
  }
}

void martlet_sgd(martlet_sgd_step step, const float *gradient, float *momentum, float *values, size_t n) {
  for (size_t i = 0; i < n; i++) {
    float g = gradient[i] * step.gradient_factor + step.decay * values[i];
    if (momentum != NULL) g = momentum[i] = step.momentum * momentum[i] + g;
    values[i] -= step.rate * g;
  }
}

double martlet_squared_norm(const float *values, size_t n) {
  double sums[4] = {0};
  size_t i = 0;
  for (; i + 4 <= n; i += 4)
    for (size_t j = 0; j < 4; j++) sums[j] += (double)values[i + j] * values[i + j];
  for (; i < n; i++) sums[0] += (double)values[i] * values[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}
