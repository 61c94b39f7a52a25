#!/bin/sh
# Runs the service behind a real nginx and asks it what clients ask: with deploy/nginx/execution-hooks.conf as it is, and
# with each of the changes that docs/tls.md describes. Needs nginx and curl; `npm run build` comes first.
#
#   npm run build && test/proxy/nginx.sh
set -eu

cd "$(dirname "$0")/../.."
service_port=${SERVICE_PORT:-18080}
nginx_port=${NGINX_PORT:-18443}
dir=$(mktemp -d)
service=
nginx=

stop() {
  # shellcheck disable=SC2086
  for process in $nginx $service; do
    kill -TERM "$process" 2>/dev/null && wait "$process" || true
  done
  nginx=
  service=
}

finish() {
  status=$?
  stop
  if [ "$status" -ne 0 ]; then
    echo "failed; the logs:" >&2
    cat "$dir/service.log" "$dir/nginx.log" >&2
  fi
  rm -rf "$dir"
}
trap finish EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# expect WHAT ACTUAL EXPECTED
expect() {
  [ "$2" = "$3" ] || fail "$1: $2 instead of $3"
  echo "  ok: $1"
}

# start "SETTING=value …" 'sed script' [main.js arguments]: the service with these settings, and nginx with the example
# configuration changed by the script.
start() {
  settings=$1
  changes=$2
  shift 2
  # shellcheck disable=SC2086
  env HOST=127.0.0.1 PORT="$service_port" DATA_DIR="$dir/data" $settings \
    node dist/src/main.js "$@" >"$dir/service.log" 2>&1 &
  service=$!
  until [ -f "$dir/data/demo.json" ] && grep -q 'Execution Hooks, with the demo' "$dir/service.log"; do
    kill -0 "$service" || fail 'the service did not start'
    sleep 0.2
  done
  sed \
    -e "s#127\.0\.0\.1:8080#127.0.0.1:$service_port#" \
    -e "s#:443 ssl#:$nginx_port ssl#" -e "s#listen 443 ssl#listen $nginx_port ssl#" \
    -e 's#hooks\.example\.com;#localhost;#' \
    -e "s#/etc/nginx/tls/hooks\.example\.com#$dir/outside/tls/localhost#" \
    -e "$changes" deploy/nginx/execution-hooks.conf >"$dir/execution-hooks.conf"
  cat >"$dir/nginx.conf" <<CONF
$([ "$(id -u)" -ne 0 ] || echo 'user root;')
pid $dir/nginx.pid;
daemon off;
events {}
http {
  access_log off;
  client_body_temp_path $dir/body;
  proxy_temp_path $dir/proxy;
  fastcgi_temp_path $dir/fastcgi;
  uwsgi_temp_path $dir/uwsgi;
  scgi_temp_path $dir/scgi;
  include $dir/execution-hooks.conf;
}
CONF
  nginx -e "$dir/nginx.log" -c "$dir/nginx.conf" -p "$dir" >>"$dir/nginx.log" 2>&1 &
  nginx=$!
  until curl -s -o "$dir/answer" --cacert "$ca" "https://localhost:$nginx_port/"; do
    kill -0 "$nginx" || fail 'nginx did not start'
    sleep 0.2
  done
}

demo() {
  node -p "JSON.parse(require('fs').readFileSync('$dir/data/demo.json', 'utf8')).$1"
}

# ask METHOD URL [curl arguments]: prints the status; the headers are in $dir/headers, the body in $dir/answer
ask() {
  method=$1
  url=$2
  shift 2
  curl -s --cacert "$ca" -X "$method" -H "Authorization: Bearer $token" -D "$dir/headers" -o "$dir/answer" \
    -w '%{http_code}' "$@" "$url"
}

location() {
  tr -d '\r' <"$dir/headers" | sed -n 's/^[Ll]ocation: //p'
}

# create URL-OF-THE-SERVICE [curl arguments]: makes a hook source and prints the status
create() {
  base=$1
  shift
  name=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
  ask POST "$base/accounts/$account/core/v1/hookSources" -H 'Content-Type: application/json' "$@" \
    --data "{\"type\": \"application/astra-hookSource\", \"version\": \"1.0\", \"name\": \"$name\",
      \"sourceType\": \"script\", \"source\": \"IyEvYmluL3NoCmVjaG8gaGk=\"}"
}

