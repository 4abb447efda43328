// What optimizers compute: one pass over all values of a weight, in one portable form (see optimizer.c).
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// A step of AdamW (Loshchilov and Hutter 2017, algorithm 2): as torch's, with decay apart from the gradient.
typedef struct martlet_adamw_step {
  float rate, beta2, epsilon, decay;
  float mean_share, square_share;            // 1 - beta1 and 1 - beta2
  float mean_correction, square_correction;  // 1 - beta1^t and 1 - beta2^t of step t
  float gradient_factor;                     // what gradients are multiplied by: clipping
} martlet_adamw_step;

// Updates the moments and the values, n of each.
void martlet_adamw(martlet_adamw_step step, const float *gradient, float *mean, float *square, float *values, size_t n);

// A step of gradient descent with momentum, as torch's: decay is added to the gradient.
typedef struct martlet_sgd_step {
  float rate, momentum, decay, gradient_factor;
} martlet_sgd_step;

// `momentum` may be NULL where step.momentum is 0.
void martlet_sgd(martlet_sgd_step step, const float *gradient, float *momentum, float *values, size_t n);

// The sum of the squares of n values.
double martlet_squared_norm(const float *values, size_t n);

#ifdef __cplusplus
}
#endif
