#include "../x86.h"

#ifdef MARTLET_EMULATED
#include "../../../Sources/Kernels/avx2/vectors.c"
#endif