# check BASE PREFIX: the base URL that clients use, and the path of it
check() {
  base=$1
  token=$(demo token)
  account=$(demo accountID)
  app=$(demo appID)
  expect 'a resource is made' "$(create "$base")" 201
  made=$(location)
  expect 'its Location begins with what the client used' "${made%%/accounts/*}" "$base"
  expect 'and leads to it' "$(ask GET "$made" -H 'Content-Type: application/json' --data '{}')" 200
  expect 'so does DELETE, with a body' "$(ask DELETE "$made" --data '{"type": "another"}')" 204
  expect 'what a client says of hosts does not count' \
    "$(create "$base" -H 'X-Forwarded-Host: evil.example' -H 'X-Forwarded-Proto: http' -H 'Forwarded: host=evil.example')" 201
  made=$(location)
  expect 'in Location' "${made%%/accounts/*}" "$base"
  expect 'a list comes whole' "$(ask GET "$base/accounts/$account/core/v1/executionHooks")" 200
  node -e "if (JSON.parse(require('fs').readFileSync('$dir/answer', 'utf8')).items.length < 3) process.exit(1)" ||
    fail 'the list lacks hooks'
  # Longer than what nginx takes by default, in chunks and compressed.
  node -e "
    const list = JSON.parse(require('fs').readFileSync('demo/pods-payroll-east.json', 'utf8'));
    const copies = Array.from({ length: 40 }, (_, n) => list.items.map((pod) => ({ ...pod, metadata: { ...pod.metadata,
      name: n === 0 ? pod.metadata.name : pod.metadata.name + '-' + n, padding: Buffer.alloc(4096).toString('hex') } })));
    process.stdout.write(JSON.stringify({ ...list, items: copies.flat() }));" >"$dir/pods.json"
  expect 'an inventory of megabytes' \
    "$(ask PUT "$base/accounts/$account/k8s/v1/apps/$app/inventory" -H 'Content-Type: application/json' \
      -H 'Transfer-Encoding: chunked' --data-binary "@$dir/pods.json")" 200
  gzip <"$dir/pods.json" >"$dir/pods.json.gz"
  expect 'and compressed' \
    "$(ask PUT "$base/accounts/$account/k8s/v1/apps/$app/inventory" -H 'Content-Type: application/json' \
      -H 'Content-Encoding: gzip' --data-binary "@$dir/pods.json.gz")" 200
  expect 'Swagger UI' "$(ask GET "$base/docs")" 200
  for asset in $(sed -n 's/.*\(src\|href\)="\([^"]*\)".*/\2/p' "$dir/answer"); do
    expect "$asset of it" "$(ask GET "${base%"$2"}$2/${asset#./}")" 200
  done
  expect 'the OpenAPI document' "$(ask GET "$base/openapi.json")" 200
  expect 'whose server is' \
    "$(node -p "JSON.parse(require('fs').readFileSync('$dir/answer', 'utf8')).servers[0].url")" "${2:-/}"
  expect 'no token' "$(curl -s --cacert "$ca" -o "$dir/answer" -w '%{http_code}' "$base/accounts")" 401
}

# The certificate of nginx, for localhost.
outside=$dir/outside node --input-type=module -e "
  const { keptSelfSignedPair } = await import('$PWD/dist/src/tls/self-signed-pair.js');
  await keptSelfSignedPair(process.env.outside);"
ca=$dir/outside/tls/localhost.crt

echo 'As the example is: below /hooks/, which the service knows as BASE_PATH.'
start 'BASE_PATH=/hooks TRUST_PROXY=127.0.0.1' ''
check "https://localhost:$nginx_port/hooks" /hooks
if curl -s -o "$dir/answer" --cacert "$ca" "https://[::1]:$nginx_port/"; then
  check "https://[::1]:$nginx_port/hooks" /hooks
fi
expect 'outside of the prefix is nothing' "$(ask GET "https://localhost:$nginx_port/accounts/$account/k8s/v2/apps")" 404
stop

echo 'nginx strips /hooks/, which the service knows from PUBLIC_URL.'
start "PUBLIC_URL=https://localhost:$nginx_port/hooks" 's#proxy_pass http://execution_hooks;#proxy_pass http://execution_hooks/;#'
check "https://localhost:$nginx_port/hooks" /hooks
stop

echo 'A host of its own, without a prefix.'
start 'TRUST_PROXY=127.0.0.1' 's#location /hooks/ {#location / {#'
check "https://localhost:$nginx_port" ''
stop

echo 'A proxy that the service was not told to trust.'
start '' 's#location /hooks/ {#location / {#'
expect 'a resource is made' "$(create "https://localhost:$nginx_port")" 201
made=$(location)
expect 'with a Location of plain HTTP' "${made%%/accounts/*}" "http://localhost:$nginx_port"
stop

echo 'HTTPS between nginx and the service too.'
verify="proxy_ssl_verify on; proxy_ssl_trusted_certificate $dir/data/tls/localhost.crt; proxy_ssl_name localhost;"
start 'BASE_PATH=/hooks TRUST_PROXY=127.0.0.1' \
  "s#proxy_pass http://execution_hooks;#proxy_pass https://execution_hooks; $verify#" --tls
check "https://localhost:$nginx_port/hooks" /hooks
stop

echo 'All of it works.'
