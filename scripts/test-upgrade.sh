#!/usr/bin/env bash
# npm run test:upgrade [-- PATHS OF TESTS]: the tests of the latest release, by its git tag (v1.2.3), on the schema of this
# tree. During an upgrade the replicas of the previous release serve on the new schema.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tag=$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null || true)
if [ -z "$tag" ]; then
  echo 'No release has a tag yet, so there is nothing to test. From the first tag v… on, this checks that release out,'
  echo 'installs it, and runs its tests on a database that the migrations of this tree have brought up to date.'
  exit 0
fi
newer=$PWD
work=$(mktemp -d)
trap 'git worktree remove --force "$work/release"; rm -rf "$work"' EXIT
git worktree add --quiet --detach "$work/release" "$tag"
cd "$work/release"
npm ci --no-audit --no-fund
# What compares the schema with the release's own entities is bound to differ.
EXECUTION_HOOKS_TEST_NEWER=$newer npm test -- "$@" --testPathIgnorePatterns /migrations/ /architecture/
echo "The tests of $tag pass on the schema of this tree."
