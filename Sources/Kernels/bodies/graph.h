// Walking a graph of neighbours, written once for every form. The form gives the product of two codes, code_product(),
// that of one code with four others, code_products(), and what its instructions make too much of it, code_surplus().
#pragma once

#include <math.h>
#include <string.h>

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF  // every form rounds alike
#endif

// The top bit of a node's number in a pool: its links have been followed.
#define FOLLOWED MARTLET_MOST_NODES
enum { ENTRIES_TO_START = 4, CODES_AHEAD = 20, MOST_LINKS = MARTLET_MOST_LINKS, CACHE_LINE = 64 };

INLINE void fetch_code(const martlet_graph *graph, uint32_t node) {
  const char *code = (const char *)(graph->codes + (size_t)node * graph->stride);
  for (size_t line = 0; line < graph->stride; line += CACHE_LINE) __builtin_prefetch(code + line, 0, 3);
}

INLINE float offset_of(const martlet_graph *graph, uint32_t node) {
  return graph->offsets != NULL ? graph->offsets[node] : 0;
}

// A query with what its products with any code have too much.
typedef struct {
  const int8_t *code;
  float factor, base;
  int32_t surplus;
} prepared_query;

INLINE prepared_query prepare(const martlet_graph *graph, martlet_code_query query) {
  return (prepared_query){query.code, query.factor, query.base, code_surplus(query.code, graph->stride)};
}

INLINE float distance_to(const martlet_graph *graph, prepared_query query, uint32_t node) {
  int32_t product = code_product(query.code, query.surplus, graph->codes + (size_t)node * graph->stride, graph->stride);
  return query.base + offset_of(graph, node) - query.factor * graph->scales[node] * (float)product;
}

INLINE void distances_to_four(const martlet_graph *graph, prepared_query query, const uint32_t nodes[4],
                              float distances[4]) {
  const int8_t *codes[4];
  int32_t products[4];
  for (int i = 0; i < 4; i++) codes[i] = graph->codes + (size_t)nodes[i] * graph->stride;
  code_products(query.code, query.surplus, codes, graph->stride, products);
  for (int i = 0; i < 4; i++)
    distances[i] =
        query.base + offset_of(graph, nodes[i]) - query.factor * graph->scales[nodes[i]] * (float)products[i];
}

// A node as a query.
INLINE martlet_code_query query_of(const martlet_graph *graph, uint32_t node) {
  return (martlet_code_query){graph->codes + (size_t)node * graph->stride,
                              graph->is_euclidean ? 2 * graph->scales[node] : graph->scales[node],
                              graph->is_euclidean ? offset_of(graph, node) : 1};
}

// MARK: Codes

TARGET float FORM(encode)(const float *vector, size_t n, int8_t *code, size_t stride) {
  float largest = 0;
  for (size_t i = 0; i < n; i++) largest = fmaxf(largest, fabsf(vector[i]));
  float factor = largest > 0 ? 127 / largest : 0;
  for (size_t i = 0; i < n; i++) code[i] = (int8_t)lrintf(vector[i] * factor);
  memset(code + n, 0, stride - n);
  return largest / 127;
}

// MARK: Pools

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

// MARK: Visits

INLINE bool visit(martlet_walk *walk, size_t *visits, uint32_t node) {
  uint64_t bit = (uint64_t)1 << (node & 63);
  if (walk->visited[node >> 6] & bit) return false;
  walk->visited[node >> 6] |= bit;
  if (*visits < walk->trail_capacity) walk->trail[*visits] = node;
  ++*visits;
  return true;
}

INLINE void forget_visits(const martlet_graph *graph, martlet_walk *walk, size_t visits) {
  if (visits <= walk->trail_capacity) {
    for (size_t i = 0; i < visits; i++) walk->visited[walk->trail[i] >> 6] = 0;
  } else {
    memset(walk->visited, 0, (graph->nodes + 63) / 64 * sizeof(uint64_t));
  }
}

