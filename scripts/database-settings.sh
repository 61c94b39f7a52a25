# Sourced by backup.sh and restore.sh: which database they are for, by the settings that the service itself has. Needs
# bash and nothing else, so that it runs in an image of PostgreSQL.

# The service's own statuses: EX_USAGE, EX_CONFIG of sysexits.h.
BAD_USAGE=64
BAD_SETTINGS=78

# fail MESSAGE [STATUS]
fail() {
  echo "$1" >&2
  exit "${2:-1}"
}

# A text without its percent-encoding.
decoded() {
  local text=${1//\\/\\\\}
  printf '%b' "${text//%/\\x}"
}

# Sets `database`, a sentence's words for people, and for a PostgreSQL `url`, which has no password in it: arguments can
# be seen by every user of the machine. PGPASSWORD has it. For the embedded database `url` is empty and `data` its folder.
read_database_settings() {
  local folder=${DATA_DIR:-.data} name=DATABASE_URL
  url=${DATABASE_URL:-}
  if [ -n "${DATABASE_URL_FILE:-}" ]; then
    [ -z "$url" ] || fail 'DATABASE_URL_FILE: expected nothing, because DATABASE_URL is set too' "$BAD_SETTINGS"
    [ -r "$DATABASE_URL_FILE" ] || fail 'DATABASE_URL_FILE: expected the path of a file that can be read' "$BAD_SETTINGS"
    name=DATABASE_URL_FILE
    # As the service does: an editor leaves a line end behind the secret.
    url=$(<"$DATABASE_URL_FILE")
    url=${url%"${url##*[![:space:]]}"}
  elif [ -z "$url" ]; then
    data=$folder/postgres
    database="the embedded database in $(cd "$folder" 2>/dev/null && pwd || echo "$folder")"
    return
  fi
  local pattern='^postgres(ql)?://(([^:@/?#]*)(:([^/?#]*))?@)?([^@/?#]*)(/([^/?#]*))?(\?([^#]*))?$'
  [[ $url =~ $pattern ]] ||
    fail "$name: expected a URL of PostgreSQL, postgresql://user:password@host:port/database" "$BAD_SETTINGS"
  local user=${BASH_REMATCH[3]} password=${BASH_REMATCH[5]} host=${BASH_REMATCH[6]} path=${BASH_REMATCH[8]}
  read_parameters "${BASH_REMATCH[10]}"
  [ -z "$password" ] || PGPASSWORD=$(decoded "$password")
  [ -z "${PGPASSWORD:-}" ] || export PGPASSWORD
  url="postgresql://${user:+$user@}$host/$path${parameters:+?$parameters}"
  database="the database $(decoded "${path:-${user:-of the same name as its user}}") of ${parameter_host:-${host:-this machine}}"
}

# The parameters of the URL as PostgreSQL's own programs understand them, in `parameters`: node-postgres has some of its
# own, and verifies certificates by every mode of TLS but no-verify.
read_parameters() {
  local parameter mode='' is_compatible=false root=''
  parameters='' parameter_host=''
  local -a given
  IFS='&' read -r -a given <<<"$1"
  for parameter in "${given[@]}"; do
    case $parameter in
      password=*) PGPASSWORD=$(decoded "${parameter#*=}") ;;
      sslmode=*) mode=${parameter#*=} ;;
      ssl=true | ssl=1) mode=${mode:-verify-full} ;;
      ssl=false | ssl=0) mode=${mode:-disable} ;;
      uselibpqcompat=true) is_compatible=true ;;
      host=*) parameter_host=$(decoded "${parameter#*=}") parameters+="&$parameter" ;;
      sslrootcert=*) root=$parameter parameters+="&$parameter" ;;
      port=* | user=* | dbname=* | options=* | connect_timeout=* | application_name=* | target_session_attrs=* | \
        sslcert=* | sslkey=* | sslnegotiation=* | channel_binding=*) parameters+="&$parameter" ;;
      *) ;; # Of node-postgres alone: it limits the service's statements, say.
    esac
  done
  if ! $is_compatible; then
    case $mode in
      no-verify) mode=require ;;
      prefer | require | verify-ca) mode=verify-full ;;
    esac
    [ -z "$root" ] || mode=${mode:-verify-full}
  fi
  [ "$mode" != verify-full ] || [ -n "$root" ] || trust_authorities
  [ -z "$mode" ] || parameters+="&sslmode=$mode"
  parameters=${parameters#&}
}

# The authorities that Node trusts, for the programs of PostgreSQL, which trust none unless they are told.
trust_authorities() {
  local file
  [ -z "${PGSSLROOTCERT:-}" ] || return 0
  for file in "${NODE_EXTRA_CA_CERTS:-}" /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt; do
    [ -r "$file" ] || continue
    export PGSSLROOTCERT=$file
    return
  done
}
