#!/usr/bin/env bash
# npm run test:node -- VERSION… [-- WHAT OF THE TESTS]: does what README.md tells a newcomer to do, on other versions of
# Node: `npm run test:node -- 22 24 26`. For each version: a clean clone of what is committed, in a path with a blank;
# `npm ci`, which compiles RE2; `npm start` until it answers; the tests, as `npm test -- WHAT` would run them. Says what it
# saw; fails where one of these does, or where the install warns of an engine that README.md does not name.
#
# Node comes from the npm registry, package node-<platform>-<architecture>: a binary with the headers that RE2 is compiled
# with (their path must have no blank: gyp does not quote it). npm is the one that runs this. Takes some minutes a version.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

versions=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
  versions+=("$1")
  shift
done
[ $# -eq 0 ] || shift
if [ ${#versions[@]} -eq 0 ]; then
  echo 'Which versions of Node? For example: npm run test:node -- 22 24 26' >&2
  exit 64
fi

work=$(mktemp -d)
service=
# shellcheck disable=SC2317 # the trap calls it
clean_up() {
  [ -z "$service" ] || kill -- "-$service" 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
# The embedded PostgreSQL of a start as root runs as another account, which has to get here.
chmod 755 "$work"
npm=$(command -v npm)
package=$(node -p '`node-${process.platform}-${process.arch}`')

# Starts the service on a free port and waits until it answers. Prints its URL.
start_service() {
  DATA_DIR="$work/data $1" PORT=0 setsid npm start >"$work/start.log" 2>&1 &
  service=$!
  until grep -q '"msg":"Listening."' "$work/start.log"; do
    kill -0 "$service" 2>/dev/null || { cat "$work/start.log"; return 1; }
    sleep 1
  done
  node -e '
    const { readFileSync } = require("node:fs");
    const url = /"url":"([^"]+)","msg":"Listening/.exec(readFileSync(process.argv[1], "utf8"))[1];
    fetch(`${url}/readyz`).then((answer) => {
      console.log(`${url}/readyz: ${answer.status}`);
      process.exitCode = answer.ok ? 0 : 1;
    });
  ' "$work/start.log"
}

# To npm and the service alike, as Ctrl-C in a terminal is.
stop_service() {
  kill -TERM -- "-$service"
  wait "$service" || true
  service=
  until grep -q '"msg":"Stopped."' "$work/start.log"; do sleep 1; done
}

# The engines that the install warned of, but for the one that README.md names.
unnamed_engines() {
  sed -n "s/.*EBADENGINE   package: '\(.*\)',/\1/p" "$1" | { if [ "$2" = 20 ]; then grep -v '^re2@' || true; else cat; fi; }
}

try_version() (
  set -euo pipefail
  npm install --silent --no-audit --no-fund --no-save --prefix "$work/node-$1" "$package@$1"
  home="$work/node-$1/node_modules/$package"
  ln -s "$npm" "$home/bin/npm"
  export PATH="$home/bin:$PATH" npm_config_nodedir="$home"
  hash -r
  echo "==> Node $(node --version), npm $(npm --version)"
  git clone --quiet . "$work/clone of $1"
  cd "$work/clone of $1"

  began=$SECONDS
  npm ci --no-audit --no-fund 2>&1 | tee "$work/install.log"
  engines=$(unnamed_engines "$work/install.log" "$1")
  [ -z "$engines" ] || { echo "==> Node $1: the install warns of $engines"; exit 1; }
  echo "==> Node $1: installed in $((SECONDS - began)) s, RE2 $(node -p 'require("re2/package.json").version')"

  began=$SECONDS
  start_service "$1"
  stop_service
  echo "==> Node $1: built, started, answered and stopped in $((SECONDS - began)) s"

  began=$SECONDS
  shift
  npm test -- "$@"
  echo "==> Node ${PWD##*of }: tested in $((SECONDS - began)) s"
)

failed=()
for version in "${versions[@]}"; do
  status=0
  # Not as a condition: bash would go on after a failure within it.
  set +e
  (set -e; try_version "$version" "$@")
  status=$?
  set -e
  [ "$status" = 0 ] || failed+=("$version")
done
if [ ${#failed[@]} -gt 0 ]; then
  echo "==> failed on Node ${failed[*]}"
  exit 1
fi
echo "==> passed on Node ${versions[*]}"