// The nodes linked from `node` that were not visited yet. Says how many.
INLINE size_t unvisited_links(const martlet_graph *graph, uint32_t node, martlet_walk *walk, size_t *visits,
                                    uint32_t found[MOST_LINKS]) {
  const uint32_t *links = graph->links + (size_t)node * graph->degree;
  size_t count = 0;
  for (size_t i = 0; i < graph->degree; i++) {
    uint32_t link = __atomic_load_n(links + i, __ATOMIC_ACQUIRE);
    if (link == MARTLET_NO_NODE) break;
    if (link < graph->nodes && visit(walk, visits, link)) found[count++] = link;
  }
  return count;
}

// Calls EACH(node, distance) with the distances of the query to nodes; codes are asked for some nodes ahead.
#define FOR_EACH_DISTANCE(graph, query, nodes, count, EACH)                                                          \
  do {                                                                                                              \
    for (size_t ahead = 0; ahead < (count) && ahead < CODES_AHEAD; ahead++) fetch_code(graph, (nodes)[ahead]);       \
    size_t next = 0;                                                                                                \
    for (; next + 4 <= (count); next += 4) {                                                                        \
      for (size_t ahead = next + CODES_AHEAD; ahead < next + CODES_AHEAD + 4 && ahead < (count); ahead++)            \
        fetch_code(graph, (nodes)[ahead]);                                                                          \
      float distances[4];                                                                                           \
      distances_to_four(graph, query, (nodes) + next, distances);                                                   \
      for (int lane = 0; lane < 4; lane++) EACH((nodes)[next + lane], distances[lane])                               \
    }                                                                                                               \
    for (; next < (count); next++) EACH((nodes)[next], distance_to(graph, query, (nodes)[next]))                    \
  } while (0)

// MARK: Walking

// The entries nearest to the query, in the pool.
INLINE size_t nearest_entries(const martlet_graph *graph, prepared_query query, size_t limit,
                              martlet_neighbor *pool) {
  size_t count = 0;
  for (size_t first = 0; first < graph->entry_count; first += 4) {
    size_t here = graph->entry_count - first < 4 ? graph->entry_count - first : 4;
    const int8_t *codes[4];
    int32_t products[4];
    for (size_t i = 0; i < 4; i++) codes[i] = graph->entry_codes + (first + (i < here ? i : 0)) * graph->stride;
    code_products(query.code, query.surplus, codes, graph->stride, products);
    for (size_t i = 0; i < here; i++) {
      uint32_t node = graph->entries[first + i];
      float distance = query.base + offset_of(graph, node) - query.factor * graph->scales[node] * (float)products[i];
      offer(pool, &count, limit, distance, node);
    }
  }
  return count;
}

