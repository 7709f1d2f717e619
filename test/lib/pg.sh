#!/bin/sh
# A private PostgreSQL on the loopback, for tests: pg.sh start prints its URL, pg.sh stop URL removes it, and
# pg.sh crash URL ends it without tidying up and starts it again. Everything is in one temporary folder. As root it runs
# as "postgres" (or "nobody"), since the server refuses root.
# For failovers: pg.sh follow URL makes a standby of it that its commits wait for, and prints the standby's URL; pg.sh kill URL
# ends a server with SIGKILL and leaves it so; pg.sh promote URL makes a standby the server; pg.sh rejoin URL OF makes a killed one
# a new standby of OF.
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

# A standby in $dir, on $port, of the server at URL $1, whose commits wait for it once it keeps up.
make_standby() {
	primary=$(echo "$1" | sed 's,/[^/]*$,/postgres,')
	as_owner "$bin/pg_basebackup" -D "$dir/data" -d "$primary" -c fast -X stream -R -C -S "standby_$port" --no-sync \
		>"$dir/copy.log" 2>&1 || {
		cat "$dir/copy.log" >&2
		exit 1
	}
	as_owner sed -i /synchronous_standby_names/d "$dir/data/postgresql.auto.conf"
	run_server
	"$bin/psql" -q "$primary" -c "ALTER SYSTEM SET synchronous_standby_names = '*'" -c "SELECT pg_reload_conf()" \
		>"$dir/sync.log"
	tries=0
	until [ "$("$bin/psql" -qAt "$primary" -c "SELECT sync_state FROM pg_stat_replication")" = sync ]; do
		tries=$((tries + 1))
		[ $tries -lt 600 ] || { echo "the standby does not keep up" >&2; exit 1; }
		sleep 0.1
	done
	# Whether commits wait is settled by the checkpointer, which may not have read the setting yet.
	"$bin/psql" -q "$primary" -c CHECKPOINT -c CHECKPOINT
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
follow)
	port=$(free_port)
	dir=$base/trueup-pg.$port
	mkdir -m 700 "$dir"
	if [ -n "$owner" ]; then chown "$owner" "$dir"; fi
	make_standby "$2"
	echo "$2" | sed "s,:[0-9][0-9]*/,:$port/,"
	;;
kill)
	find_server "$2"
	# Its children would go on for a moment without it; nobody is to be answered by a dead server.
	postmaster=$(head -1 "$dir/data/postmaster.pid")
	children=$(ps -o pid= --ppid "$postmaster")
	kill -9 "$postmaster" $children 2>/dev/null || :
	;;
promote)
	find_server "$2"
	as_owner "$bin/pg_ctl" -D "$dir/data" -w -s promote
	;;
rejoin)
	find_server "$2"
	rm -rf "$dir/data"
	make_standby "$3"
	;;
*) echo "usage: pg.sh start | stop URL | crash URL | follow URL | kill URL | promote URL | rejoin URL OF" >&2; exit 2 ;;
esac
