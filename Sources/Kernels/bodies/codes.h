// Vectors in 8 bits, in two planes of 4, and their distances, written once for every form. The form gives the products of
// a query's code with planes, plane_product() and plane_products(), and the sum of those of its numbers that have
// no minus sign in a sketch, sum_of_positive().
#pragma once

#include <math.h>
#include <string.h>

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF  // every form rounds alike
#endif

enum { CACHE_LINE = 64, PLANE_BLOCK = 64 };

INLINE const uint8_t *upper_plane(const martlet_graph *graph, uint32_t node) {
  return graph->codes + (size_t)node * graph->stride;
}

INLINE const uint8_t *lower_plane(const martlet_graph *graph, uint32_t node) {
  return upper_plane(graph, node) + graph->stride / 2;
}

INLINE void fetch(const void *start, size_t bytes) {
  for (size_t line = 0; line < bytes; line += CACHE_LINE) __builtin_prefetch((const char *)start + line, 0, 3);
}

INLINE void fetch_lower_plane(const martlet_graph *graph, uint32_t node) {
  fetch(lower_plane(graph, node), graph->stride / 2);
}

INLINE void fetch_factors(const martlet_graph *graph, uint32_t node) {
  __builtin_prefetch(graph->scales + node, 0, 3);
  if (graph->offsets != NULL) __builtin_prefetch(graph->offsets + node, 0, 3);
}

INLINE void estimated_fetch(const martlet_graph *graph, uint32_t node) {
  fetch(upper_plane(graph, node), graph->stride / 2);
  fetch_factors(graph, node);
}

INLINE void measured_fetch(const martlet_graph *graph, uint32_t node) {
  fetch(upper_plane(graph, node), graph->stride);
  fetch_factors(graph, node);
}

INLINE float offset_of(const martlet_graph *graph, uint32_t node) {
  return graph->offsets != NULL ? graph->offsets[node] : 0;
}

// MARK: Distances

// A query with the sum of its code: what products with planes, which hold numbers without a sign, have too much.
typedef struct {
  const int8_t *code;
  float factor, base;
  int32_t sum;
} prepared_query;

INLINE prepared_query prepare(const martlet_graph *graph, martlet_code_query query) {
  int32_t sum = 0;
  for (size_t i = 0; i < graph->stride; i++) sum += query.code[i];
  return (prepared_query){query.code, query.factor, query.base, sum};
}

INLINE float distance_of(const martlet_graph *graph, prepared_query query, uint32_t node, float product) {
  return query.base + offset_of(graph, node) - query.factor * graph->scales[node] * product;
}

// From the product with the upper plane alone.
INLINE float estimate(const martlet_graph *graph, prepared_query query, uint32_t node, int32_t upper) {
  return distance_of(graph, query, node, 16 * (float)upper - 120.5f * (float)query.sum);
}

INLINE float estimated_distance(const martlet_graph *graph, prepared_query query, uint32_t node) {
  return estimate(graph, query, node, plane_product(query.code, upper_plane(graph, node), graph->stride / 2));
}

INLINE void estimated_distances(const martlet_graph *graph, prepared_query query, const uint32_t nodes[4],
                                float distances[4]) {
  const uint8_t *planes[4];
  int32_t products[4];
  for (int i = 0; i < 4; i++) planes[i] = upper_plane(graph, nodes[i]);
  plane_products(query.code, planes, graph->stride / 2, products);
  for (int i = 0; i < 4; i++) distances[i] = estimate(graph, query, nodes[i], products[i]);
}

// From the products with both planes.
INLINE float measure(const martlet_graph *graph, prepared_query query, uint32_t node, int32_t upper, int32_t lower) {
  // The parts may be larger than their sum, which fits.
  uint32_t product = 16 * (uint32_t)upper + (uint32_t)lower - 128 * (uint32_t)query.sum;
  return distance_of(graph, query, node, (float)(int32_t)product);
}

INLINE float measured_distance(const martlet_graph *graph, prepared_query query, uint32_t node) {
  return measure(graph, query, node, plane_product(query.code, upper_plane(graph, node), graph->stride / 2),
                 plane_product(query.code, lower_plane(graph, node), graph->stride / 2));
}

