// The nearest that a walk has found so far, and those that it has still to follow, written once for every form.
#pragma once

#include "codes.h"

// The top bit of a node's number in a pool: its links have been followed.
#define FOLLOWED MARTLET_MOST_NODES

// Nearer, or as near with a smaller number: a strict order, so that results do not depend on the way to them.
INLINE bool is_before(float distance, uint32_t node, martlet_neighbor other) {
  return distance < other.distance || (distance == other.distance && node < (other.node & ~FOLLOWED));
}

// Puts a neighbour into a sorted pool of at most `limit`. Gives its place, or `limit` where it is too far.
INLINE size_t offer(martlet_neighbor *pool, size_t *count, size_t limit, float distance, uint32_t node) {
  size_t size = *count;
  if (size == limit && !is_before(distance, node, pool[size - 1])) return limit;
  size_t low = 0, high = size;
  while (low < high) {
    size_t middle = (low + high) / 2;
    if (is_before(distance, node, pool[middle]))
      high = middle;
    else
      low = middle + 1;
  }
  size_t moved = (size == limit ? size - 1 : size) - low;
  memmove(pool + low + 1, pool + low, moved * sizeof *pool);
  pool[low] = (martlet_neighbor){distance, node};
  if (size < limit) *count = size + 1;
  return low;
}

// The frontier: a heap with the nearest on top.
INLINE void push(martlet_neighbor *heap, size_t *count, martlet_neighbor neighbor) {
  size_t child = (*count)++;
  while (child > 0 && is_before(neighbor.distance, neighbor.node, heap[(child - 1) / 2])) {
    heap[child] = heap[(child - 1) / 2];
    child = (child - 1) / 2;
  }
  heap[child] = neighbor;
}

INLINE martlet_neighbor pop(martlet_neighbor *heap, size_t *count) {
  martlet_neighbor top = heap[0], last = heap[--*count];
  size_t parent = 0;
  for (size_t child; (child = 2 * parent + 1) < *count; parent = child) {
    if (child + 1 < *count && is_before(heap[child + 1].distance, heap[child + 1].node, heap[child])) child++;
    if (!is_before(heap[child].distance, heap[child].node, last)) break;
    heap[parent] = heap[child];
  }
  heap[parent] = last;
  return top;
}
