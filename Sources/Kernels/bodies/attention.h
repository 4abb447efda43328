// Attention, written once for every vector form, after Dao et al., "FlashAttention" (2022): a tile of query rows
// takes the pages in turn, with a running maximum and sum in place of a second pass over the scores (Milakov and
// Gimelshein, "Online normalizer calculation for softmax", 2018).
//
// The rows of a tile are (token, query head) pairs that share one key/value head, so that each key and each value is
// loaded once for all of them. Scores are kept times log2 e, so that the softmax is in powers of two.
#pragma once

#include <math.h>

#include "../attention.h"
#include "exponential.h"
#include "tile.h"

enum { LARGEST_DIM = 256, SCORE_VECTORS = MARTLET_PAGE_POSITIONS / VF_WIDTH };

// The score of a position that a row does not see. Finite, so that a row which has seen nothing yet stays a number;
// what it gathered then is scaled to nothing as soon as it sees something.
#define UNSEEN (-1e30f)
#define LOG2_E 1.44269504f

typedef struct attention_tile {
  size_t rows;
  bool is_alone;  // no other tile reads the same pages, so that they come from memory
  martlet_positions visible[TILE_TOKENS];
  // For each row: the largest score so far and before this page, the sum of weights so far and in this page, and by
  // what the past is scaled to fit the new maximum. Sixteen, to be taken by whole vectors.
  float maxima[16], earlier_maxima[16], sums[16], page_sums[16], corrections[16];
  _Alignas(64) float queries[TILE_TOKENS * LARGEST_DIM];
  _Alignas(64) float scores[TILE_TOKENS * MARTLET_PAGE_POSITIONS];
  _Alignas(64) float output[TILE_TOKENS * LARGEST_DIM];
} attention_tile;

// sums = (or, with `adds`, sums * corrections +) the products; one vector's worth of `vectors` for each row.
INLINE void attention_products(weight_kind kind, size_t vectors, size_t rows, weight_panels weights, tile_values x,
                               const float *corrections, float *y, size_t y_stride) {
  vf sums[4 * 12];
  UNROLL for (size_t t = 0; t < rows; t++) {
    vf factor = corrections != NULL ? vf_set(corrections[t]) : vf_zero();
    UNROLL for (size_t v = 0; v < vectors; v++) sums[t * vectors + v] =
        corrections != NULL ? vf_mul(vf_load(y + t * y_stride + v * VF_WIDTH), factor) : vf_zero();
  }
  add_products(kind, vectors, rows, weights, x, sums);
  UNROLL for (size_t t = 0; t < rows; t++) UNROLL for (size_t v = 0; v < vectors; v++)
    vf_store(y + t * y_stride + v * VF_WIDTH, sums[t * vectors + v]);
}

#define ATTENTION_CASE(n)                                                                                           \
  case n:                                                                                                           \
    attention_products(kind, vectors, n, weights, x, corrections, y, y_stride);                                     \
    break;

// `vectors` vectors of positions (or of an output's elements) for all rows of a tile.
INLINE void attention_strip(weight_kind kind, size_t vectors, size_t rows, weight_panels weights, tile_values x,
                            const float *corrections, float *y, size_t y_stride) {
  switch (rows) {
    ATTENTION_CASE(1) ATTENTION_CASE(2) ATTENTION_CASE(3) ATTENTION_CASE(4) ATTENTION_CASE(5) ATTENTION_CASE(6)
#if TILE_TOKENS > 6
    ATTENTION_CASE(7) ATTENTION_CASE(8) ATTENTION_CASE(9) ATTENTION_CASE(10) ATTENTION_CASE(11) ATTENTION_CASE(12)
#endif
  }
}

// Asks for memory that is needed soon: a tile alone spends less time on a page than its bytes take to come.
INLINE void fetch_ahead(const attention_tile *tile, const char *start, size_t bytes) {
  if (!tile->is_alone || start == NULL) return;
  for (size_t i = 0; i < bytes; i += 64) __builtin_prefetch(start + i);
}

// Scores of a page's first `positions` positions, in tiles of 16. Meanwhile the values of these positions are fetched.
INLINE void page_scores(weight_kind kind, attention_tile *tile, const char *keys, const char *values, size_t dim,
                        size_t positions) {
  size_t element = element_bytes(kind), width = TILE_VECTORS / PANEL_VECTORS * MARTLET_TILE_POSITIONS;
  tile_values queries = {tile->queries, dim, dim};
  for (size_t p = 0, step; p < positions; p += step) {
    bool is_wide = positions - p > width - MARTLET_TILE_POSITIONS;
    step = is_wide ? width : MARTLET_TILE_POSITIONS;
    fetch_ahead(tile, values + p * dim * element, step * dim * element);
    weight_panels weights = {keys + p * dim * element, MARTLET_TILE_POSITIONS, dim * MARTLET_TILE_POSITIONS};
    float *scores = tile->scores + p;
    if (is_wide)
      attention_strip(kind, TILE_VECTORS, tile->rows, weights, queries, NULL, scores, MARTLET_PAGE_POSITIONS);
    else
      attention_strip(kind, PANEL_VECTORS, tile->rows, weights, queries, NULL, scores, MARTLET_PAGE_POSITIONS);
  }
}

