#!/bin/sh
# A private PostgreSQL on the loopback, for tests: pg.sh start prints its URL, pg.sh stop URL removes it, and
# pg.sh crash URL ends it without tidying up and starts it again. Everything is in one temporary folder. As root it runs as "postgres" (or "nobody"), since the server refuses root.
# Role "locked" has the password "open sesame"; all others come in without one.
set -eu
base=${TMPDIR:-/tmp}
cd /

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -n | tail -1)
[ -n "$bin" ] || bin=$(pg_config --bindir)

owner=
if [ "$(id -u)" = 0 ]; then
	owner=postgres
	id "$owner" >/dev/null 2>&1 || owner=nobody
fi

as_owner() {
	if [ -n "$owner" ]; then runuser -u "$owner" -- "$@"; else "$@"; fi
}

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

run_server() {
	as_owner "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w -s \
		-o "-c port=$port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off \
		-c full_page_writes=off -c max_connections=200 -c shared_buffers=64MB" start </dev/null >/dev/null 2>&1 || {
		cat "$dir/log" >&2
		exit 1
	}
}

start() {
	port=$(free_port)
	dir=$base/trueup-pg.$port
	mkdir -m 700 "$dir"
	if [ -n "$owner" ]; then chown "$owner" "$dir"; fi
	as_owner "$bin/initdb" -D "$dir/data" -U trueup -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/initdb.log" 2>&1 || {
		cat "$dir/initdb.log" >&2
		exit 1
	}
	as_owner sh -c 'echo "host all locked 127.0.0.1/32 scram-sha-256" | cat - "$0" >"$0.new" && mv "$0.new" "$0"' \
		"$dir/data/pg_hba.conf"
	run_server
	url=postgresql://trueup@127.0.0.1:$port/trueup
	"$bin/psql" -q "postgresql://trueup@127.0.0.1:$port/postgres" -c "CREATE DATABASE trueup" \
		-c "CREATE ROLE locked LOGIN PASSWORD 'open sesame'" >&2
	echo "$url"
}

# Sets $port and $dir from a URL.
find_server() {
	port=$(echo "$1" | sed 's/.*:\([0-9][0-9]*\)\/.*/\1/')
	dir=$base/trueup-pg.$port
	[ -d "$dir/data" ] || { echo "no server of ours at $1" >&2; exit 1; }
}

end_server() {
	as_owner "$bin/pg_ctl" -D "$dir/data" -m immediate -w -s stop </dev/null >/dev/null 2>&1 || :
}

case ${1:-} in
start) start ;;
stop)
	find_server "$2"
	end_server
	rm -rf "$dir"
	;;
crash)
	find_server "$2"
	end_server
	run_server
	;;
*) echo "usage: pg.sh start | stop URL | crash URL" >&2; exit 2 ;;
esac
