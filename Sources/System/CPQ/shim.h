#pragma once
#include <libpq-fe.h>

// Results hand these out as macros of characters, which Swift does not see.
static inline int martlet_pq_diagnostic_state(void) { return PG_DIAG_SQLSTATE; }
static inline int martlet_pq_diagnostic_primary(void) { return PG_DIAG_MESSAGE_PRIMARY; }
static inline int martlet_pq_diagnostic_detail(void) { return PG_DIAG_MESSAGE_DETAIL; }
