// Stands in until layouts and packing land.
#include "form.h"

__attribute__((weak)) martlet_layout martlet_layout_of(martlet_file_format format) {
  (void)format;
  return (martlet_layout){MARTLET_LAYOUT_F32, 0, 0, 0};
}
__attribute__((weak)) size_t martlet_panel_bytes(martlet_layout layout, size_t columns) {
  (void)layout;
  return columns * 64;
}
__attribute__((weak)) void FORM(pack_panel)(martlet_file_format format, const void *const rows[16], size_t columns, martlet_layout layout,
                      void *panel) {
  (void)format, (void)rows, (void)columns, (void)layout, (void)panel;
}
__attribute__((weak)) void FORM(unpack_row)(martlet_layout layout, const void *panel, size_t row, size_t columns, float *out) {
  (void)layout, (void)panel, (void)row, (void)columns, (void)out;
}
__attribute__((weak)) void FORM(quantize_blocks)(const float *values, size_t columns, int8_t *quantized, float *scales, int16_t *sums) {
  (void)values, (void)columns, (void)quantized, (void)scales, (void)sums;
}
__attribute__((weak)) void FORM(quantize_row)(const float *values, size_t columns, int8_t *quantized, float *scale) {
  (void)values, (void)columns, (void)quantized, (void)scale;
}
__attribute__((weak)) void FORM(matmul_blocks)(martlet_layout layout, const void *panels, size_t rows, const martlet_activations *x,
                         const float *bias, float *y, size_t y_stride) {
  (void)layout, (void)panels, (void)rows, (void)x, (void)bias, (void)y, (void)y_stride;
}
__attribute__((weak)) void FORM(matmul_int8_rows)(martlet_layout layout, const void *panels, size_t rows, const martlet_activations *x,
                            const float *bias, float *y, size_t y_stride) {
  (void)layout, (void)panels, (void)rows, (void)x, (void)bias, (void)y, (void)y_stride;
}