TARGET size_t FORM(walk_graph)(const martlet_graph *graph, martlet_code_query plain, size_t ef, martlet_walk *walk) {
  martlet_neighbor *pool = walk->pool;
  prepared_query query = prepare(graph, plain);
  size_t count = nearest_entries(graph, query, ef < ENTRIES_TO_START ? ef : ENTRIES_TO_START, pool);
  size_t visits = 0;
  for (size_t i = 0; i < count; i++) visit(walk, &visits, pool[i].node);
  for (size_t current = 0; current < count;) {
    if (pool[current].node & FOLLOWED) {
      current++;
      continue;
    }
    uint32_t node = pool[current].node;
    pool[current].node |= FOLLOWED;
    uint32_t found[MOST_LINKS];
    size_t found_count = unvisited_links(graph, node, walk, &visits, found);
    size_t nearest = ef;
#define OFFER(NODE, DISTANCE)                                                                                       \
  {                                                                                                                 \
    size_t place = offer(pool, &count, ef, DISTANCE, NODE);                                                          \
    if (place < nearest) nearest = place;                                                                           \
  }
    FOR_EACH_DISTANCE(graph, query, found, found_count, OFFER);
    // Where a node came in before the current one, the walk goes back to it.
    current = nearest <= current ? nearest : current + 1;
    if (current < count) __builtin_prefetch(graph->links + (size_t)(pool[current].node & ~FOLLOWED) * graph->degree);
  }
  for (size_t i = 0; i < count; i++) pool[i].node &= ~FOLLOWED;
  forget_visits(graph, walk, visits);
  walk->comparisons += visits + graph->entry_count;
  return count;
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

INLINE bool is_allowed(const uint64_t *allowed, uint32_t node) { return allowed[node >> 6] >> (node & 63) & 1; }

TARGET size_t FORM(walk_graph_filtered)(const martlet_graph *graph, martlet_code_query plain, size_t ef,
                                        const uint64_t *allowed, size_t most_comparisons, martlet_walk *walk) {
  martlet_neighbor *pool = walk->pool, *frontier = walk->frontier;
  prepared_query query = prepare(graph, plain);
  if (most_comparisons > walk->frontier_capacity) most_comparisons = walk->frontier_capacity;
  martlet_neighbor start[ENTRIES_TO_START];
  size_t entries = nearest_entries(graph, query, ENTRIES_TO_START, start);
  size_t count = 0, visits = 0, waiting = 0;
  bool gave_up = false;
#define OFFER_ALLOWED(NODE, DISTANCE)                                                                               \
  {                                                                                                                 \
    float distance = DISTANCE;                                                                                      \
    uint32_t this_node = NODE;                                                                                      \
    if (count < ef || distance < pool[count - 1].distance) {                                                         \
      push(frontier, &waiting, (martlet_neighbor){distance, this_node});                                             \
      if (is_allowed(allowed, this_node)) offer(pool, &count, ef, distance, this_node);                              \
    }                                                                                                               \
  }
  for (size_t i = 0; i < entries; i++) {
    visit(walk, &visits, start[i].node);
    OFFER_ALLOWED(start[i].node, start[i].distance)
  }
  while (waiting > 0) {
    martlet_neighbor nearest = pop(frontier, &waiting);
    if (count == ef && nearest.distance > pool[count - 1].distance) break;
    if (visits + graph->degree > most_comparisons) {
      gave_up = true;
      break;
    }
    uint32_t found[MOST_LINKS];
    size_t found_count = unvisited_links(graph, nearest.node, walk, &visits, found);
    FOR_EACH_DISTANCE(graph, query, found, found_count, OFFER_ALLOWED);
  }
  forget_visits(graph, walk, visits);
  walk->comparisons += visits + graph->entry_count;
  return gave_up ? SIZE_MAX : count;
}

TARGET size_t FORM(scan_codes)(const martlet_graph *graph, martlet_code_query plain, size_t first, size_t last,
                               const uint64_t *allowed, martlet_neighbor *pool, size_t count, size_t limit) {
  uint32_t nodes[4 * MOST_LINKS];
  prepared_query query = prepare(graph, plain);
  for (size_t node = first; node < last;) {
    size_t here = 0;
    for (; node < last && here < 4 * MOST_LINKS; node++) {
      if (allowed != NULL) {
        uint64_t rest = allowed[node >> 6] >> (node & 63);
        if (rest == 0) {
          node |= 63;
          continue;
        }
        node += (size_t)__builtin_ctzll(rest);
        if (node >= last) break;
      }
      nodes[here++] = (uint32_t)node;
    }
#define OFFER_SCANNED(NODE, DISTANCE)                                                                               \
  {                                                                                                                 \
    float scanned = DISTANCE;                                                                                       \
    if (count < limit || scanned <= pool[count - 1].distance) offer(pool, &count, limit, scanned, NODE);             \
  }
    FOR_EACH_DISTANCE(graph, query, nodes, here, OFFER_SCANNED);
  }
  return count;
}

// MARK: Linking

INLINE void lock_node(const martlet_graph *graph, uint32_t node) {
  uint32_t *lock = graph->locks + (node & (graph->lock_count - 1));
  while (__atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE) != 0)
    while (__atomic_load_n(lock, __ATOMIC_RELAXED) != 0) {
    }
}

INLINE void unlock_node(const martlet_graph *graph, uint32_t node) {
  __atomic_store_n(graph->locks + (node & (graph->lock_count - 1)), 0, __ATOMIC_RELEASE);
}

