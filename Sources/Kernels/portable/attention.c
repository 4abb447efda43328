// Attention, one query head at a time, with the softmax kept as a running maximum and sum (Milakov and Gimelshein,
// "Online normalizer calculation for softmax", 2018).
#include <math.h>
#include <string.h>

#include "../attention.h"
#include "form.h"

static void store(martlet_cache_type type, void *page, size_t element, float x) {
  if (type == MARTLET_CACHE_F32)
    ((float *)page)[element] = x;
  else
    ((uint16_t *)page)[element] = martlet_to_half(x);
}

void FORM(store_positions)(martlet_cache_type type, void *page, size_t kv_heads, size_t dim, size_t first, size_t count,
                           const float *keys, const float *values, size_t stride) {
  for (size_t h = 0; h < kv_heads; h++) {
    for (size_t i = 0; i < count; i++) {
      for (size_t d = 0; d < dim; d++) {
        store(type, page, martlet_keys_offset(h, dim) + martlet_key_index(first + i, dim, d),
              keys[i * stride + h * dim + d]);
        store(type, page, martlet_values_offset(h, dim) + (first + i) * dim + d, values[i * stride + h * dim + d]);
      }
    }
  }
}

static float element(martlet_cache_type type, const void *page, size_t index) {
  return type == MARTLET_CACHE_F32 ? ((const float *)page)[index] : martlet_from_half(((const uint16_t *)page)[index]);
}

// The unnormalized output of one query over positions begin..<end, and the maximum and the sum that belong to it.
static void accumulate(const martlet_attention *a, size_t kv_head, const float *query, size_t begin, size_t end,
                       float *output, float *maximum, float *sum) {
  size_t dim = a->dim;
  *maximum = -INFINITY;
  *sum = 0;
  for (size_t d = 0; d < dim; d++) output[d] = 0;
  for (size_t position = begin; position < end; position++) {
    const void *page = a->pages[position / MARTLET_PAGE_POSITIONS];
    size_t in_page = position % MARTLET_PAGE_POSITIONS;
    size_t keys = martlet_keys_offset(kv_head, dim), values = martlet_values_offset(kv_head, dim) + in_page * dim;
    float score = 0;
    for (size_t d = 0; d < dim; d++)
      score += query[d] * element(a->type, page, keys + martlet_key_index(in_page, dim, d));
    score *= a->scale;
    if (score > *maximum) {
      float correction = expf(*maximum - score);
      *sum *= correction;
      for (size_t d = 0; d < dim; d++) output[d] *= correction;
      *maximum = score;
    }
    float weight = expf(score - *maximum);
    *sum += weight;
    for (size_t d = 0; d < dim; d++) output[d] += weight * element(a->type, page, values + d);
  }
}

void FORM(attend)(const martlet_attention *a, size_t kv_head, size_t first, size_t last) {
  size_t group = martlet_group(a);
  for (size_t t = first; t < last; t++) {
    martlet_positions visible = martlet_visible(a, t);
    for (size_t h = kv_head * group; h < (kv_head + 1) * group; h++) {
      float *output = a->output + t * a->output_stride + h * a->dim, maximum, sum;
      const float *query = a->queries + t * a->query_stride + h * a->dim;
      accumulate(a, kv_head, query, visible.begin, visible.end, output, &maximum, &sum);
      if (sum > 0)
        for (size_t d = 0; d < a->dim; d++) output[d] /= sum;
      if (a->log_sums != NULL) a->log_sums[t * a->query_heads + h] = maximum + logf(sum);
    }
  }
}

void FORM(attend_part)(const martlet_attention *a, size_t kv_head, size_t begin, size_t end, float *partial) {
  size_t group = martlet_group(a);
  martlet_positions visible = martlet_visible(a, 0);
  if (begin < visible.begin) begin = visible.begin;
  if (end > visible.end) end = visible.end;
  for (size_t i = 0; i < group; i++) {
    float *part = partial + i * (a->dim + 2);
    const float *query = a->queries + (kv_head * group + i) * a->dim;
    accumulate(a, kv_head, query, begin, end, part, &part[a->dim], &part[a->dim + 1]);
  }
}

void FORM(attend_join)(const martlet_attention *a, size_t kv_head, const float *partials, size_t count) {
  size_t group = martlet_group(a), size = a->dim + 2;
  for (size_t i = 0; i < group; i++) {
    const float *parts = partials + i * size;
    float *output = a->output + (kv_head * group + i) * a->dim, maximum = -INFINITY, sum = 0;
    for (size_t p = 0; p < count; p++) maximum = fmaxf(maximum, parts[p * group * size + a->dim]);
    for (size_t d = 0; d < a->dim; d++) output[d] = 0;
    for (size_t p = 0; p < count; p++) {
      const float *part = parts + p * group * size;
      if (part[a->dim + 1] == 0) continue;
      float weight = expf(part[a->dim] - maximum);
      sum += weight * part[a->dim + 1];
      for (size_t d = 0; d < a->dim; d++) output[d] += weight * part[d];
    }
    if (sum > 0)
      for (size_t d = 0; d < a->dim; d++) output[d] /= sum;
  }
}

void martlet_attention_weights(const martlet_attention *a, size_t head, size_t query, float *out) {
  size_t dim = a->dim, kv_head = head / martlet_group(a);
  martlet_positions visible = martlet_visible(a, query);
  const float *q = a->queries + query * a->query_stride + head * dim;
  float maximum = -INFINITY, sum = 0;
  memset(out, 0, a->length * sizeof(float));
  for (size_t position = visible.begin; position < visible.end; position++) {
    const void *page = a->pages[position / MARTLET_PAGE_POSITIONS];
    size_t in_page = position % MARTLET_PAGE_POSITIONS, keys = martlet_keys_offset(kv_head, dim);
    float score = 0;
    for (size_t d = 0; d < dim; d++) score += q[d] * element(a->type, page, keys + martlet_key_index(in_page, dim, d));
    out[position] = score * a->scale;
    maximum = fmaxf(maximum, out[position]);
  }
  for (size_t position = visible.begin; position < visible.end; position++)
    sum += out[position] = expf(out[position] - maximum);
  for (size_t position = visible.begin; position < visible.end; position++) out[position] /= sum;
}

void FORM(rotate_half)(float *x, const float *cosines, const float *sines, size_t dim) {
  size_t half = dim / 2;
  for (size_t i = 0; i < half; i++) {
    float a = x[i], b = x[i + half];
    x[i] = a * cosines[i] - b * sines[i];
    x[i + half] = b * cosines[i] + a * sines[i];
  }
}
