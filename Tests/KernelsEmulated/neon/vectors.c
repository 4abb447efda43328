#include "../neon.h"

#ifdef MARTLET_EMULATED
#include "../../../Sources/Kernels/neon/vectors.c"
#endif
