// Taking rows out of a panel again, value by value.
#include "../layouts.h"
#include "form.h"

static void unpack_blocks(martlet_layout layout, const uint8_t *panel, size_t row, size_t columns, float *out) {
  martlet_block parts = martlet_block_of(layout);
  for (size_t c = 0; c < columns; c++) {
    const uint8_t *block = panel + c / 32 * parts.size;
    size_t group = c % 32 / layout.group * MARTLET_PANEL_ROWS + row;
    int q = martlet_stored(layout, parts, block, row, c % 32);
    float scale = martlet_half_at(block, group);
    out[c] = layout.has_minima ? scale * (float)q + martlet_half_at(block + parts.minima, group)
                               : scale * (float)(q - (1 << (layout.bits - 1)));
  }
}

void FORM(unpack_row)(martlet_layout layout, const void *panel, size_t row, size_t columns, float *out) {
  const uint8_t *bytes = panel;
  if (layout.kind == MARTLET_LAYOUT_BLOCKS) {
    unpack_blocks(layout, bytes, row, columns, out);
    return;
  }
  for (size_t c = 0; c < columns; c++) {
    switch (layout.kind) {
      case MARTLET_LAYOUT_F32: out[c] = ((const float *)panel)[c * 16 + row]; break;
      case MARTLET_LAYOUT_F16: out[c] = martlet_half_at(bytes, c * 16 + row); break;
      case MARTLET_LAYOUT_BF16:
        out[c] = martlet_from_bfloat16(((const uint16_t *)panel)[(c / 2 * 16 + row) * 2 + c % 2]);
        break;
      default:
        out[c] = ((const float *)panel)[row] * (float)(bytes[64 + c / 4 * 64 + row * 4 + c % 4] - 128);
    }
  }
}
