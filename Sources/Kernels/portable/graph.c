#include "form.h"
#ifdef MARTLET_FORM_COMPILES
#include "codes.h"

#include "../bodies/graph.h"
#endif
