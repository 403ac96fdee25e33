#!/usr/bin/env bash
# What must hold before a change counts: the check `ci / guardrails`. All guards run, whatever another one comes to; ends
# with 1 where one fails.
#   bash ci/guardrails.sh [--root FOLDER]
# In a clone of Mooring: configuration, regression tests, documentation, demonstration. In a repository with desired state
# of its own: the configuration below FOLDER, read by the `mooring` on the path, and whatever guards lie in ci/guardrails.d
# beside this script, each called with FOLDER. FOLDER is data: nothing in it is run.
set -u
home=$(cd "$(dirname "$0")/.." && pwd)
root=$home
if [ "${1:-}" = --root ] && [ -n "${2:-}" ]; then
  root=$(cd "$2" && pwd) || exit 64
elif [ $# -gt 0 ]; then
  echo 'usage: bash ci/guardrails.sh [--root FOLDER]' >&2
  exit 64
fi
results=()
failed=0

guard() {
  local name=$1
  shift
  printf '\n== %s\n' "$name"
  if "$@" </dev/null; then
    results+=("ok    $name")
  else
    results+=("FAIL  $name")
    failed=1
  fi
}

in_clone() {
  cd "$home" && npm "$@"
}

if grep -q '"name": "mooring"' "$home/package.json" 2>/dev/null; then
  guard 'configuration' in_clone run --silent validate
  guard 'regression tests' in_clone test
  guard 'documentation' in_clone run --silent docs:lint
  guard 'demonstration' in_clone run --silent demo
else
  guard 'configuration' mooring validate --root "$root"
  for own in "$home"/ci/guardrails.d/*.sh; do
    [ -f "$own" ] || continue
    guard "$(basename "$own" .sh)" bash "$own" "$root"
  done
fi

printf '\n'
printf '%s\n' "${results[@]}"
exit "$failed"
