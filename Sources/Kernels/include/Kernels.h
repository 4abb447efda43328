// The inner loops of Martlet, in C, each in up to four forms: portable, AVX2 (with FMA and F16C),
// AVX-512 (F, BW, VL, DQ and VNNI; BF16 where the processor has it) and NEON (with dot products).
//
// Each form has two tables of function pointers: one for the arithmetic of models, one for vector search.
// `martlet_arithmetic_best()` and `martlet_graphs_best()` give those of the fastest form that this processor runs, or of
// the one that MARTLET_SIMD names; tests take each form in turn and compare it with the portable one.
//
// Conventions. Sizes count elements unless they say bytes. `tokens` rows of activations lie end to end, one token
// after another. No function allocates, and none reads or writes past what its parameters state. A NaN among the
// operands shows in whatever depends on it; argmax alone passes over them.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "Optimizers.h"

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Weights

// Weights live in panels of MARTLET_PANEL_ROWS rows by all columns, so that one vector holds the same columns of
// many rows and a broadcast activation meets them all at once. The last panel of a matrix is padded with zero rows.
enum { MARTLET_PANEL_ROWS = 16, MARTLET_BLOCK_COLUMNS = 32, MARTLET_ROW_GROUP_COLUMNS = 64 };

// What one weight is at run time. A file's formats become one of these; kernels know these alone.
typedef enum martlet_layout_kind {
  MARTLET_LAYOUT_F32 = 0,        // [columns][16 rows] float
  MARTLET_LAYOUT_F16 = 1,        // [columns][16 rows] IEEE half
  MARTLET_LAYOUT_BF16 = 2,       // [columns / 2][16 rows][2] bfloat16; an odd last column is padded with zero
  MARTLET_LAYOUT_BLOCKS = 3,     // blocks of 32 columns, see martlet_layout
  MARTLET_LAYOUT_INT8_ROWS = 4,  // 8 bits with one scale a row: MARTLET_LAYOUT_F32 made small for embedding
} martlet_layout_kind;

// A run-time layout. For MARTLET_LAYOUT_BLOCKS, 32 columns of the panel's 16 rows lie together:
//   scales   [32 / group][16 rows] half                  the scale of each group of columns
//   minima   [32 / group][16 rows] half, if has_minima   added to every value of the group
//   nibbles  [4][16 rows][4] byte, if bits < 8           byte (k, r, j): low nibble column 4k+j, high column 16+4k+j
//   bit 4    [16 rows][4] byte, if bits = 5              bit c of byte (r, j): bit 4 of column 4c+j
//   bits 4-5 [2][16 rows][4] byte, if bits = 6           bits 2f and 2f+1 of byte (h, r, j): column 16h+4f+j
//   bytes    [8][16 rows][4] byte, if bits = 8           byte (c, r, j): column 4c+j
// MARTLET_LAYOUT_INT8_ROWS: scales [16] float, then [columns / 4][16 rows][4] bytes that are 128 too large.
// The stored q is unsigned. A value is scale * q + minimum with minima, else scale * (q - 2^(bits-1)).
typedef struct martlet_layout {
  uint8_t kind;        // martlet_layout_kind
  uint8_t bits;        // 4, 5, 6 or 8
  uint8_t group;       // columns that share a scale: 32 or 16
  uint8_t has_minima;  // 0 or 1
} martlet_layout;

// The formats of files, numbered as in GGUF (ggml/include/ggml.h, enum ggml_type).
typedef enum martlet_file_format {
  MARTLET_FILE_F32 = 0, MARTLET_FILE_F16 = 1, MARTLET_FILE_Q4_0 = 2, MARTLET_FILE_Q4_1 = 3,
  MARTLET_FILE_Q5_0 = 6, MARTLET_FILE_Q5_1 = 7, MARTLET_FILE_Q8_0 = 8, MARTLET_FILE_Q2_K = 10,
  MARTLET_FILE_Q3_K = 11, MARTLET_FILE_Q4_K = 12, MARTLET_FILE_Q5_K = 13, MARTLET_FILE_Q6_K = 14,
  MARTLET_FILE_IQ4_NL = 20, MARTLET_FILE_IQ4_XS = 23, MARTLET_FILE_BF16 = 30, MARTLET_FILE_MXFP4 = 39,
} martlet_file_format;

