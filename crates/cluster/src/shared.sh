# The server that tests share, and who ends it. shared.sh LOCK DATA SERVER ARGUMENTS...
# Each test process holds a shared lock on LOCK; six looks in a row without one, five seconds apart, end the server.
lock=$1 data=$2
shift 2
"$@" &
server=$!
exec 9<"$lock" || exit
idle=0
# A server's working directory is its data; of a dead one it cannot be read.
while sleep 5 && [ "$(readlink /proc/$server/cwd)" = "$data" ]; do
    if ! flock --nonblock 9; then
        idle=0
        continue
    fi
    idle=$((idle + 1))
    if [ $idle -ge 6 ]; then # the lock stays: nobody comes in until all is gone
        kill -INT $server
        wait $server
        rm -rf "$data"
        exit
    fi
    flock --unlock 9
done
