#include "../neon.h"

#ifdef MARTLET_EMULATED
#include "../../../Sources/Kernels/neon/blocks.c"
#endif
