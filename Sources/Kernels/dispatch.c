#include "Kernels.h"

bool martlet_has_bfloat16_dot(void) { return false; }
