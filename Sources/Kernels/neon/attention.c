#include "form.h"
#ifdef MARTLET_FORM_COMPILES
#include "vector.h"

#define TILE_TOKENS 6
#define TILE_VECTORS 4
#include "../bodies/attention.h"
#endif
