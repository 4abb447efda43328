#!/usr/bin/env bash
# Rules that swift-format does not know. Prints what breaks them and fails.
set -euo pipefail
cd "$(dirname "$0")/.."
failed=0

complain() { # title, lines
  [ -n "$2" ] || return 0
  printf '%s\n%s\n' "$1" "$2" >&2
  failed=1
}

sources=$(git ls-files --cached --others --exclude-standard -- 'Sources/*.swift' 'Sources/*.c' 'Sources/*.h' 'Tests/*.swift')
complain "Files of more than 400 lines; find the two ideas in each:" \
  "$(xargs wc -l <<<"$sources" | awk '$2 != "total" && $1 > 400 { print "  " $2 ": " $1 }')"

complain "Traps and leftovers in Sources:" \
  "$(git grep -nE 'try!|fatalError\(|as! |//.*\b(TODO|FIXME|XXX)\b' -- 'Sources/*.swift' 'Sources/*.c' 'Sources/*.h' || true)"

complain "Only the command line prints:" \
  "$(git grep -nP '^(?!.*(//|\bcase )).*(?<![.\w])(print|debugPrint|dump)\(' -- 'Sources/*.swift' ':!Sources/CommandLine' || true)"

complain "Layers: a library imports the command line:" \
  "$(git grep -nE '^import MartletCommandLine' -- 'Sources/*.swift' || true)"

complain "Large files (over 1 MiB):" \
  "$(git ls-files -z | xargs -0 -r du -k 2>/dev/null | awk '$1 > 1024 { print "  " $2 ": " $1 " KiB" }')"

# What `localizedDescription` says of an error is what the error says.
silent=""
while IFS=: read -r file _ line; do
  name=$(sed -E 's/^public (enum|struct) ([A-Za-z]+):.*/\2/' <<<"$line")
  grep -rqE "^extension $name: LocalizedError" "$(cut -d/ -f1-2 <<<"$file")" || silent+="  $file: $name"$'\n'
done < <(git grep -nE '^public (enum|struct) [A-Za-z]+: .*\bError\b' -- 'Sources/*.swift' || true)
complain "Public errors that are no LocalizedError:" "${silent%$'\n'}"

# Links between the documents: a target that is not there is a lie.
broken=""
while IFS= read -r page; do
  while IFS= read -r target; do
    target=${target%%#*}
    [ -n "$target" ] || continue
    [ -e "$(dirname "$page")/$target" ] || broken+="  $page: $target"$'\n'
  done < <(grep -oE '\]\([^)]+\)' "$page" | sed 's/^](//; s/)$//' | grep -vE '^[a-z]+:' || true)
done < <(git ls-files --cached --others --exclude-standard -- '*.md' ':!Examples' ':!Tests')
complain "Links to files that do not exist:" "${broken%$'\n'}"

# The walk through the house names files; each of them must be there.
missing=""
while IFS= read -r path; do
  [ -e "$path" ] || [ -e "Sources/$path" ] || missing+="  $path"$'\n'
done < <(grep -oE '`[A-Za-z0-9+_.-]+(/[A-Za-z0-9+_.*-]+)+`' docs/architecture.md | tr -d '`' | grep -v '[*]' || true)
complain "Paths in docs/architecture.md that do not exist:" "${missing%$'\n'}"

# The code in a module's documentation is that of a test, which compiles and runs it.
differing=""
while IFS= read -r page; do
  module=$(basename "$page" .md)
  test=Tests/${module}Tests/DocumentationTests.swift
  while IFS= read -r line; do
    sed 's/^ *//' "$test" | grep -qxF -- "$line" || differing+="  $page: $line"$'\n'
  done < <(awk '/^```/ { inside = !inside; next } inside { sub(/^ */, ""); if ($0 != "") print }' "$page")
done < <(git ls-files --cached --others --exclude-standard -- 'Sources/*.docc/*.md')
# The code in doc comments is compiled, too. A comment at the end of a line is the reader's alone.
while IFS= read -r file; do
  test=Tests/$(cut -d/ -f2 <<<"$file")Tests/DocCommentExamples.swift
  while IFS= read -r line; do
    sed 's/^ *//' "$test" 2>/dev/null | grep -qxF -- "$line" || differing+="  $file: $line"$'\n'
  done < <(awk '/^ *\/\/\/ ```/ { inside = $0 ~ /```swift/; next }
    inside { sub(/^ *\/\/\/ */, ""); sub(/  \/\/ .*$/, ""); if ($0 != "") print }' "$file")
done < <(git grep -lE '^ */// ```swift' -- 'Sources/*.swift')
while IFS= read -r line; do
  sed 's/^ *//' Tests/RetrievalTests/DocumentationTests.swift | grep -qxF -- "$line" || differing+="  README.md: $line"$'\n'
done < <(awk '/^```/ { inside = $0 == "```swift"; next } inside { sub(/^ */, ""); if ($0 != "") print }' README.md)
complain "Examples that are not in their module's DocumentationTests.swift or DocCommentExamples.swift:" "${differing%$'\n'}"

exit $failed
