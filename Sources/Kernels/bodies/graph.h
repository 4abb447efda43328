// Walking a graph of neighbours, written once for every form. What the form gives for it is named in codes.h.
#pragma once

#include "codes.h"
#include "pools.h"

// What a product by a sketch is off as a rule, over the query's length and the node's factor. By measurement: recall and
// speed on the vectors of texts and on clustered ones.
#define SKETCH_DOUBT 0.5f
// Two nodes are followed at a time: what the second one leads to is fetched while memory answers for the first one.
enum { ENTRIES_TO_START = 4, NODES_AT_ONCE = 2, CODES_AHEAD = 20, MOST_LINKS = MARTLET_MOST_LINKS };

// MARK: Visits

INLINE bool visit(martlet_walk *walk, size_t *visits, uint32_t node) {
  uint64_t bit = (uint64_t)1 << (node & 63);
  if (walk->visited[node >> 6] & bit) return false;
  walk->visited[node >> 6] |= bit;
  if (*visits < walk->trail_capacity) walk->trail[*visits] = node;
  ++*visits;
  return true;
}

INLINE bool has_met_sought(const martlet_walk *walk) {
  uint32_t node = walk->sought;
  return node != MARTLET_NO_NODE && walk->visited[node >> 6] >> (node & 63) & 1;
}

INLINE void forget_visits(const martlet_graph *graph, martlet_walk *walk, size_t visits) {
  if (visits <= walk->trail_capacity) {
    for (size_t i = 0; i < visits; i++) walk->visited[walk->trail[i] >> 6] = 0;
  } else {
    memset(walk->visited, 0, (graph->nodes + 63) / 64 * sizeof(uint64_t));
  }
}

// The nodes linked from `node` that were not visited yet. Says how many. Their sketches are asked for.
INLINE size_t unvisited_links(const martlet_graph *graph, uint32_t node, martlet_walk *walk, size_t *visits,
                                    uint32_t found[MOST_LINKS]) {
  const uint32_t *links = graph->links + (size_t)node * graph->degree;
  size_t count = 0;
  for (size_t i = 0; i < graph->degree; i++) {
    uint32_t link = __atomic_load_n(links + i, __ATOMIC_ACQUIRE);
    if (link == MARTLET_NO_NODE) break;
    if (link >= graph->nodes || !visit(walk, visits, link)) continue;
    if (graph->sketches != NULL) fetch(sketch_of(graph, link), martlet_sketch_bytes(graph->stride));
    found[count++] = link;
  }
  return count;
}

