#include "layouts.h"

martlet_layout martlet_layout_of(martlet_file_format format) {
  switch (format) {
    case MARTLET_FILE_F32: return (martlet_layout){MARTLET_LAYOUT_F32, 32, 0, 0};
    case MARTLET_FILE_F16: return (martlet_layout){MARTLET_LAYOUT_F16, 16, 0, 0};
    case MARTLET_FILE_BF16: return (martlet_layout){MARTLET_LAYOUT_BF16, 16, 0, 0};
    case MARTLET_FILE_Q4_0: return (martlet_layout){MARTLET_LAYOUT_BLOCKS, 4, 32, 0};
    case MARTLET_FILE_Q4_1:
    case MARTLET_FILE_Q4_K: return (martlet_layout){MARTLET_LAYOUT_BLOCKS, 4, 32, 1};
    case MARTLET_FILE_Q5_0: return (martlet_layout){MARTLET_LAYOUT_BLOCKS, 5, 32, 0};
    case MARTLET_FILE_Q5_1:
    case MARTLET_FILE_Q5_K: return (martlet_layout){MARTLET_LAYOUT_BLOCKS, 5, 32, 1};
    case MARTLET_FILE_Q6_K: return (martlet_layout){MARTLET_LAYOUT_BLOCKS, 6, 16, 0};
    case MARTLET_FILE_Q2_K: return (martlet_layout){MARTLET_LAYOUT_BLOCKS, 4, 16, 1};
    // A code of IQ4 or MXFP4 is a whole number of eight bits; so is a scale of Q3_K times a value of it.
    case MARTLET_FILE_Q3_K:
    case MARTLET_FILE_IQ4_NL:
    case MARTLET_FILE_IQ4_XS:
    case MARTLET_FILE_MXFP4:
    case MARTLET_FILE_Q8_0: return (martlet_layout){MARTLET_LAYOUT_BLOCKS, 8, 32, 0};
  }
  return (martlet_layout){MARTLET_LAYOUT_F32, 32, 0, 0};
}

martlet_layout martlet_layout_for(martlet_file_format format, const void *rows, size_t blocks) {
  if (format == MARTLET_FILE_MXFP4) {
    for (size_t i = 0; i < blocks; i++) {
      if (martlet_mxfp4_scale((const uint8_t *)rows + i * MARTLET_MXFP4_BYTES).fits_half) continue;
      return (martlet_layout){MARTLET_LAYOUT_F32, 32, 0, 0};
    }
  }
  return martlet_layout_of(format);
}

size_t martlet_panel_bytes(martlet_layout layout, size_t columns) {
  size_t bytes = 0;
  switch (layout.kind) {
    case MARTLET_LAYOUT_F32: bytes = columns * 64; break;
    case MARTLET_LAYOUT_F16: bytes = columns * 32; break;
    case MARTLET_LAYOUT_BF16: bytes = (columns + 1) / 2 * 64; break;
    case MARTLET_LAYOUT_INT8_ROWS: bytes = 64 + (columns + 3) / 4 * 64; break;
    case MARTLET_LAYOUT_BLOCKS: bytes = columns / MARTLET_BLOCK_COLUMNS * martlet_block_of(layout).size; break;
  }
  return (bytes + 63) / 64 * 64;
}