INLINE void measured_distances(const martlet_graph *graph, prepared_query query, const uint32_t nodes[4],
                               float distances[4]) {
  const uint8_t *planes[4];
  int32_t upper[4], lower[4];
  for (int i = 0; i < 4; i++) planes[i] = upper_plane(graph, nodes[i]);
  plane_products(query.code, planes, graph->stride / 2, upper);
  for (int i = 0; i < 4; i++) planes[i] += graph->stride / 2;
  plane_products(query.code, planes, graph->stride / 2, lower);
  for (int i = 0; i < 4; i++) distances[i] = measure(graph, query, nodes[i], upper[i], lower[i]);
}

// MARK: Codes

INLINE float largest_of(const float *vector, size_t n) {
  // As whole numbers, for which compilers find the largest of many at a time.
  int32_t largest = 0;
  for (size_t i = 0; i < n; i++) {
    int32_t bits;
    memcpy(&bits, vector + i, sizeof bits);
    bits &= INT32_MAX;
    largest = bits > largest ? bits : largest;
  }
  float size;
  memcpy(&size, &largest, sizeof size);
  return size;
}

TARGET float FORM(encode_query)(const float *vector, size_t n, int8_t *code, size_t stride) {
  float largest = largest_of(vector, n), factor = largest > 0 ? 127 / largest : 0;
  for (size_t i = 0; i < n; i++) code[i] = (int8_t)(int32_t)rintf(vector[i] * factor);
  memset(code + n, 0, stride - n);
  return largest / 127;
}

TARGET float FORM(encode_node)(const float *vector, size_t n, uint8_t *planes, size_t stride) {
  float largest = largest_of(vector, n), factor = largest > 0 ? 127 / largest : 0;
  memset(planes, 0, stride);
  for (size_t i = 0; i < n; i++) {
    uint32_t code = (uint32_t)((int32_t)rintf(vector[i] * factor) + 128);
    size_t byte = i / (2 * PLANE_BLOCK) * PLANE_BLOCK + i % PLANE_BLOCK, shift = i / PLANE_BLOCK % 2 * 4;
    planes[byte] |= (uint8_t)(code >> 4 << shift);
    planes[stride / 2 + byte] |= (uint8_t)((code & 15) << shift);
  }
  return largest / 127;
}

INLINE int32_t exponent_of(float number) {
  int32_t bits;
  memcpy(&bits, &number, sizeof bits);
  return bits >> 23 & 255;
}

TARGET size_t FORM(encode_remainders)(const float *vector, size_t n, int16_t *remainders) {
  float largest = largest_of(vector, n), factor = largest > 0 ? 127 / largest : 0, scale = largest / 127;
  double parts = scale > 0 ? 65536 / (double)scale : 0;
  const int32_t top = exponent_of(largest);
  int32_t lost = 0;
  for (size_t i = 0; i < n; i++) {
    // A float and its product with a code are exact in double precision.
    double left = (double)vector[i] - (double)rintf(vector[i] * factor) * (double)scale;
    remainders[i] = (int16_t)(int32_t)rint(fmin(fmax(left * parts, -32768), 32767));
    lost += vector[i] != 0 ? top - exponent_of(vector[i]) : 0;
  }
  return (size_t)lost;
}

// 64 numbers of a node at most, whose codes lie in the bits `shift` and up of its planes.
INLINE void decode_half_block(const uint8_t *upper, const uint8_t *lower, int shift, float scale,
                              const int16_t *remainders, size_t n, float *vector) {
  for (size_t i = 0; i < n; i++) {
    int32_t code = ((upper[i] >> shift & 15) << 4 | (lower[i] >> shift & 15)) - 128;
    vector[i] = (float)(code * 65536 + remainders[i]) * 0x1p-16f * scale;
  }
}

TARGET void FORM(decode_node)(const uint8_t *planes, size_t stride, float scale, const int16_t *remainders, size_t n,
                              float *vector) {
  const uint8_t *lower = planes + stride / 2;
  for (size_t first = 0; first < n; first += 2 * PLANE_BLOCK) {
    size_t here = n - first < 2 * PLANE_BLOCK ? n - first : 2 * PLANE_BLOCK, low = here < PLANE_BLOCK ? here : PLANE_BLOCK;
    decode_half_block(planes + first / 2, lower + first / 2, 0, scale, remainders + first, low, vector + first);
    decode_half_block(planes + first / 2, lower + first / 2, 4, scale, remainders + first + low, here - low,
                      vector + first + low);
  }
}