// Turns one row's scores into weights against the new maximum. Positions outside begin..<end of the page get the
// weight 0.
INLINE void row_softmax(attention_tile *tile, size_t row, size_t begin, size_t end) {
  float *scores = tile->scores + row * MARTLET_PAGE_POSITIONS;
  vf unseen = vf_set(UNSEEN), largest = unseen, kept[SCORE_VECTORS];
  UNROLL for (size_t v = 0; v < SCORE_VECTORS; v++) {
    size_t first = v * VF_WIDTH;
    vf score = vf_load(scores + first);
    if (begin > first) score = vf_first(begin - first < VF_WIDTH ? begin - first : VF_WIDTH, unseen, score);
    if (end < first + VF_WIDTH) score = vf_first(end > first ? end - first : 0, score, unseen);
    kept[v] = score;
    largest = vf_max(score, largest);
  }
  float here = vf_largest(largest), maximum = here > tile->maxima[row] ? here : tile->maxima[row];
  vf shift = vf_set(maximum), sum = vf_zero();
  UNROLL for (size_t v = 0; v < SCORE_VECTORS; v++) {
    vf weight = vf_exp2(vf_sub(kept[v], shift));
    sum = vf_add(sum, weight);
    vf_store(scores + v * VF_WIDTH, weight);
  }
  tile->maxima[row] = maximum;
  tile->page_sums[row] = vf_sum(sum);
}

// Scales every row's past to its new maximum.
INLINE void correct_sums(attention_tile *tile) {
  for (size_t row = 0; row < tile->rows; row += VF_WIDTH) {
    vf maxima = vf_load(tile->maxima + row);
    vf correction = vf_exp2(vf_sub(vf_load(tile->earlier_maxima + row), maxima));
    vf_store(tile->earlier_maxima + row, maxima);
    vf_store(tile->corrections + row, correction);
    vf_store(tile->sums + row, vf_fma(vf_load(tile->sums + row), correction, vf_load(tile->page_sums + row)));
  }
}

// Adds the values of the page's positions begin..<end, weighted, to the output. Meanwhile the keys of the next page, if
// there is one, are fetched.
INLINE void page_values(weight_kind kind, attention_tile *tile, const char *values, const char *next_keys, size_t dim,
                        size_t begin, size_t end) {
  size_t element = element_bytes(kind), width = TILE_VECTORS * VF_WIDTH;
  tile_values weights = {tile->scores + begin, MARTLET_PAGE_POSITIONS, end - begin};
  for (size_t d = 0, step; d < dim; d += step) {
    bool is_wide = dim - d >= width;
    step = is_wide ? width : MARTLET_PANEL_ROWS;
    size_t ahead = MARTLET_PAGE_POSITIONS * element;
    fetch_ahead(tile, next_keys != NULL ? next_keys + d * ahead : NULL, step * ahead);
    weight_panels panels = {values + (begin * dim + d) * element, dim, MARTLET_PANEL_ROWS};
    float *output = tile->output + d;
    if (is_wide)
      attention_strip(kind, TILE_VECTORS, tile->rows, panels, weights, tile->corrections, output, dim);
    else
      attention_strip(kind, PANEL_VECTORS, tile->rows, panels, weights, tile->corrections, output, dim);
  }
}

INLINE size_t clamp(size_t value, size_t low, size_t high) { return value < low ? low : value > high ? high : value; }