// Calls EACH(node, distance) with the distances of the query to nodes, by their upper planes or their whole codes
// (BY: estimated or measured); codes are asked for some nodes ahead.
#define FOR_EACH_DISTANCE(BY, graph, query, nodes, count, EACH)                                                      \
  do {                                                                                                              \
    for (size_t ahead = 0; ahead < (count) && ahead < CODES_AHEAD; ahead++) BY##_fetch(graph, (nodes)[ahead]);       \
    size_t next = 0;                                                                                                \
    for (; next + 4 <= (count); next += 4) {                                                                        \
      for (size_t ahead = next + CODES_AHEAD; ahead < next + CODES_AHEAD + 4 && ahead < (count); ahead++)            \
        BY##_fetch(graph, (nodes)[ahead]);                                                                          \
      float distances[4];                                                                                           \
      BY##_distances(graph, query, (nodes) + next, distances);                                                      \
      for (int lane = 0; lane < 4; lane++) EACH((nodes)[next + lane], distances[lane])                               \
    }                                                                                                               \
    for (; next < (count); next++) EACH((nodes)[next], BY##_distance(graph, query, (nodes)[next]))                  \
  } while (0)

// MARK: Walking

// The entries nearest to the query, in the pool.
INLINE size_t nearest_entries(const martlet_graph *graph, prepared_query query, size_t limit,
                              martlet_neighbor *pool) {
  size_t count = 0;
  for (size_t first = 0; first < graph->entry_count; first += 4) {
    size_t here = graph->entry_count - first < 4 ? graph->entry_count - first : 4;
    const uint8_t *planes[4];
    int32_t products[4];
    for (size_t i = 0; i < 4; i++)
      planes[i] = graph->entry_codes + (first + (i < here ? i : 0)) * (graph->stride / 2);
    plane_products(query.code, planes, graph->stride / 2, products);
    for (size_t i = 0; i < here; i++) {
      uint32_t node = graph->entries[first + i];
      offer(pool, &count, limit, estimate(graph, query, node, products[i]), node);
    }
  }
  return count;
}

// Measures a pool by its nodes' whole codes, puts it in order, and keeps the `wanted` nearest.
INLINE size_t measure_pool(const martlet_graph *graph, prepared_query query, martlet_neighbor *pool, size_t count,
                           size_t wanted) {
  for (size_t ahead = 0; ahead < count && ahead < CODES_AHEAD; ahead++) fetch_lower_plane(graph, pool[ahead].node);
  size_t sorted = 0;
  for (size_t first = 0; first < count; first += 4) {
    size_t here = count - first < 4 ? count - first : 4;
    uint32_t nodes[4];
    float distances[4];
    for (size_t i = 0; i < 4; i++) nodes[i] = pool[first + (i < here ? i : 0)].node;
    for (size_t ahead = first + CODES_AHEAD; ahead < first + CODES_AHEAD + 4 && ahead < count; ahead++)
      fetch_lower_plane(graph, pool[ahead].node);
    measured_distances(graph, query, nodes, distances);
    // What is in order takes no more room than what was read.
    for (size_t i = 0; i < here; i++) offer(pool, &sorted, wanted, distances[i], nodes[i]);
  }
  return sorted;
}

// Asks for the links of the next nodes to be followed, from a place of the pool on.
INLINE void fetch_next_links(const martlet_graph *graph, const martlet_neighbor *pool, size_t from, size_t count) {
  for (size_t fetched = 0; from < count && fetched < NODES_AT_ONCE; from++) {
    if (pool[from].node & FOLLOWED) continue;
    fetch(graph->links + (size_t)pool[from].node * graph->degree, graph->degree * sizeof(uint32_t));
    fetched++;
  }
}

// The length of the query's code, times its factor.
INLINE float length_of(const martlet_graph *graph, prepared_query query) {
  uint32_t squares = 0;
  for (size_t i = 0; i < graph->stride; i++) squares += (uint32_t)(query.code[i] * query.code[i]);
  return query.factor * sqrtf((float)squares);
}

// The standard deviation of what the lower four bits, taken as their mean, add to a distance, over the node's scale;
// from the query's length.
INLINE float deviation_by_upper_planes(float length) { return length * sqrtf((16 * 16 - 1) / 12.0f); }

// Nodes that are farther than this are not followed; `last` is the last of those that are enough.
INLINE float farthest_followed(const martlet_graph *graph, martlet_reach reach, float deviation, martlet_neighbor last) {
  return last.distance + reach.slack * last.distance + deviation * graph->scales[last.node & ~FOLLOWED];
}

// Farther than this nothing is of use to a walk: there is no room for it, or it would neither be followed nor wanted.
INLINE float farthest_of_use(const martlet_graph *graph, martlet_reach reach, float deviation,
                             const martlet_neighbor *pool, size_t count) {
  float bound = count == reach.ef ? pool[count - 1].distance : INFINITY;
  size_t needed = reach.enough > reach.wanted ? reach.enough : reach.wanted;
  if (!isfinite(reach.slack) || count < needed) return bound;
  float followed = farthest_followed(graph, reach, deviation, pool[reach.enough - 1]);
  return fminf(bound, fmaxf(followed, pool[needed - 1].distance));
}

// Of the nodes found those that may be of use, by their sketches. Says how many; their upper planes are asked for.
INLINE size_t sift(const martlet_graph *graph, prepared_query query, float doubt, float bound, uint32_t *found,
                   size_t count) {
  if (graph->sketches == NULL || bound == INFINITY) return count;
  size_t left = 0;
  for (size_t i = 0; i < count; i++) {
    if (least_distance(graph, query, doubt, found[i]) > bound) continue;
    estimated_fetch(graph, found[i]);
    found[left++] = found[i];
  }
  return left;
}

// Leaves of a pool the node that was sought, if it is there.
INLINE size_t sought_alone(martlet_neighbor *pool, size_t count, uint32_t sought) {
  for (size_t i = 0; i < count; i++) {
    if (pool[i].node != sought) continue;
    pool[0] = pool[i];
    return 1;
  }
  return 0;
}

TARGET size_t FORM(walk_graph)(const martlet_graph *graph, martlet_code_query plain, martlet_reach reach,
                               martlet_walk *walk) {
  martlet_neighbor *pool = walk->pool;
  prepared_query query = prepare(graph, plain);
  const float length = length_of(graph, query);
  const float deviation = deviation_by_upper_planes(length), doubt = SKETCH_DOUBT * length;
  const size_t ef = reach.ef, enough = isfinite(reach.slack) ? reach.enough : SIZE_MAX;
  size_t count = nearest_entries(graph, query, ef < ENTRIES_TO_START ? ef : ENTRIES_TO_START, pool);
  size_t visits = 0, current = 0;
  for (size_t i = 0; i < count; i++) visit(walk, &visits, pool[i].node);
  while (current < count && !has_met_sought(walk)) {
    uint32_t found[NODES_AT_ONCE * MOST_LINKS];
    size_t found_count = 0, followed = 0, next = current;
    for (; next < count && followed < NODES_AT_ONCE; next++) {
      if (pool[next].node & FOLLOWED) continue;
      if (next >= enough && pool[next].distance > farthest_followed(graph, reach, deviation, pool[enough - 1])) break;
      found_count += unvisited_links(graph, pool[next].node, walk, &visits, found + found_count);
      pool[next].node |= FOLLOWED;
      followed++;
    }
    current = next;
    if (followed == 0) break;
    fetch_next_links(graph, pool, next, count);
    float bound = farthest_of_use(graph, reach, deviation, pool, count);
    found_count = sift(graph, query, doubt, bound, found, found_count);
    size_t nearest = ef;
#define OFFER(NODE, DISTANCE)                                                                                       \
  {                                                                                                                 \
    size_t place = offer(pool, &count, ef, DISTANCE, NODE);                                                          \
    if (place < nearest) nearest = place;                                                                           \
  }
    FOR_EACH_DISTANCE(estimated, graph, query, found, found_count, OFFER);
    // Where a node came in before those that were followed, the walk goes back to it.
    if (nearest < next) {
      current = nearest;
      fetch_next_links(graph, pool, current, count);
    }
  }
  for (size_t i = 0; i < count; i++) pool[i].node &= ~FOLLOWED;
  forget_visits(graph, walk, visits);
  walk->comparisons += visits + graph->entry_count;
  if (walk->sought != MARTLET_NO_NODE) return sought_alone(pool, count, walk->sought);
  // All before `current` were followed. What stands behind it was too far, and fills up where more are wanted.
  size_t measured = current > reach.wanted ? current : reach.wanted;
  return measure_pool(graph, query, pool, measured < count ? measured : count, reach.wanted);
}

INLINE bool is_allowed(const uint64_t *allowed, uint32_t node) { return allowed[node >> 6] >> (node & 63) & 1; }

TARGET size_t FORM(walk_graph_filtered)(const martlet_graph *graph, martlet_code_query plain, martlet_reach reach,
                                        const uint64_t *allowed, size_t most_comparisons, martlet_walk *walk) {
  martlet_neighbor *pool = walk->pool, *frontier = walk->frontier;
  prepared_query query = prepare(graph, plain);
  const float length = length_of(graph, query);
  const float deviation = deviation_by_upper_planes(length), doubt = SKETCH_DOUBT * length;
  const size_t ef = reach.ef, enough = isfinite(reach.slack) ? reach.enough : SIZE_MAX;
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
    if (count >= enough && nearest.distance > farthest_followed(graph, reach, deviation, pool[enough - 1])) break;
    if (count == ef && nearest.distance > pool[count - 1].distance) break;
    if (visits + graph->degree > most_comparisons) {
      gave_up = true;
      break;
    }
    uint32_t found[MOST_LINKS];
    size_t found_count = unvisited_links(graph, nearest.node, walk, &visits, found);
    float bound = farthest_of_use(graph, reach, deviation, pool, count);
    found_count = sift(graph, query, doubt, bound, found, found_count);
    FOR_EACH_DISTANCE(estimated, graph, query, found, found_count, OFFER_ALLOWED);
  }
  // Not all that is as near as the slack asks for had room in view.
  if (count == ef && count > enough && pool[ef - 1].distance <= farthest_followed(graph, reach, deviation, pool[enough - 1]))
    gave_up = true;
  forget_visits(graph, walk, visits);
  walk->comparisons += visits + graph->entry_count;
  return gave_up ? SIZE_MAX : measure_pool(graph, query, pool, count, reach.wanted);
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
    FOR_EACH_DISTANCE(measured, graph, query, nodes, here, OFFER_SCANNED);
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

INLINE void doubt(const martlet_graph *graph, uint32_t node) {
  if (graph->doubts != NULL)
    __atomic_fetch_or(graph->doubts + (node >> 6), (uint64_t)1 << (node & 63), __ATOMIC_RELAXED);
}

INLINE bool is_among(const martlet_neighbor *neighbors, size_t count, uint32_t node) {
  for (size_t i = 0; i < count; i++)
    if (neighbors[i].node == node) return true;
  return false;
}

// Chooses neighbours out of `candidates`, nearest first, that are not nearer to one chosen than to the node itself
// (Malkov and Yashunin 2018, algorithm 4). Where fewer than `enough` are, the nearest of the others fill up. The chosen
// come to the front of `candidates`, nearest first.
static TARGET size_t choose(const martlet_graph *graph, martlet_neighbor *candidates, size_t count, size_t limit,
                            size_t enough, int8_t *flat_code) {
  if (count <= enough) return count;
  size_t chosen = 0, passed = 0;
  martlet_neighbor kept[MOST_LINKS], over[MOST_LINKS];
  for (size_t i = 0; i < count && chosen < limit; i++) {
    martlet_neighbor candidate = candidates[i];
    prepared_query query = prepare(graph, query_of(graph, candidate.node, flat_code));
    bool is_apart = true;
    for (size_t j = 0; j < chosen && is_apart; j++)
      is_apart = measured_distance(graph, query, kept[j].node) > candidate.distance;
    if (is_apart)
      kept[chosen++] = candidate;
    else if (passed < MOST_LINKS)
      over[passed++] = candidate;
  }
  for (size_t i = 0; chosen < enough && i < passed; i++) kept[chosen++] = over[i];
  memcpy(candidates, kept, chosen * sizeof *kept);
  return chosen;
}

static TARGET void link_back(const martlet_graph *graph, uint32_t node, uint32_t to, float distance,
                             int8_t *flat_codes) {
  uint32_t *links = graph->links + (size_t)node * graph->degree;
  uint32_t nodes[MOST_LINKS];
  lock_node(graph, node);
  size_t count = 0;
  for (; count < graph->degree; count++) {
    uint32_t link = __atomic_load_n(links + count, __ATOMIC_RELAXED);
    if (link == MARTLET_NO_NODE) break;
    if (link == to) {
      unlock_node(graph, node);
      return;
    }
    nodes[count] = link;
  }
  if (count < graph->degree) {
    __atomic_store_n(links + count, to, __ATOMIC_RELEASE);
    unlock_node(graph, node);
    return;
  }
  // No room: the links are chosen anew, and a few places stay free, so that this is seldom.
  prepared_query query = prepare(graph, query_of(graph, node, flat_codes));
  size_t sorted = 0;
  martlet_neighbor all[MOST_LINKS + 1];
#define OFFER_LINK(NODE, DISTANCE) offer(all, &sorted, count + 1, DISTANCE, NODE);
  FOR_EACH_DISTANCE(measured, graph, query, nodes, count, OFFER_LINK);
  offer(all, &sorted, count + 1, distance, to);
  size_t chosen = choose(graph, all, sorted, graph->degree - graph->degree / 4, graph->degree / 2,
                         flat_codes + graph->stride);
  for (size_t i = 0; i < count; i++)
    if (!is_among(all, chosen, nodes[i])) doubt(graph, nodes[i]);
  for (size_t i = 0; i < graph->degree; i++)
    __atomic_store_n(links + i, i < chosen ? all[i].node : MARTLET_NO_NODE, __ATOMIC_RELEASE);
  unlock_node(graph, node);
}

TARGET uint32_t FORM(insert_node)(const martlet_graph *graph, uint32_t node, size_t ef, martlet_walk *walk) {
  martlet_code_query query = query_of(graph, node, walk->flat_codes);
  martlet_reach reach = {.ef = ef, .enough = ef, .slack = INFINITY, .wanted = ef};
  size_t count = FORM(walk_graph)(graph, query, reach, walk), others = 0;
  martlet_neighbor *pool = walk->pool;
  for (size_t i = 0; i < count; i++) {
    // A node that is linked already, for it is being linked anew, does not become its own neighbour.
    if (pool[i].node == node) continue;
    bool is_same = graph->scales[pool[i].node] == graph->scales[node] &&
                   memcmp(upper_plane(graph, pool[i].node), upper_plane(graph, node), graph->stride) == 0;
    if (is_same) return pool[i].node;
    pool[others++] = pool[i];
  }
  size_t chosen = choose(graph, pool, others, graph->degree * 5 / 8, graph->degree * 5 / 16, walk->flat_codes);
  uint32_t *links = graph->links + (size_t)node * graph->degree;
  doubt(graph, node);
  lock_node(graph, node);
  for (size_t i = 0; i < graph->degree; i++)
    __atomic_store_n(links + i, i < chosen ? pool[i].node : MARTLET_NO_NODE, __ATOMIC_RELEASE);
  unlock_node(graph, node);
  for (size_t i = 0; i < chosen; i++)
    link_back(graph, pool[i].node, node, pool[i].distance, walk->flat_codes);
  return MARTLET_NO_NODE;
}
