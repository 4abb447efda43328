#pragma once
// libxml2's encoding.h pulls in the system's ICU, whose types clash with those of the ICU inside Foundation. Nothing
// that is used here needs them.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED
#include <libxml/HTMLparser.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