// The 128 numbers of a code in 64 bytes of each plane.
INLINE void flatten_block(const uint8_t *upper, const uint8_t *lower, int8_t *numbers) {
  for (size_t i = 0; i < PLANE_BLOCK; i++) {
    uint8_t u = upper[i], l = lower[i];
    numbers[i] = (int8_t)((uint8_t)(u << 4 | (l & 15)) ^ 128);
    numbers[PLANE_BLOCK + i] = (int8_t)((uint8_t)((u & 0xf0) | l >> 4) ^ 128);
  }
}

// A node as a query, its code in flat_code[stride].
INLINE martlet_code_query query_of(const martlet_graph *graph, uint32_t node, int8_t *flat_code) {
  const uint8_t *upper = upper_plane(graph, node), *lower = lower_plane(graph, node);
  for (size_t block = 0; block < graph->stride / 2; block += PLANE_BLOCK)
    flatten_block(upper + block, lower + block, flat_code + 2 * block);
  memset(flat_code + graph->dimension, 0, graph->stride - graph->dimension);
  return (martlet_code_query){flat_code, graph->is_euclidean ? 2 * graph->scales[node] : graph->scales[node],
                              graph->is_euclidean ? offset_of(graph, node) : 1};
}

// MARK: Sketches

// A vector is about its signs, times `factor`: what makes the product with itself right (RaBitQ's estimator: Gao and Long
// 2024, section 3.2; without its random rotation, as numbers of embeddings lie much alike).
typedef struct {
  float factor, offset;
} sketch_factors;

// The signs lie in groups of 32 bytes, and of 16 for a rest of 128 numbers: the top bits of a group's bytes are those of
// its first 32 (16) numbers, in their order, the next bits those of the next ones.
enum { SIGN_GROUP = 32 };

INLINE void sketch_signs(const uint8_t *upper, size_t stride, uint8_t *signs) {
  for (size_t group = 0; group < stride / 8; group += SIGN_GROUP) {
    size_t bytes = stride / 8 - group < SIGN_GROUP ? stride / 8 - group : SIGN_GROUP;
    for (size_t step = 0; step < 8; step++) {
      // They lie in 16 or 32 neighbouring bytes of the plane, in the lower or the upper halves.
      size_t number = 8 * group + step * bytes, half = number / PLANE_BLOCK % 2;
      const uint8_t *from = upper + number / (2 * PLANE_BLOCK) * PLANE_BLOCK + number % PLANE_BLOCK;
      for (size_t i = 0; i < bytes; i++)
        signs[group + i] |= (uint8_t)((from[i] >> (4 * half + 3) & 1) << (7 - step));
    }
  }
}

TARGET void FORM(sketch_node)(const uint8_t *planes, size_t stride, float scale, float offset, uint8_t *sketch) {
  uint32_t squares = 0, sum = 0;
  for (size_t block = 0; block < stride / 2; block += PLANE_BLOCK) {
    int8_t numbers[2 * PLANE_BLOCK];
    flatten_block(planes + block, planes + stride / 2 + block, numbers);
    for (size_t i = 0; i < 2 * PLANE_BLOCK; i++) {
      int32_t number = numbers[i] == -128 ? 0 : numbers[i];  // padding has planes of zeros
      squares += (uint32_t)(number * number);
      sum += (uint32_t)(number < 0 ? -number : number);
    }
  }
  sketch_factors factors = {sum > 0 ? scale * (float)squares / (float)sum : 0, offset};
  memset(sketch, 0, martlet_sketch_bytes(stride));
  sketch_signs(planes, stride, sketch);
  memcpy(sketch + stride / 8, &factors, sizeof factors);
}

INLINE const uint8_t *sketch_of(const martlet_graph *graph, uint32_t node) {
  return graph->sketches + (size_t)node * martlet_sketch_bytes(graph->stride);
}

// At least how far a node is from the query, as a rule: its distance by the sketch, less `doubt` times its factor.
INLINE float least_distance(const martlet_graph *graph, prepared_query query, float doubt, uint32_t node) {
  const uint8_t *sketch = sketch_of(graph, node);
  sketch_factors factors;
  memcpy(&factors, sketch + graph->stride / 8, sizeof factors);
  float product = (float)(2 * sum_of_positive(query.code, sketch, graph->stride) - query.sum);
  return query.base + factors.offset - factors.factor * (query.factor * product + doubt);
}
