#!/usr/bin/env bash
# Indexes the sample documents into a store of their own and asks them a question: demo.sh MARTLET
# Says beforehand what `make demo` is going to do: demo.sh --plan
set -euo pipefail
cd "$(dirname "$0")/.."

if [ "$1" = --plan ]; then
  cat <<END
This demo installs the Debian packages that are missing, builds martlet (some
minutes the first time), fetches its models (once, about 700 MB, into the cache
in your home), and asks a question of the documents in Examples/documents.
END
  exit 0
fi

martlet=$1
store=build/demo-store
question="When do swifts come back to the tower, and when do they leave?"
mkdir -p build

printf '\n$ martlet index Examples/documents\n'
"$martlet" index Examples/documents --store "$store"
printf '\n$ martlet ask "%s"\n' "$question"
"$martlet" ask "$question" --store "$store"

cat <<END

The program is $martlet; "make install" copies it to /usr/local/bin.
Three commands to try next:
  $martlet ask --store $store "How often is the ladder inspected?"
  $martlet index ~/Documents
  $martlet chat
END
