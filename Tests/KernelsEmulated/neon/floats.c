#include "../neon.h"

#ifdef MARTLET_EMULATED
#include "../../../Sources/Kernels/neon/floats.c"
#endif
