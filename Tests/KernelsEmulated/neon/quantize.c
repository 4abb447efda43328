#include "../neon.h"

#ifdef MARTLET_EMULATED
#include "../../../Sources/Kernels/neon/quantize.c"
#endif
