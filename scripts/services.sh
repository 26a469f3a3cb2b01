#!/usr/bin/env bash
# PostgreSQL and MariaDB for the tests: `services.sh start|stop|status`.
#
# Both are servers of their own, thrown away at will: they listen on loopback only, on ports of their own, and leave
# a server that already runs on this machine alone. Their data, logs and the passwords made for them lie in one folder.
# Where the programs are missing they are installed as Debian packages, which needs root.
#   SERVICES_FOLDER            the folder; /var/tmp/agentsql-services-UID
#   SERVICES_POSTGRES_PORT     54329
#   SERVICES_MARIADB_PORT      33069
# The tests take other servers if TEST_POSTGRES_URL or TEST_MARIADB_URL names one.
set -euo pipefail
umask 077

HERE=${SERVICES_FOLDER:-/var/tmp/agentsql-services-$(id -u)}
PG_PORT=${SERVICES_POSTGRES_PORT:-54329}
MY_PORT=${SERVICES_MARIADB_PORT:-33069}
WAIT_S=120

say() { echo "services: $*"; }
fail() { echo "services: $*" >&2; exit 1; }

postgres_program() { # initdb, postgres and pg_ctl are not on PATH in Debian
    command -v "$1" || ls -1 /usr/lib/postgresql/*/bin/"$1" 2>/dev/null | sort -V | tail -1 | grep .
}

install_missing() {
    local packages=()
    postgres_program initdb >/dev/null || packages+=(postgresql)
    command -v mariadbd mariadb >/dev/null && command -v mariadb-install-db >/dev/null || packages+=(mariadb-server)
    [ ${#packages[@]} -eq 0 ] && return
    command -v apt-get >/dev/null || fail "${packages[*]}: not installed, and this is no Debian; install them and start again"
    [ "$(id -u)" = 0 ] || fail "not installed: ${packages[*]}; as root: apt-get install ${packages[*]}"
    say "installing ${packages[*]}"
    mkdir -p /etc/postgresql-common/createcluster.d # no server of Debian's own beside ours
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.d/agentsql.conf
    printf '#!/bin/sh\nexit 101\n' >"$HERE/no-start" && chmod +x "$HERE/no-start"
    local policy=/usr/sbin/policy-rc.d
    [ -e $policy ] || { cp "$HERE/no-start" $policy && trap 'rm -f /usr/sbin/policy-rc.d' EXIT; }
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq && apt-get install -y -qq --no-install-recommends "${packages[@]}" >"$HERE/install.log" 2>&1 ||
        fail "apt-get install ${packages[*]} failed; see $HERE/install.log"
}

as() { # run a program as the owner of a server: neither server runs as root
    local user=$1
    shift
    if [ "$(id -u)" = 0 ]; then set -- setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups -- "$@"; fi
    "$@"
}

own_folder() { # folder, user
    mkdir -p "$1"
    if [ "$(id -u)" = 0 ]; then chown "$2" "$1"; fi
}

password() { # made once; the same for both
    [ -s "$HERE/password" ] || head -c 18 /dev/urandom | base64 | tr '+/' '-_' >"$HERE/password"
    cat "$HERE/password"
}

postgres_url() { echo "postgresql://agentsql:$(password)@127.0.0.1:$PG_PORT/postgres"; }
mariadb_url() { echo "mariadb://agentsql:$(password)@127.0.0.1:$MY_PORT/mysql"; }

postgres_runs() { PGPASSWORD=$(password) PGCONNECT_TIMEOUT=5 psql -qtAX -h 127.0.0.1 -p "$PG_PORT" -U agentsql -d postgres -c 'SELECT 1' >/dev/null 2>&1; }
mariadb_runs() { MYSQL_PWD=$(password) mariadb --no-defaults --connect-timeout=5 -h 127.0.0.1 -P "$MY_PORT" -u agentsql -e 'SELECT 1' >/dev/null 2>&1; }

wait_for() { # name, log
    local deadline=$((SECONDS + WAIT_S))
    until "${1}_runs"; do
        [ $SECONDS -lt $deadline ] || fail "$1 did not answer in $WAIT_S s; see $2"
        sleep 0.2
    done
}

start_postgres() {
    postgres_runs && return
    local data=$HERE/postgres/data log=$HERE/postgres/log
    own_folder "$HERE/postgres" postgres
    if [ ! -s "$data/PG_VERSION" ]; then
        rm -rf "$data"
        install -m 600 "$HERE/password" "$HERE/postgres/password"
        if [ "$(id -u)" = 0 ]; then chown postgres "$HERE/postgres/password"; fi
        as postgres "$(postgres_program initdb)" -D "$data" -U agentsql --pwfile="$HERE/postgres/password" \
            --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$HERE/postgres-init.log" 2>&1 ||
            fail "initdb failed; see $HERE/postgres-init.log"
    fi
    rm -f "$data/postmaster.pid" # of a server that was killed; a running one has answered above
    (cd / && as postgres "$(postgres_program pg_ctl)" start -s -D "$data" -l "$log" -t $WAIT_S -o "-c port=$PG_PORT \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c max_connections=300 \
        -c shared_buffers=64MB" </dev/null >/dev/null) || fail "PostgreSQL did not start; see $log"
    wait_for postgres "$log"
}

start_mariadb() {
    mariadb_runs && return
    local data=$HERE/mariadb/data log=$HERE/mariadb/log
    own_folder "$HERE/mariadb" mysql
    local common=(--no-defaults --datadir="$data" --innodb-flush-log-at-trx-commit=0 --innodb-use-native-aio=0)
    if [ ! -d "$data/mysql" ]; then
        rm -rf "$data"
        as mysql mariadb-install-db "${common[@]}" --skip-test-db >"$HERE/mariadb-init.log" 2>&1 ||
            fail "mariadb-install-db failed; see $HERE/mariadb-init.log"
    fi
    printf "CREATE USER IF NOT EXISTS 'agentsql'@'127.0.0.1' IDENTIFIED BY '%s';\nGRANT ALL ON *.* TO 'agentsql'@'127.0.0.1' WITH GRANT OPTION;\n" \
        "$(password)" >"$HERE/mariadb/init.sql"
    if [ "$(id -u)" = 0 ]; then chown mysql "$HERE/mariadb/init.sql"; fi
    (cd / && as mysql setsid --fork mariadbd "${common[@]}" --port="$MY_PORT" --bind-address=127.0.0.1 --skip-name-resolve \
        --socket="$HERE/mariadb/socket" --pid-file="$HERE/mariadb/pid" --init-file="$HERE/mariadb/init.sql" \
        --innodb-buffer-pool-size=64M --max-connections=300 </dev/null >>"$log" 2>&1)
    wait_for mariadb "$log"
}

start() {
    if [ ! -d "$HERE" ]; then mkdir -p "$HERE"; fi
    if [ "$(id -u)" = 0 ]; then chmod 711 "$HERE"; fi # both servers' users pass through; what lies here is their own
    exec flock --close "$HERE/lock" "$0" start-alone # of two test runs one starts, the other finds it running
}

start_alone() {
    install_missing
    password >/dev/null
    start_postgres
    start_mariadb
    status
}

stop() {
    local data=$HERE/postgres/data
    if postgres_runs; then as postgres "$(postgres_program pg_ctl)" stop -s -m fast -D "$data"; fi
    if mariadb_runs; then MYSQL_PWD=$(password) mariadb --no-defaults -h 127.0.0.1 -P "$MY_PORT" -u agentsql -e SHUTDOWN; fi
    say "stopped; their data is in $HERE"
}

status() { # 0: both answer
    local all=0
    for name in postgres mariadb; do
        if [ -s "$HERE/password" ] && "${name}_runs"; then "${name}_url"; else say "$name does not run"; all=1; fi
    done
    return $all
}

case ${1:-} in
start | stop | status) "$1" ;;
start-alone) start_alone ;;
*) fail "say start, stop or status" ;;
esac