// The layout that a file format is packed into.
martlet_layout martlet_layout_of(martlet_file_format format);
// The layout for a file's `blocks` blocks: the format's, or MARTLET_LAYOUT_F32 where that one cannot hold their scales.
// Only MXFP4 has such blocks: its scales are powers of two from 2^-127 on, and those of no model that is known to us go
// beyond half precision.
martlet_layout martlet_layout_for(martlet_file_format format, const void *rows, size_t blocks);
// Bytes of one panel; a multiple of 64.
size_t martlet_panel_bytes(martlet_layout layout, size_t columns);

// Rounds a row of `columns` values, whole blocks of `format`, to a file's format, as ggml's reference does. False where
// the format cannot hold them: a block format takes finite values alone, and its scales are halves. (Not a kernel with
// several forms: a model is rounded once.)
bool martlet_encode_row(martlet_file_format format, const float *values, size_t columns, void *out);
// The bytes of a block that martlet_encode_row writes, and its columns; 0 for a format that it does not write.
size_t martlet_encoded_block(martlet_file_format format, size_t *columns);

// MARK: Activations

// Activations of `tokens` tokens, `columns` wide. `values` is always there. For products with quantized weights on
// the fast path the other members hold the same numbers in 8 bits (see quantize_blocks, quantize_row); with
// `quantized` NULL the product is done in float32, exactly as the file's weights say.
typedef struct martlet_activations {
  size_t tokens, columns;
  const float *values;      // [tokens][columns]
  const int8_t *quantized;  // [tokens][columns], in -127...127 (rows: -64...64 in forms whose products add up in 16 bits)
  const float *scales;      // blocks: [tokens][columns / 32]; rows: [tokens][columns / 64, rounded up]
  const int16_t *sums;      // of quantized. blocks: [tokens][columns / 16]; rows: as scales
  const float *totals;      // blocks: [tokens][columns / 32], scale times sum in half precision; rows: NULL
  bool rounds_bfloat16;     // bfloat16 weights may meet values rounded to bfloat16, where the processor multiplies those
} martlet_activations;

// The product of two matrices of float32 in memory: c[i][j] (+)= sum over k of a[i][k] * b[k][j]. Each operand may be read
// the other way round: element (i, k) of a lies at a + i * a_row + k * a_column, and of b one of the strides is 1. Each
// element of c is added up in the order of k, whatever part of c is asked for.
typedef struct martlet_gemm {
  size_t rows, columns, depth;  // i, j and k
  const float *a, *b;
  size_t a_row, a_column, b_row, b_column;
  float *c;
  size_t c_row;
  bool adds;             // to what is there
  bool rounds_bfloat16;  // a and b may be rounded to bfloat16, where the processor multiplies those
} martlet_gemm;

// MARK: Attention

// Keys and values of one sequence in one layer, in pages of MARTLET_PAGE_POSITIONS positions. A page holds, for each
// key/value head in turn, its keys [positions / 16][dim][16 positions] and then its values [positions][dim].
enum { MARTLET_PAGE_POSITIONS = 64 };
typedef enum martlet_cache_type { MARTLET_CACHE_F32 = 0, MARTLET_CACHE_F16 = 1 } martlet_cache_type;
size_t martlet_page_bytes(martlet_cache_type type, size_t kv_heads, size_t dim);

// One attention of `query_heads` heads over `kv_heads` shared ones (grouped-query attention). dim is a multiple of 16
// and at most 256.
typedef struct martlet_attention {
  const void *const *pages;
  martlet_cache_type type;
  size_t query_heads, kv_heads, dim;
  const float *queries;  // head h of query t at queries + t * query_stride + h * dim
  size_t query_stride;
  float *output;         // the same shape with output_stride
  size_t output_stride;
  size_t length;          // positions stored in the pages
  size_t first_position;  // the position of query 0
  bool causal;            // query t sees positions up to first_position + t; otherwise all `length`
  size_t window;          // sees only its last `window` positions, itself included; 0: no limit
  float scale;            // of the scores, usually 1 / sqrt(dim)
  float *log_sums;        // attend writes log(sum of e^score) of query t, head h to [t * query_heads + h]; may be NULL
} martlet_attention;

