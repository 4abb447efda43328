#!/usr/bin/env bash
# Builds the documentation of every module of the library with DocC, warnings as errors, from what `swift build` has
# left in .build/debug: check-documentation.sh [SWIFT]
# The pages are in .build/documentation then, an archive for each module.
set -euo pipefail
cd "$(dirname "$0")/.."
swift=${1:-swift} build=.build/debug output=.build/documentation

toolchain=$("$swift" -print-target-info)
fact() { sed -nE "s/.*\"$1\": \"([^\"]+)\".*/\1/p" <<<"$toolchain"; }
tools=$(dirname "$(fact runtimeResourcePath)")/../bin
for tool in docc swift-symbolgraph-extract; do
  if [ ! -x "$tools/$tool" ]; then
    echo "documentation: this Swift has no $tool. Install a toolchain from https://www.swift.org/install/linux/" >&2
    exit 69
  fi
done
if [ ! -e $build/Modules/Martlet.swiftmodule ]; then
  echo "documentation: nothing is built yet. Run: swift build" >&2
  exit 66
fi

# Where the modules find each other, and the libraries in C.
flags=(-target "$(fact triple)" -I $build/Modules -module-cache-path $build/ModuleCache)
for map in $build/*.build/module.modulemap Sources/System/*/module.modulemap; do
  flags+=(-Xcc "-fmodule-map-file=$map")
done
for package in $(sed -nE 's/.*pkgConfig: "([^"]+)".*/\1/p' Package.swift); do
  for folder in $(pkg-config --cflags-only-I "$package"); do flags+=(-I "${folder#-I}"); done
done

document() { # module, further options of docc
  local graphs=$output/$1.symbols name=${1#Martlet}
  name=${name:-Martlet}
  mkdir -p "$graphs"
  "$tools/swift-symbolgraph-extract" -module-name "$1" "${flags[@]}" -minimum-access-level public \
    -emit-extension-block-symbols -output-dir "$graphs" &&
    "$tools/docc" convert "Sources/$name/$name.docc" --warnings-as-errors --ide-console-output \
      --enable-experimental-external-link-support "${@:2}" --additional-symbol-graph-dir "$graphs" \
      --fallback-display-name "$1" --fallback-bundle-identifier "org.martlet.$1" \
      --output-path "$output/$1.doccarchive"
}

check() { # module, further options of docc
  local log=$output/$1.log problems
  document "$@" >"$log" 2>&1 && return
  problems=$(grep -E ': (warning|error): ' "$log" | sort -u || tail -n 5 "$log")
  printf 'Warnings in %s:\n%s\n' "$1" "${problems//$PWD\//}" | sed '2,$s/^/  /' >&2
  failed=1
}

rm -rf $output
mkdir -p $output
failed=0 others=()
for module in $(sed -n 's/^@_exported import //p' Sources/Martlet/Martlet.swift); do
  check "$module"
  others+=(--dependency "$output/$module.doccarchive")
done
# The page of the umbrella module links to those of all others.
[ $failed -eq 1 ] || check Martlet "${others[@]}"

[ $failed -eq 0 ] || exit 1
echo "The documentation of all modules is in $output."
