#!/usr/bin/env bash
# Fuzzes for a bounded time what is to be free of bugs: each variant of each target whose expected result is "ok", or
# the given ones. What is found lies in OUT/VARIANT/TARGET as repros; ci/github/regress.sh judges it.
#
# usage: ci/github/fuzz.sh --seconds N --out OUT [--corpus FOLDER] [--targets FOLDER] [TARGET:VARIANT...]
#        --targets      only the targets whose names stand, in quotes, in a source below that folder: yours, none of
#                       Gridlock's own
#        GRIDLOCK_BIN   the folder of `gridlock` and its siblings (default: build/bin)
# Ends with 0 if nothing was found, with 1 if something was, and else as gridlock does.
set -euo pipefail

gridlock=${GRIDLOCK_BIN:-build/bin}/gridlock
seconds='' out='' corpus='' targets=''
wanted=()

usage() {
  sed -n '/^# usage:/,/^# Ends/p' "$0" | sed 's/^# \?//' >&2
  exit 2
}

while (($# > 0)); do
  case "$1" in
    --seconds) seconds=${2:-} && shift ;;
    --out) out=${2:-} && shift ;;
    --corpus) corpus=${2:-} && shift ;;
    --targets) targets=${2:-} && shift ;;
    -*) usage ;;
    *) wanted+=("$1") ;;
  esac
  shift
done
[[ "$seconds" =~ ^[0-9]+$ && -n "$out" ]] || usage

# "TARGET:VARIANT" of all that is to be free of bugs, a line each. The demos are examples of bugs, not code under test,
# unless they are asked for.
free_of_bugs() {
  "$gridlock" targets --json | python3 -c '
import json, pathlib, sys
folder = sys.argv[1]
sources = [path for path in pathlib.Path(folder).rglob("*") if path.is_file()] if folder else []
text = "".join(path.read_text(errors="replace") for path in sources)
for target in json.load(sys.stdin)["targets"]:
    name = target["name"]
    wanted = f"\"{name}\"" in text if folder else not name.startswith("demo-")
    for variant in target["variants"]:
        if wanted and variant["expect"] == "ok":
            print(name + ":" + variant["name"])' "$targets"
}

if ((${#wanted[@]} == 0)); then
  listed=$(free_of_bugs)
  if [[ -z "$listed" ]]; then
    echo "ci/github/fuzz.sh: $gridlock has no target that is named in $targets and has a variant that expects ok;" \
      "was it built with 'build.sh --targets $targets'?" >&2
    exit 2
  fi
  mapfile -t wanted <<<"$listed"
fi
each=$((seconds / ${#wanted[@]}))
((each > 0)) || each=1

found=0
for one in "${wanted[@]}"; do
  target=${one%%:*} variant=${one#*:}
  echo "== $target, variant $variant, $each s"
  options=(--variant "$variant" --seconds "$each" --max-findings 0 --jobs "$(nproc)" --out "$out/$variant")
  # A folder for each target: an input means something else to another one.
  if [[ -n "$corpus" ]]; then options+=(--corpus "$corpus/$target"); fi
  code=0
  "$gridlock" fuzz "$target" "${options[@]}" || code=$?
  if ((code > 1)); then
    echo "ci/github/fuzz.sh: gridlock fuzz $target ended with exit code $code" >&2
    exit "$code"
  fi
  if ((code == 1)); then found=1; fi
done
exit "$found"