// Takes a tile through all pages that any of its rows sees.
INLINE void attend_tile(weight_kind kind, const martlet_attention *a, size_t kv_head, attention_tile *tile) {
  size_t element = element_bytes(kind), dim = a->dim;
  size_t begin = tile->visible[0].begin, end = tile->visible[0].end;
  for (size_t row = 0; row < tile->rows; row++) {
    if (tile->visible[row].begin < begin) begin = tile->visible[row].begin;
    if (tile->visible[row].end > end) end = tile->visible[row].end;
  }
  for (size_t row = 0; row < 16; row++) {
    tile->maxima[row] = tile->earlier_maxima[row] = UNSEEN;
    tile->sums[row] = tile->page_sums[row] = 0;
  }
  for (size_t d = 0; d < tile->rows * dim; d += VF_WIDTH) vf_store(tile->output + d, vf_zero());
  for (size_t page = begin / MARTLET_PAGE_POSITIONS; page * MARTLET_PAGE_POSITIONS < end; page++) {
    size_t start = page * MARTLET_PAGE_POSITIONS, stop = start + MARTLET_PAGE_POSITIONS;
    size_t from = clamp(begin, start, stop) - start, to = clamp(end, start, stop) - start;
    size_t keys = martlet_keys_offset(kv_head, dim) * element, values = martlet_values_offset(kv_head, dim) * element;
    const char *base = a->pages[page], *next = stop < end ? (const char *)a->pages[page + 1] + keys : NULL;
    page_scores(kind, tile, base + keys, base + values, dim, to);
    for (size_t row = 0; row < tile->rows; row++) {
      martlet_positions seen = tile->visible[row];
      row_softmax(tile, row, clamp(seen.begin, start, stop) - start, clamp(seen.end, start, stop) - start);
    }
    correct_sums(tile);
    page_values(kind, tile, base + values, next, dim, from, to);
  }
}

// Copies a row's query into the tile, scaled.
INLINE void take_query(attention_tile *tile, size_t row, const martlet_attention *a, const float *query) {
  vf factor = vf_set(a->scale * LOG2_E);
  for (size_t d = 0; d < a->dim; d += VF_WIDTH)
    vf_store(tile->queries + row * a->dim + d, vf_mul(vf_load(query + d), factor));
}

INLINE void run_tile(const martlet_attention *a, size_t kv_head, attention_tile *tile) {
  if (a->type == MARTLET_CACHE_F32)
    attend_tile(FLOAT_WEIGHTS, a, kv_head, tile);
  else
    attend_tile(HALF_WEIGHTS, a, kv_head, tile);
}

TARGET void FORM(attend)(const martlet_attention *a, size_t kv_head, size_t first, size_t last) {
  size_t group = martlet_group(a), rows = (last - first) * group, tiles = (rows + TILE_TOKENS - 1) / TILE_TOKENS;
  attention_tile tile;
  tile.is_alone = tiles == 1;
  size_t row = 0;
  for (size_t i = 0; i < tiles; i++) {
    tile.rows = rows / tiles + (i < rows % tiles);
    for (size_t r = 0; r < tile.rows; r++) {
      size_t t = first + (row + r) / group, head = kv_head * group + (row + r) % group;
      tile.visible[r] = martlet_visible(a, t);
      take_query(&tile, r, a, a->queries + t * a->query_stride + head * a->dim);
    }
    run_tile(a, kv_head, &tile);
    for (size_t r = 0; r < tile.rows; r++) {
      size_t t = first + (row + r) / group, head = kv_head * group + (row + r) % group;
      float factor = tile.visible[r].begin < tile.visible[r].end ? 1 / tile.sums[r] : 0;
      FORM(scale)(tile.output + r * a->dim, factor, a->output + t * a->output_stride + head * a->dim, a->dim);
      if (a->log_sums != NULL) a->log_sums[t * a->query_heads + head] = tile.maxima[r] / LOG2_E + logf(tile.sums[r]);
    }
    row += tile.rows;
  }
}

TARGET void FORM(attend_part)(const martlet_attention *a, size_t kv_head, size_t begin, size_t end, float *partial) {
  size_t group = martlet_group(a), size = a->dim + 2;
  martlet_positions visible = martlet_visible(a, 0);
  visible.begin = clamp(visible.begin, begin, end);
  visible.end = clamp(visible.end, visible.begin, end);
  attention_tile tile;
  tile.is_alone = true;
  for (size_t row = 0; row < group; row += tile.rows) {
    tile.rows = group - row < TILE_TOKENS ? group - row : TILE_TOKENS;
    for (size_t r = 0; r < tile.rows; r++) {
      tile.visible[r] = visible;
      take_query(&tile, r, a, a->queries + (kv_head * group + row + r) * a->dim);
    }
    run_tile(a, kv_head, &tile);
    for (size_t r = 0; r < tile.rows; r++) {
      float *part = partial + (row + r) * size;
      FORM(scale)(tile.output + r * a->dim, 1, part, a->dim);
      part[a->dim] = tile.sums[r] > 0 ? tile.maxima[r] / LOG2_E : -INFINITY;
      part[a->dim + 1] = tile.sums[r];
    }
  }
}