// The weights of one query in one query head: the softmax of its scores over the positions that it sees, and 0 for the
// others: out[length]. For looking inside; the same code on every processor.
void martlet_attention_weights(const martlet_attention *attention, size_t head, size_t query, float *out);

// MARK: Codes and graphs

// Vectors in 8 bits: number d of a vector is about scale * code[d], with codes in -127...127. A product of two codes is
// exact in every form, so every form finds the same neighbours in the same order.
//
// A node's code, code[d] + 128, lies in two planes: the upper four bits of all numbers, then the lower four. A walk reads
// the upper plane alone, and so half of the memory; what it found is then measured by both (as in LVQ's two levels,
// Aguerrebere et al. 2023, "Similarity search in the blink of an eye with compressed indices"). Byte 64 * b + i of a plane
// holds number 128 * b + i in its lower half and number 128 * b + 64 + i in its upper half.
//
// The distance of a query to a node is base + offset[node] - factor * scale[node] * (product of their codes), where
//   cosine, inner product   base 1, offset 0, factor the query's scale
//   squared Euclidean       base the query's squared length, offset the node's, factor twice the query's scale
// By the upper plane alone, the lower four bits count as the mean of what they may be, 7.5.
typedef struct martlet_code_query {
  const int8_t *code;  // [stride], number by number, zero beyond the dimension
  float factor, base;
} martlet_code_query;

typedef struct martlet_neighbor {
  float distance;
  uint32_t node;
} martlet_neighbor;

enum {
  MARTLET_CODE_ALIGNMENT = 128,  // codes are padded to a multiple of this
  MARTLET_MOST_LINKS = 128,     // of a node
};
#define MARTLET_NO_NODE UINT32_MAX              // ends a node's links
#define MARTLET_MOST_NODES ((uint32_t)1 << 31)  // a bit of a node's number is used while walking

// A graph of neighbours over codes. One layer: what HNSW's upper layers are for, a sample of the nodes does whose codes
// lie together and are simply all compared.
//
// Any number of threads may walk and insert at the same time: links are read and written atomically, and who writes a
// node's links holds its lock. What the pointers lead to stays where it is meanwhile.
// A walk's first look at a node, where codes take several lines of memory: the signs of the code's numbers, set where there is
// no minus, then what to multiply them by, and the node's offset. 0 bytes where a sketch would spare too little.
static inline size_t martlet_sketch_bytes(size_t stride) { return stride < 384 ? 0 : (stride / 8 + 8 + 63) / 64 * 64; }

typedef struct martlet_graph {
  size_t dimension, stride;  // of a code: numbers, and bytes with the padding
  size_t degree;             // links that a node has room for, at most MARTLET_MOST_LINKS
  size_t nodes;              // nodes 0..<nodes may be linked to
  const uint8_t *codes;      // [nodes][2 planes][stride / 2]
  const float *scales;       // [nodes]
  const float *offsets;      // [nodes]; NULL where all are 0
  const uint8_t *sketches;   // [nodes][martlet_sketch_bytes(stride)]; NULL where there are none
  uint32_t *links;           // [nodes][degree]
  const uint8_t *entry_codes;  // [entry_count][stride / 2], copies of upper planes
  const uint32_t *entries;     // [entry_count], the nodes that walks begin at
  size_t entry_count;
  uint32_t *locks;  // [lock_count], a power of two; zero when nobody holds them
  size_t lock_count;
  // [(nodes + 63) / 64] or NULL. Inserting sets the bit of each node to which walks may find no way: the new one, and
  // those that lose a link that led to them.
  uint64_t *doubts;
  bool is_euclidean;
} martlet_graph;

// What one thread needs to walk.
typedef struct martlet_walk {
  uint64_t *visited;         // a bit for each node, all zero between walks
  uint32_t *trail;           // [trail_capacity] the nodes whose bit is set
  size_t trail_capacity;
  martlet_neighbor *pool;      // [ef + 1]
  int8_t *flat_codes;          // [3][stride], for linking
  martlet_neighbor *frontier;  // [frontier_capacity], for filtered walks
  size_t frontier_capacity;
  // MARTLET_NO_NODE, or the node that walk_graph looks for: the walk ends as soon as it meets it, and gives it alone, or
  // nothing where it ends without.
  uint32_t sought;
  size_t comparisons;  // counts up, walk by walk
} martlet_walk;

