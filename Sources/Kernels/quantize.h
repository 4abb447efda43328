// What the rounding of activations to 8 bits has in common in all forms.
#pragma once

// By what values are multiplied before they are rounded, so that `largest` of them becomes `limit`. Zero, and so all
// values become zero, where the largest is so small that the quotient would overflow, and where it is NaN; the scale
// is then NaN, and so is what comes of it.
static inline float martlet_inverse(float largest, float limit) {
  return largest > 0x1p-100f ? limit / largest : 0;
}
