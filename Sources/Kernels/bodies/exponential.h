// e^x and 2^x, written once for every vector form: a whole power of two times a polynomial in what is left.
#pragma once

// Minima and maxima are taken so that a NaN passes.

// 2^x within 2e-7 of its size; minus infinity gives 0.
INLINE vf vf_exp2(vf x) {
  x = vf_max(vf_set(-150), x);
  vf whole = vf_round(x), rest = vf_sub(x, whole);
  vf y = vf_fma(vf_set(0x1.5c08e6p-10f), rest, vf_set(0x1.3d0c54p-7f));
  y = vf_fma(y, rest, vf_set(0x1.c6b6e4p-5f));
  y = vf_fma(y, rest, vf_set(0x1.ebf918p-3f));
  y = vf_fma(y, rest, vf_set(0x1.62e428p-1f));
  y = vf_fma(y, rest, vf_set(1));
  return vf_scale_by_power(y, whole);
}

// e^x within 3e-7 of its size; x is first drawn into -104...89, beyond which the result is 0 or infinity anyway.
INLINE vf vf_exp(vf x) {
  x = vf_min(vf_set(89), vf_max(vf_set(-104), x));
  vf whole = vf_round(vf_mul(x, vf_set(1.44269504f)));
  vf rest = vf_fnma(whole, vf_set(0.693359375f), x);  // ln 2 in two parts, the first exact in few digits
  rest = vf_fnma(whole, vf_set(-2.12194440e-4f), rest);
  vf y = vf_fma(vf_set(1.9875691e-4f), rest, vf_set(1.3981999e-3f));
  y = vf_fma(y, rest, vf_set(8.3334519e-3f));
  y = vf_fma(y, rest, vf_set(4.1665796e-2f));
  y = vf_fma(y, rest, vf_set(1.6666665e-1f));
  y = vf_fma(y, rest, vf_set(0.5f));
  y = vf_fma(vf_mul(rest, rest), y, vf_add(rest, vf_set(1)));
  return vf_scale_by_power(y, whole);
}

// 1 / (1 + e^-x).
INLINE vf vf_sigmoid(vf x) {
  vf inverse = vf_exp(vf_min(vf_set(88), vf_sub(vf_zero(), x)));  // the reciprocal wants a finite number
  return vf_reciprocal(vf_add(inverse, vf_set(1)));
}