// How far a walk goes.
//
// It keeps the `ef` nearest nodes in view and follows the links of one after the other, nearest first. It ends when none is
// left, or before: at a node that is farther away than the `enough`-th nearest by more than `slack` times that one's
// distance (Al-Jazzazi et al. 2025, "Distance Adaptive Beam Search for Provably Accurate Graph-Based Nearest Neighbor
// Search", section 3) and by more than distances from upper planes are off as a rule. Where the neighbours stand apart from
// all else a walk ends early, and where many are equally near it goes on.
typedef struct martlet_reach {
  size_t ef;
  size_t enough;
  float slack;    // 0 or more; infinity: until none is left. Of distances that may be negative it has to be
  size_t wanted;  // so many of the nearest are measured by their whole codes, and handed back nearest first
} martlet_reach;

// MARK: Forms

typedef enum martlet_form {
  MARTLET_PORTABLE = 0, MARTLET_AVX2 = 1, MARTLET_AVX512 = 2, MARTLET_NEON = 3,
} martlet_form;

// What models compute with.
typedef struct martlet_arithmetic_kernels {
  martlet_form form;
  const char *name;  // "portable", "avx2", "avx512", "neon"

  // -- Packing and unpacking --
  // Packs up to 16 rows of a file into one panel; rows[r] == NULL is a row of zeros. `columns` is a multiple of the
  // format's block. F32 rows may also be packed as MARTLET_LAYOUT_INT8_ROWS, MXFP4 rows as MARTLET_LAYOUT_F32.
  void (*pack_panel)(martlet_file_format format, const void *const rows[16], size_t columns, martlet_layout layout,
                     void *panel);
  // Row `row` (0...15) of a panel as float32, exactly: out[columns].
  void (*unpack_row)(martlet_layout layout, const void *panel, size_t row, size_t columns, float *out);

  // -- Matrix products --
  // 8-bit activations, rounded to nearest even. For MARTLET_LAYOUT_BLOCKS each 32 columns have a scale, max|x| / 127.
  // For MARTLET_LAYOUT_INT8_ROWS each 64 columns have one, max|x| / 127, or / 64 in the portable and AVX2 forms: weights
  // of eight bits times activations of seven, added in pairs, fit 16 bits, which AVX2 needs. (One scale a token loses too much: a few columns of BERT's
  // states are far larger than the rest. MiniLM's vectors then keep a cosine of 0.9975 to float32's on average, with
  // a scale for 64 columns 0.9985.)
  // Scales and totals are rounded to half precision as llama.cpp's Q8_0 and Q8_1 blocks are (ggml-quants.c), so that
  // greedy continuations are the same; weights with minima for 32 columns meet the totals, others the exact sums. Where not all values
  // are finite numbers, their scale is none either.
  void (*quantize_blocks)(const float *values, size_t columns, int8_t *quantized, float *scales, int16_t *sums,
                          float *totals);
  void (*quantize_row)(const float *values, size_t columns, int8_t *quantized, float *scales, int16_t *sums);
  // y[t * y_stride + r] = bias[r] + sum over c of W[r][c] * x[t][c] for r in 0..<rows, where W are
  // ceil(rows / 16) consecutive panels. bias may be NULL.
  void (*matmul)(martlet_layout layout, const void *panels, size_t rows, const martlet_activations *x,
                 const float *bias, float *y, size_t y_stride);

  void (*gemm)(const martlet_gemm *product);

  // -- Attention --
  // Stores the keys and values of `count` positions of a page, from number `first` on; those of one position,
  // [kv_heads][dim] each, lie `stride` after the one's before.
  void (*store_positions)(martlet_cache_type type, void *page, size_t kv_heads, size_t dim, size_t first, size_t count,
                          const float *keys, const float *values, size_t stride);
  // Attention of queries first...last-1 for all query heads that share `kv_head`.
  void (*attend)(const martlet_attention *attention, size_t kv_head, size_t first, size_t last);
  // For one query (query 0) over positions begin..<end alone, so that a long cache can be shared among threads: for
  // each query head of `kv_head`, partial[(dim + 2) * i]: the unnormalized output [dim], the maximum, the sum.
  void (*attend_part)(const martlet_attention *attention, size_t kv_head, size_t begin, size_t end, float *partial);
  // Joins `count` partials (each [group][dim + 2], end to end) into query 0's output for the heads of `kv_head`.
  void (*attend_join)(const martlet_attention *attention, size_t kv_head, const float *partials, size_t count);
  // Rotates the two halves of one head by the position's angles (RoFormer, in Hugging Face's half-split order):
  // x[i], x[i + dim/2] for i < dim / 2, with cosines and sines [dim / 2].
  void (*rotate_half)(float *x, const float *cosines, const float *sines, size_t dim);

  // -- Vectors --
  void (*add)(const float *a, const float *b, float *out, size_t n);
  void (*scale)(const float *a, float factor, float *out, size_t n);
  void (*multiply)(const float *a, const float *b, float *out, size_t n);
  void (*rms_norm)(const float *x, const float *weight, float epsilon, float *out, size_t n);
  void (*layer_norm)(const float *x, const float *weight, const float *bias, float epsilon, float *out, size_t n);
  void (*silu_multiply)(const float *gate, const float *up, float *out, size_t n);  // silu(gate) * up
  void (*gelu)(const float *x, float *out, size_t n);       // by erf, within 1e-6 of the exact one
  void (*gelu_tanh)(const float *x, float *out, size_t n);  // the tanh approximation
  void (*softmax)(const float *x, float *out, size_t n);
  float (*log_sum_exp)(const float *x, size_t n);
  size_t (*argmax)(const float *x, size_t n);  // the first of equals; 0 where all are NaN
  float (*dot)(const float *a, const float *b, size_t n);

  // -- Gradients: dy is the loss's gradient by an operation's result, dx by its operand --
  void (*add_scaled)(const float *x, float factor, float *out, size_t n);                     // out += factor * x
  void (*exponentials)(const float *x, float factor, float shift, float *out, size_t n);      // e^(factor * x - shift)
  void (*softmax_backward)(const float *y, const float *dy, float mean, float *dx, size_t n);  // y * (dy - mean)
  // `normalized` is what the weight was multiplied by; it may be NULL.
  void (*rms_norm_backward)(const float *x, const float *weight, const float *dy, float epsilon, float *dx,
                            float *normalized, size_t n);
  void (*layer_norm_backward)(const float *x, const float *weight, const float *dy, float epsilon, float *dx,
                              float *normalized, size_t n);
  void (*silu_multiply_backward)(const float *gate, const float *up, const float *dy, float *dgate, float *dup,
                                 size_t n);
  void (*gelu_backward)(const float *x, const float *dy, float *dx, size_t n);
  void (*gelu_tanh_backward)(const float *x, const float *dy, float *dx, size_t n);
} martlet_arithmetic_kernels;

