#include "form.h"
#ifdef MARTLET_FORM_COMPILES
#include "vector.h"

#define TILE_TOKENS 12
#define TILE_VECTORS 2
#include "../bodies/attention.h"
#endif