TARGET void FORM(attend_join)(const martlet_attention *a, size_t kv_head, const float *partials, size_t count) {
  size_t group = martlet_group(a), size = a->dim + 2;
  for (size_t i = 0; i < group; i++) {
    const float *parts = partials + i * size;
    float *output = a->output + (kv_head * group + i) * a->dim, maximum = -INFINITY, sum = 0;
    for (size_t p = 0; p < count; p++) maximum = fmaxf(maximum, parts[p * group * size + a->dim]);
    for (size_t d = 0; d < a->dim; d += VF_WIDTH) vf_store(output + d, vf_zero());
    for (size_t p = 0; p < count; p++) {
      const float *part = parts + p * group * size;
      if (part[a->dim + 1] == 0) continue;
      float factor = expf(part[a->dim] - maximum);
      vf factors = vf_set(factor);
      sum += factor * part[a->dim + 1];
      for (size_t d = 0; d < a->dim; d += VF_WIDTH)
        vf_store(output + d, vf_fma(vf_load(part + d), factors, vf_load(output + d)));
    }
    FORM(scale)(output, sum != 0 ? 1 / sum : 0, output, a->dim);
  }
}

// One head's keys of sixteen positions: as many rows are turned into columns as a vector has places.
INLINE void store_key_tile(martlet_cache_type type, void *page, size_t offset, size_t dim, const float *keys,
                           size_t stride) {
  for (size_t p = 0; p < MARTLET_TILE_POSITIONS; p += VF_WIDTH) {
    for (size_t d = 0; d < dim; d += VF_WIDTH) {
      vf rows[VF_WIDTH];
      UNROLL for (size_t i = 0; i < VF_WIDTH; i++) rows[i] = vf_load(keys + (p + i) * stride + d);
      vf_transpose(rows);
      UNROLL for (size_t i = 0; i < VF_WIDTH; i++) {
        size_t element = offset + (d + i) * MARTLET_TILE_POSITIONS + p;
        if (type == MARTLET_CACHE_F32)
          vf_store((float *)page + element, rows[i]);
        else
          vf_store_half((uint16_t *)page + element, rows[i]);
      }
    }
  }
}

INLINE void store_key(martlet_cache_type type, void *page, size_t offset, size_t dim, const float *key) {
  for (size_t d = 0; d < dim; d += VF_WIDTH) {
    uint16_t halves[VF_WIDTH];
    if (type == MARTLET_CACHE_F16) vf_store_half(halves, vf_load(key + d));
    for (size_t i = 0; i < VF_WIDTH; i++) {
      size_t element = offset + (d + i) * MARTLET_TILE_POSITIONS;
      if (type == MARTLET_CACHE_F32)
        ((float *)page)[element] = key[d + i];
      else
        ((uint16_t *)page)[element] = halves[i];
    }
  }
}

INLINE void store_value(martlet_cache_type type, void *page, size_t offset, size_t dim, const float *value) {
  for (size_t d = 0; d < dim; d += VF_WIDTH) {
    if (type == MARTLET_CACHE_F32)
      vf_store((float *)page + offset + d, vf_load(value + d));
    else
      vf_store_half((uint16_t *)page + offset + d, vf_load(value + d));
  }
}

TARGET void FORM(store_positions)(martlet_cache_type type, void *page, size_t kv_heads, size_t dim, size_t first,
                                  size_t count, const float *keys, const float *values, size_t stride) {
  for (size_t h = 0; h < kv_heads; h++) {
    for (size_t i = 0, step; i < count; i += step) {
      size_t position = first + i, offset = martlet_keys_offset(h, dim) + martlet_key_index(position, dim, 0);
      bool is_tile = position % MARTLET_TILE_POSITIONS == 0 && count - i >= MARTLET_TILE_POSITIONS;
      step = is_tile ? MARTLET_TILE_POSITIONS : 1;
      const float *key = keys + i * stride + h * dim;
      if (is_tile)
        store_key_tile(type, page, offset, dim, key, stride);
      else
        store_key(type, page, offset, dim, key);
    }
    for (size_t i = 0; i < count; i++)
      store_value(type, page, martlet_values_offset(h, dim) + (first + i) * dim, dim, values + i * stride + h * dim);
  }
}

TARGET void FORM(rotate_half)(float *x, const float *cosines, const float *sines, size_t dim) {
  size_t half = dim / 2, i = 0;
  for (; i + VF_WIDTH <= half; i += VF_WIDTH) {
    vf a = vf_load(x + i), b = vf_load(x + half + i), c = vf_load(cosines + i), s = vf_load(sines + i);
    vf_store(x + i, vf_fnma(b, s, vf_mul(a, c)));
    vf_store(x + half + i, vf_fma(a, s, vf_mul(b, c)));
  }
  for (; i < half; i++) {
    float a = x[i], b = x[i + half];
    x[i] = a * cosines[i] - b * sines[i];
    x[i + half] = b * cosines[i] + a * sines[i];
  }
}