// What vector search computes with.
typedef struct martlet_graph_kernels {
  martlet_form form;
  const char *name;  // as above

  // -- Vectors in full precision --
  float (*dot)(const float *a, const float *b, size_t n);
  void (*scale)(const float *a, float factor, float *out, size_t n);
  // out[i] = dot(query, vectors + i * stride); squared Euclidean distances likewise.
  void (*dot_many)(const float *query, const float *vectors, size_t stride, size_t count, size_t n, float *out);
  void (*squared_distance_many)(const float *query, const float *vectors, size_t stride, size_t count, size_t n,
                                float *out);

  // -- Codes and graphs --
  // Rounds a vector to a code of `stride` numbers, as queries have it, and gives its scale; 0 for a vector of zeros.
  float (*encode_query)(const float *vector, size_t n, int8_t *code, size_t stride);
  // The same code in the `stride` bytes of two planes, as nodes have it.
  float (*encode_node)(const float *vector, size_t n, uint8_t *planes, size_t stride);
  // The sketch of a node with such a code.
  void (*sketch_node)(const uint8_t *planes, size_t stride, float scale, float offset, uint8_t *sketch);
  // What the code leaves of each number, in 65,536ths of its scale. Says how many bits of the numbers are
  // lost in all: of each that is not 0 as many as its exponent is below that of the largest.
  size_t (*encode_remainders)(const float *vector, size_t n, int16_t *remainders);
  // The vector of a node's planes and remainders: each number to within 2^-16 of the scale.
  void (*decode_node)(const uint8_t *planes, size_t stride, float scale, const int16_t *remainders, size_t n,
                      float *vector);
  // The nodes that are nearest to the query, as far as a walk finds them, nearest first, in walk->pool. Says how many.
  size_t (*walk_graph)(const martlet_graph *graph, martlet_code_query query, martlet_reach reach, martlet_walk *walk);
  // The same among the nodes whose bit of `allowed` is set: these alone are kept in view. Gives up with SIZE_MAX after
  // `most_comparisons`, and, with a finite slack, where more than `ef` are too near to be left out: where those allowed
  // are all about equally far, as when the query lies in a cluster of others, the graph does not lead to the nearest.
  size_t (*walk_graph_filtered)(const martlet_graph *graph, martlet_code_query query, martlet_reach reach,
                                const uint64_t *allowed, size_t most_comparisons, martlet_walk *walk);
  // Links a node, whose code is there already, with the nearest of those that are linked (Malkov and Yashunin 2018,
  // algorithms 1 and 4; the slack in how full nodes are pruned is DiskANN's, Subramanya et al. 2019). Where one of those
  // has the very same code, the node is left out, and that one is given back: so that a thousand equal vectors do not
  // fill each other's links. Else MARTLET_NO_NODE.
  uint32_t (*insert_node)(const martlet_graph *graph, uint32_t node, size_t ef, martlet_walk *walk);
  // Compares the query with the nodes first...last-1 (those whose bit of `allowed` is set, if not NULL), and merges the
  // nearest into pool[count], which is sorted and has room for `limit`. Gives the new count.
  size_t (*scan_codes)(const martlet_graph *graph, martlet_code_query query, size_t first, size_t last,
                       const uint64_t *allowed, martlet_neighbor *pool, size_t count, size_t limit);
} martlet_graph_kernels;

