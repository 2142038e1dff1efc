#!/usr/bin/env bash
# Tells in Markdown, on stdout, what ci/github/fuzz.sh has found: what it is, the schedule, and the command that shows
# it again.
#
# usage: ci/github/summary.sh --found FOLDER
set -euo pipefail

readonly repros_max=20

[[ "${1:-}" == --found && -n "${2:-}" && $# == 2 ]] || {
  echo "usage: ci/github/summary.sh --found FOLDER" >&2
  exit 2
}
found=$2

repros=()
if [[ -d "$found" ]]; then mapfile -d '' -t repros < <(find "$found" -name '*.repro' -print0 | sort -z); fi
echo "## Gridlock: ${#repros[@]} found"
# Indented, so that nothing in a finding is Markdown.
for repro in "${repros[@]:0:repros_max}"; do
  variant=${repro#"$found"/}
  variant=${variant%%/*}
  printf '\n    gridlock replay %q --variant %q\n\n' "$repro" "$variant"
  sed 's/^/    /' "$repro"
done
if ((${#repros[@]} > repros_max)); then echo "and $((${#repros[@]} - repros_max)) more"; fi
