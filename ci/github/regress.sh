#!/usr/bin/env bash
# Replays a corpus of repros in every flavour, and beside it what ci/github/fuzz.sh has found, which is to be free of
# bugs. Writes OUT/regress.sarif and OUT/regress.junit.xml; of what was found, OUT/found.sarif.
#
# usage: ci/github/regress.sh --corpus FOLDER --found FOLDER --out OUT
#        GRIDLOCK_BIN   the folder of `gridlock` and its siblings (default: build/bin)
# Stand in the root of the repository: the paths in the reports are told from there.
# Ends with 0 if all repros give what they expect and nothing was found, with 1 if not, and else as gridlock does.
set -euo pipefail

gridlock=${GRIDLOCK_BIN:-build/bin}/gridlock
corpus='' found='' out=''

usage() {
  sed -n '/^# usage:/,/^# Ends/p' "$0" | sed 's/^# \?//' >&2
  exit 2
}

while (($# > 0)); do
  case "$1" in
    --corpus) corpus=${2:-} && shift ;;
    --found) found=${2:-} && shift ;;
    --out) out=${2:-} && shift ;;
    *) usage ;;
  esac
  shift
done
[[ -n "$corpus" && -n "$found" && -n "$out" ]] || usage

# A repro of something new says that its bug is expected. Here it is not: of the variant that was fuzzed, which is the
# name of the folder, "ok" is; of the others nothing.
expect_no_bug() {
  local repro variant copy
  while IFS= read -r -d '' repro; do
    variant=${repro#"$found"/}
    variant=${variant%%/*}
    copy=$out/found/${repro#"$found"/}
    mkdir -p "$(dirname "$copy")"
    awk -v line="expect $variant ok" '/^expect / { next } { print } /^signature / { print line }' "$repro" >"$copy"
  done < <(find "$found" -name '*.repro' -print0)
}

# regress FOLDER NAME: the exit code of `gridlock regress`, as long as it has judged.
regress() {
  local code=0
  "$gridlock" regress "$1" --sarif "$out/$2.sarif" --junit "$out/$2.junit.xml" || code=$?
  if ((code > 1)); then
    echo "ci/github/regress.sh: gridlock regress $1 ended with exit code $code" >&2
    exit "$code"
  fi
  return "$code"
}

mkdir -p "$out/found"
if [[ -d "$found" ]]; then expect_no_bug; fi
failed=0
regress "$corpus" regress || failed=1
regress "$out/found" found || failed=1
exit "$failed"
