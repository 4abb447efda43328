// What the attention of every form shares: where a page keeps a head's keys and values, and which positions a query
// sees.
#pragma once

#include "Kernels.h"

enum { MARTLET_TILE_POSITIONS = 16 };  // positions whose keys lie side by side

typedef struct martlet_positions {
  size_t begin, end;
} martlet_positions;

static inline size_t martlet_group(const martlet_attention *a) { return a->query_heads / a->kv_heads; }

// The positions that query t sees.
static inline martlet_positions martlet_visible(const martlet_attention *a, size_t t) {
  size_t position = a->first_position + t;
  size_t end = a->causal && position + 1 < a->length ? position + 1 : a->length;
  size_t begin = a->window != 0 && position + 1 > a->window ? position + 1 - a->window : 0;
  return (martlet_positions){begin < end ? begin : end, end};
}

// Elements before the keys (or values) of a head in its page.
static inline size_t martlet_keys_offset(size_t kv_head, size_t dim) {
  return kv_head * 2 * MARTLET_PAGE_POSITIONS * dim;
}
static inline size_t martlet_values_offset(size_t kv_head, size_t dim) {
  return (kv_head * 2 + 1) * MARTLET_PAGE_POSITIONS * dim;
}

// Where element d of a position's key lies, counted from the head's keys.
static inline size_t martlet_key_index(size_t position_in_page, size_t dim, size_t d) {
  return (position_in_page / MARTLET_TILE_POSITIONS * dim + d) * MARTLET_TILE_POSITIONS +
         position_in_page % MARTLET_TILE_POSITIONS;
}
