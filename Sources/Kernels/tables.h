// How a form's tables of functions are made from their names.
#pragma once

#include "forms.h"

// A product looks at its weights' layout once, here.
#define MATMUL_BY_LAYOUT(form)                                                                                      \
  static void form##_matmul(martlet_layout layout, const void *panels, size_t rows, const martlet_activations *x,   \
                            const float *bias, float *y, size_t y_stride) {                                         \
    switch ((martlet_layout_kind)layout.kind) {                                                                     \
    case MARTLET_LAYOUT_F32:                                                                                        \
      martlet_##form##_matmul_f32(layout, panels, rows, x, bias, y, y_stride);                                    \
      return;                                                                                                       \
    case MARTLET_LAYOUT_F16:                                                                                        \
      martlet_##form##_matmul_f16(layout, panels, rows, x, bias, y, y_stride);                                    \
      return;                                                                                                       \
    case MARTLET_LAYOUT_BF16:                                                                                       \
      martlet_##form##_matmul_bf16(layout, panels, rows, x, bias, y, y_stride);                                   \
      return;                                                                                                       \
    case MARTLET_LAYOUT_BLOCKS:                                                                                     \
      martlet_##form##_matmul_blocks(layout, panels, rows, x, bias, y, y_stride);                              \
      return;                                                                                                       \
    case MARTLET_LAYOUT_INT8_ROWS:                                                                                  \
      martlet_##form##_matmul_int8_rows(layout, panels, rows, x, bias, y, y_stride);                           \
      return;                                                                                                       \
    }                                                                                                               \
  }

#define QUANTIZED_KERNELS(form)                                                                                     \
  .pack_panel = martlet_portable_pack_panel, .unpack_row = martlet_portable_unpack_row,                             \
  .quantize_blocks = martlet_##form##_quantize_blocks, .quantize_row = martlet_##form##_quantize_row

#define FLOAT_KERNELS(form)                                                                                         \
  .gemm = martlet_##form##_gemm, GRADIENT_KERNELS(form),                                                            \
  .store_positions = martlet_##form##_store_positions, .attend = martlet_##form##_attend,                           \
  .attend_part = martlet_##form##_attend_part, .attend_join = martlet_##form##_attend_join,                         \
  .rotate_half = martlet_##form##_rotate_half, .add = martlet_##form##_add, .scale = martlet_##form##_scale,        \
  .multiply = martlet_##form##_multiply, .rms_norm = martlet_##form##_rms_norm,                                     \
  .layer_norm = martlet_##form##_layer_norm, .silu_multiply = martlet_##form##_silu_multiply,                       \
  .gelu = martlet_##form##_gelu, .gelu_tanh = martlet_##form##_gelu_tanh, .softmax = martlet_##form##_softmax,      \
  .log_sum_exp = martlet_##form##_log_sum_exp, .argmax = martlet_##form##_argmax, .dot = martlet_##form##_dot

#define GRADIENT_KERNELS(form)                                                                                      \
  .add_scaled = martlet_##form##_add_scaled, .exponentials = martlet_##form##_exponentials,                         \
  .softmax_backward = martlet_##form##_softmax_backward, .rms_norm_backward = martlet_##form##_rms_norm_backward,   \
  .layer_norm_backward = martlet_##form##_layer_norm_backward,                                                      \
  .silu_multiply_backward = martlet_##form##_silu_multiply_backward,                                                \
  .gelu_backward = martlet_##form##_gelu_backward, .gelu_tanh_backward = martlet_##form##_gelu_tanh_backward

#define GRAPH_KERNELS(form)                                                                                         \
  .dot = martlet_##form##_dot, .scale = martlet_##form##_scale, .dot_many = martlet_##form##_dot_many,              \
  .squared_distance_many = martlet_##form##_squared_distance_many,                                                  \
  .encode_query = martlet_##form##_encode_query, .encode_node = martlet_##form##_encode_node,                       \
  .sketch_node = martlet_##form##_sketch_node,                                                                      \
  .encode_remainders = martlet_##form##_encode_remainders, .decode_node = martlet_##form##_decode_node,             \
  .walk_graph = martlet_##form##_walk_graph,                                                                        \
  .walk_graph_filtered = martlet_##form##_walk_graph_filtered, .insert_node = martlet_##form##_insert_node,         \
  .scan_codes = martlet_##form##_scan_codes

#define FORM_TABLES(FORM, form)                                                                                     \
  MATMUL_BY_LAYOUT(form)                                                                                            \
  static const martlet_arithmetic_kernels form##_arithmetic = {                                                     \
      FORM, #form, QUANTIZED_KERNELS(form), .matmul = form##_matmul, FLOAT_KERNELS(form)};                          \
  static const martlet_graph_kernels form##_graphs = {FORM, #form, GRAPH_KERNELS(form)};