// Asks for memory that will be read soon.
static inline void martlet_prefetch(const void *start, size_t bytes) {
  for (size_t at = 0; at < bytes; at += 64) __builtin_prefetch((const char *)start + at, 0, 3);
}

// The tables of a form, or NULL where this processor cannot run it.
const martlet_arithmetic_kernels *martlet_arithmetic_for(martlet_form form);
const martlet_graph_kernels *martlet_graphs_for(martlet_form form);
// Those of the best form here, or of the one that the environment's MARTLET_SIMD names. NULL where MARTLET_SIMD names
// none that this processor can run.
const martlet_arithmetic_kernels *martlet_arithmetic_best(void);
const martlet_graph_kernels *martlet_graphs_best(void);
// Whether bfloat16 dot products are used by the AVX-512 form here.
bool martlet_has_bfloat16_dot(void);

// MARK: Threads

// The processors that this process may run on: fewer than the machine has where an affinity mask says so.
unsigned martlet_available_processors(void);

// Threads that share out numbered chunks of work. The caller's thread works too. Waiting threads spin for some
// microseconds and then sleep. While another program keeps one of our processors busy, the pool works with fewer
// threads (see pool.c), so that nobody waits for a thread that is not running.
typedef struct martlet_pool martlet_pool;
martlet_pool *martlet_pool_create(unsigned threads);  // NULL without memory
void martlet_pool_destroy(martlet_pool *pool);
unsigned martlet_pool_threads(const martlet_pool *pool);
// Calls body(context, chunk) for each chunk in 0..<chunks, in any order, and returns when all are done. Chunks must
// not call martlet_pool_run of the same pool. One caller at a time (others wait).
void martlet_pool_run(martlet_pool *pool, size_t chunks, void (*body)(void *context, size_t chunk), void *context);
// Memory that a job reads from its beginning on: chunk i of the first ones, one for each thread, begins i * share bytes
// behind `start`.
typedef struct {
  const void *start;
  size_t share;
} martlet_stream;
// As martlet_pool_run, for a job whose pace memory sets. The pool notes which stream came after which, and threads that
// wait fetch the beginning of the one that is likely to be next.
void martlet_pool_stream(martlet_pool *pool, martlet_stream stream, size_t chunks,
                         void (*body)(void *context, size_t chunk), void *context);

#ifdef __cplusplus
}
#endif