// Chooses neighbours out of `candidates`, nearest first, that are not nearer to one chosen than to the node itself
// (Malkov and Yashunin 2018, algorithm 4). Where fewer than `enough` are, the nearest of the others fill up. The chosen
// come to the front of `candidates`, nearest first.
static TARGET size_t choose(const martlet_graph *graph, martlet_neighbor *candidates, size_t count, size_t limit,
                            size_t enough) {
  if (count <= enough) return count;
  size_t chosen = 0, passed = 0;
  martlet_neighbor kept[MOST_LINKS], over[MOST_LINKS];
  for (size_t i = 0; i < count && chosen < limit; i++) {
    martlet_neighbor candidate = candidates[i];
    prepared_query query = prepare(graph, query_of(graph, candidate.node));
    bool is_apart = true;
    for (size_t j = 0; j < chosen && is_apart; j++)
      is_apart = distance_to(graph, query, kept[j].node) > candidate.distance;
    if (is_apart)
      kept[chosen++] = candidate;
    else if (passed < MOST_LINKS)
      over[passed++] = candidate;
  }
  for (size_t i = 0; chosen < enough && i < passed; i++) kept[chosen++] = over[i];
  memcpy(candidates, kept, chosen * sizeof *kept);
  return chosen;
}

static TARGET void link_back(const martlet_graph *graph, uint32_t node, uint32_t to, float distance) {
  uint32_t *links = graph->links + (size_t)node * graph->degree;
  martlet_neighbor candidates[MOST_LINKS + 1];
  lock_node(graph, node);
  size_t count = 0;
  for (; count < graph->degree; count++) {
    uint32_t link = __atomic_load_n(links + count, __ATOMIC_RELAXED);
    if (link == MARTLET_NO_NODE) break;
    if (link == to) {
      unlock_node(graph, node);
      return;
    }
    candidates[count].node = link;
  }
  if (count < graph->degree) {
    __atomic_store_n(links + count, to, __ATOMIC_RELEASE);
    unlock_node(graph, node);
    return;
  }
  // No room: the links are chosen anew, and a few places stay free, so that this is seldom.
  prepared_query query = prepare(graph, query_of(graph, node));
  size_t sorted = 0;
  martlet_neighbor all[MOST_LINKS + 1];
  for (size_t i = 0; i < count; i++) fetch_code(graph, candidates[i].node);
  for (size_t i = 0; i < count; i++)
    offer(all, &sorted, count + 1, distance_to(graph, query, candidates[i].node), candidates[i].node);
  offer(all, &sorted, count + 1, distance, to);
  size_t chosen = choose(graph, all, sorted, graph->degree - graph->degree / 4, graph->degree / 2);
  for (size_t i = 0; i < graph->degree; i++)
    __atomic_store_n(links + i, i < chosen ? all[i].node : MARTLET_NO_NODE, __ATOMIC_RELEASE);
  unlock_node(graph, node);
}

TARGET uint32_t FORM(insert_node)(const martlet_graph *graph, uint32_t node, size_t ef, martlet_walk *walk) {
  martlet_code_query query = query_of(graph, node);
  size_t count = FORM(walk_graph)(graph, query, ef, walk), others = 0;
  martlet_neighbor *pool = walk->pool;
  for (size_t i = 0; i < count; i++) {
    // A node that is linked already, for it is being linked anew, does not become its own neighbour.
    if (pool[i].node == node) continue;
    bool is_same = graph->scales[pool[i].node] == graph->scales[node] &&
                   memcmp(graph->codes + (size_t)pool[i].node * graph->stride, query.code, graph->dimension) == 0;
    if (is_same) return pool[i].node;
    pool[others++] = pool[i];
  }
  size_t chosen = choose(graph, pool, others, graph->degree * 5 / 8, graph->degree * 5 / 16);
  uint32_t *links = graph->links + (size_t)node * graph->degree;
  lock_node(graph, node);
  for (size_t i = 0; i < graph->degree; i++)
    __atomic_store_n(links + i, i < chosen ? pool[i].node : MARTLET_NO_NODE, __ATOMIC_RELEASE);
  unlock_node(graph, node);
  for (size_t i = 0; i < chosen; i++) link_back(graph, pool[i].node, node, pool[i].distance);
  return MARTLET_NO_NODE;
}
