// What every form of the kernels is called: martlet_<form>_<name>, one function for each member of its tables,
// and one product for each layout.
//
// Each form's folder has a form.h that says how its sources are compiled: FORM(name) gives a function its name,
// TARGET its instruction set, and MARTLET_FORM_COMPILES is defined where the sources can be compiled at all.
#pragma once

#include "Kernels.h"

typedef void martlet_matmul(martlet_layout layout, const void *panels, size_t rows, const martlet_activations *x,
                            const float *bias, float *y, size_t y_stride);

// Products with quantized weights.
#define MARTLET_DECLARE_QUANTIZED(form)                                                                             \
  void martlet_##form##_quantize_blocks(const float *values, size_t columns, int8_t *quantized, float *scales,      \
                                        int16_t *sums, float *totals);                                               \
  void martlet_##form##_quantize_row(const float *values, size_t columns, int8_t *quantized, float *scales,         \
                                     int16_t *sums);                                                                \
  martlet_matmul martlet_##form##_matmul_blocks, martlet_##form##_matmul_int8_rows;

// Products with float weights, attention and vectors.
#define MARTLET_DECLARE_FLOATS(form)                                                                                \
  martlet_matmul martlet_##form##_matmul_f32, martlet_##form##_matmul_f16, martlet_##form##_matmul_bf16;            \
  void martlet_##form##_gemm(const martlet_gemm *product);                                                          \
  void martlet_##form##_store_positions(martlet_cache_type type, void *page, size_t kv_heads, size_t dim,           \
                                        size_t first, size_t count, const float *keys, const float *values,         \
                                        size_t stride);                                                             \
  void martlet_##form##_attend(const martlet_attention *attention, size_t kv_head, size_t first, size_t last);      \
  void martlet_##form##_attend_part(const martlet_attention *attention, size_t kv_head, size_t begin, size_t end,   \
                                    float *partial);                                                                \
  void martlet_##form##_attend_join(const martlet_attention *attention, size_t kv_head, const float *partials,      \
                                    size_t count);                                                                  \
  void martlet_##form##_rotate_half(float *x, const float *cosines, const float *sines, size_t dim);                \
  void martlet_##form##_add(const float *a, const float *b, float *out, size_t n);                                  \
  void martlet_##form##_scale(const float *a, float factor, float *out, size_t n);                                  \
  void martlet_##form##_multiply(const float *a, const float *b, float *out, size_t n);                             \
  void martlet_##form##_rms_norm(const float *x, const float *weight, float epsilon, float *out, size_t n);         \
  void martlet_##form##_layer_norm(const float *x, const float *weight, const float *bias, float epsilon,           \
                                   float *out, size_t n);                                                           \
  void martlet_##form##_silu_multiply(const float *gate, const float *up, float *out, size_t n);                    \
  void martlet_##form##_gelu(const float *x, float *out, size_t n);                                                 \
  void martlet_##form##_gelu_tanh(const float *x, float *out, size_t n);                                            \
  void martlet_##form##_softmax(const float *x, float *out, size_t n);                                              \
  float martlet_##form##_log_sum_exp(const float *x, size_t n);                                                     \
  size_t martlet_##form##_argmax(const float *x, size_t n);                                                         \
  float martlet_##form##_dot(const float *a, const float *b, size_t n);                                             \
  void martlet_##form##_add_scaled(const float *x, float factor, float *out, size_t n);                             \
  void martlet_##form##_exponentials(const float *x, float factor, float shift, float *out, size_t n);              \
  void martlet_##form##_softmax_backward(const float *y, const float *dy, float mean, float *dx, size_t n);         \
  void martlet_##form##_rms_norm_backward(const float *x, const float *weight, const float *dy, float epsilon,      \
                                          float *dx, float *normalized, size_t n);                                  \
  void martlet_##form##_layer_norm_backward(const float *x, const float *weight, const float *dy, float epsilon,    \
                                            float *dx, float *normalized, size_t n);                                \
  void martlet_##form##_silu_multiply_backward(const float *gate, const float *up, const float *dy, float *dgate,   \
                                               float *dup, size_t n);                                               \
  void martlet_##form##_gelu_backward(const float *x, const float *dy, float *dx, size_t n);                        \
  void martlet_##form##_gelu_tanh_backward(const float *x, const float *dy, float *dx, size_t n);                   \
  void martlet_##form##_dot_many(const float *query, const float *vectors, size_t stride, size_t count, size_t n,   \
                                 float *out);                                                                       \
  void martlet_##form##_squared_distance_many(const float *query, const float *vectors, size_t stride,              \
                                              size_t count, size_t n, float *out);

// Codes and graphs.
#define MARTLET_DECLARE_GRAPHS(form)                                                                                \
  float martlet_##form##_encode_query(const float *vector, size_t n, int8_t *code, size_t stride);                  \
  float martlet_##form##_encode_node(const float *vector, size_t n, uint8_t *planes, size_t stride);                \
  void martlet_##form##_sketch_node(const uint8_t *planes, size_t stride, float scale, float offset,                \
                                    uint8_t *sketch);                                                               \
  size_t martlet_##form##_encode_remainders(const float *vector, size_t n, int16_t *remainders);                    \
  void martlet_##form##_decode_node(const uint8_t *planes, size_t stride, float scale, const int16_t *remainders,   \
                                    size_t n, float *vector);                                                       \
  size_t martlet_##form##_walk_graph(const martlet_graph *graph, martlet_code_query query, martlet_reach reach,     \
                                     martlet_walk *walk);                                                           \
  size_t martlet_##form##_walk_graph_filtered(const martlet_graph *graph, martlet_code_query query,                 \
                                              martlet_reach reach, const uint64_t *allowed,                         \
                                              size_t most_comparisons, martlet_walk *walk);                         \
  uint32_t martlet_##form##_insert_node(const martlet_graph *graph, uint32_t node, size_t ef, martlet_walk *walk);  \
  size_t martlet_##form##_scan_codes(const martlet_graph *graph, martlet_code_query query, size_t first,            \
                                     size_t last, const uint64_t *allowed, martlet_neighbor *pool, size_t count,    \
                                     size_t limit);

// Packing is the same for all forms.
void martlet_portable_pack_panel(martlet_file_format format, const void *const rows[16], size_t columns,
                                 martlet_layout layout, void *panel);
void martlet_portable_unpack_row(martlet_layout layout, const void *panel, size_t row, size_t columns, float *out);

MARTLET_DECLARE_QUANTIZED(portable)
MARTLET_DECLARE_FLOATS(portable)
MARTLET_DECLARE_GRAPHS(portable)
MARTLET_DECLARE_QUANTIZED(avx2)
MARTLET_DECLARE_FLOATS(avx2)
MARTLET_DECLARE_GRAPHS(avx2)
MARTLET_DECLARE_QUANTIZED(avx512)
MARTLET_DECLARE_FLOATS(avx512)
MARTLET_DECLARE_GRAPHS(avx512)
MARTLET_DECLARE_QUANTIZED(neon)
MARTLET_DECLARE_FLOATS(neon)
MARTLET_DECLARE_GRAPHS(neon)
