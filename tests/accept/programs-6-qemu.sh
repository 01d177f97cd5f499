#!/usr/bin/env bash
# Programs, row 6: a virtual machine of QEMU's, without acceleration, whose kernel and initramfs are made here from Debian's packages, boots,
# pings a virtual host and fetches a page from it over `-netdev stream` (by path and by port, either side listening) and `-netdev dgram`
# (both), as root and as an ordinary user. A program on the LAN fetches a page from the machine. Then QEMU is killed, is started again, and
# all of it holds again.
set -u
row=programs-6
. tests/accept/lib.sh
boots_within=120 # seconds, of a processor that is emulated

need=
command -v qemu-system-x86_64 >/dev/null || need="$need qemu-system-x86"
for tool in curl cpio; do command -v $tool >/dev/null || need="$need $tool"; done
{ apt-get -q update && { [ -z "$need" ] || apt-get -q install -y --no-install-recommends $need; }; } >"$SW_TMP/apt.log" 2>&1 ||
    { tail -n 3 "$SW_TMP/apt.log"; verdict 1 "these are installed:$need"; exit 1; }
ordinary || { verdict 1 "an ordinary user can be made"; exit 1; }
home=$SW_TMP/home

# Debian's kernel for virtual machines and its busybox, unpacked and not installed.
mkdir "$SW_TMP/debs" "$SW_TMP/unpacked" "$SW_TMP/initramfs"
kernel=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
(cd "$SW_TMP/debs" && apt-get -q download "$kernel" busybox-static) >>"$SW_TMP/apt.log" 2>&1 ||
    { tail -n 3 "$SW_TMP/apt.log"; verdict 1 "Debian's kernel and busybox are there"; exit 1; }
for deb in "$SW_TMP"/debs/*.deb; do dpkg-deb -x "$deb" "$SW_TMP/unpacked"; done
cp "$SW_TMP"/unpacked/boot/vmlinuz-* "$home/vmlinuz"
mkdir -p "$SW_TMP/initramfs/bin" "$SW_TMP/initramfs/modules"
cp "$(find "$SW_TMP/unpacked" -path '*bin/busybox' -type f | head -n 1)" "$SW_TMP/initramfs/bin/busybox"
modules="virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci failover net_failover virtio_net"
for module in $modules; do find "$SW_TMP/unpacked" -name "$module.ko" -exec cp {} "$SW_TMP/initramfs/modules" \;; done
cat >"$SW_TMP/initramfs/init" <<INIT
#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /www
/bin/busybox mount -t proc none /proc
/bin/busybox mount -t sysfs none /sys
for m in $modules; do /bin/busybox insmod /modules/\$m.ko; done
/bin/busybox ip addr add 10.96.0.1/24 dev eth0
/bin/busybox ip link set eth0 up
/bin/busybox ping -c 1 -W 5 10.96.0.10 >/dev/null
echo "VM pinged: \$(/bin/busybox ping -c 5 -W 5 10.96.0.10 | /bin/busybox grep transmitted)"
echo "VM fetched: \$(/bin/busybox wget -q -O - http://10.96.0.10/ | /bin/busybox sha256sum)"
echo "a page of the machine's" >/www/index.html
/bin/busybox httpd -p 80 -h /www
echo "VM is done"
while :; do /bin/busybox sleep 1000; done
INIT
chmod +x "$SW_TMP/initramfs/init"
(cd "$SW_TMP/initramfs" && find . | cpio -o -H newc --quiet | gzip -1) >"$home/initramfs"
right=$(python3 -c 'import hashlib; print(hashlib.sha256(bytes(i % 251 for i in range(1000000))).hexdigest())')

port=$((20000 + $$ % 20000))
# name: the uplink's keys: what stands behind -netdev
cat >"$SW_TMP/ways" <<WAYS
stream, by path, switchd listens|listen: ./vm.sock|stream,server=off,addr.type=unix,addr.path=vm.sock
stream, by path, QEMU listens|connect: ./qemu.sock|stream,server=on,addr.type=unix,addr.path=qemu.sock
stream, by port, switchd listens|listen: "127.0.0.1:$port"|stream,server=off,addr.type=inet,addr.host=127.0.0.1,addr.port=$port
stream, by port, QEMU listens|connect: "127.0.0.1:$((port + 1))"|stream,server=on,addr.type=inet,addr.host=127.0.0.1,addr.port=$((port + 1))
dgram, by path|framing: dgram, listen: ./lan.sock, connect: ./vm.sock|dgram,local.type=unix,local.path=vm.sock,remote.type=unix,remote.path=lan.sock
dgram, by port|framing: dgram, listen: "127.0.0.1:$((port + 2))", connect: "127.0.0.1:$((port + 3))"|dgram,local.type=inet,local.host=127.0.0.1,local.port=$((port + 3)),remote.type=inet,remote.host=127.0.0.1,remote.port=$((port + 2))
WAYS

# boot WHO NETDEV: a machine; its process is $vm, its console $SW_TMP/console. Status 0 when it is done with what it does.
boot() {
    : >"$SW_TMP/console"
    (cd "$home" && as "$1" sh -c 'echo $$ >"$0"; exec "$@"' "$home/vm.pid" qemu-system-x86_64 -M q35,accel=tcg -cpu max -m 256 -nodefaults \
        -display none -no-reboot -serial stdio -kernel vmlinuz -initrd initramfs -append "console=ttyS0 quiet panic=-1 random.trust_cpu=on" \
        -netdev "$(echo "$2" | sed 's/^\([a-z]*\),/\1,id=lan,/')" -device virtio-net-pci,netdev=lan,romfile=) \
        >"$SW_TMP/console" 2>&1 </dev/null &
    qemu=$!
    children="$children $qemu"
    for _ in $(seq $((boots_within * 5))); do
        grep -q '^VM is done' "$SW_TMP/console" && break
        kill -0 $qemu 2>/dev/null || break
        sleep 0.2
    done
    vm=$(cat "$home/vm.pid")
    children="$children $vm"
    grep -q '^VM is done' "$SW_TMP/console"
}

# figures WHO TEXT NETDEV: of a machine that boots.
figures() {
    local who=$1 text=$2 begun pinged fetched page
    begun=$(date +%s)
    boot "$who" "$3"
    begun=$(($(date +%s) - begun))
    pinged=$(sed -n 's/^VM pinged: \(.*\)\r$/\1/p' "$SW_TMP/console")
    fetched=$(sed -n 's/^VM fetched: \([0-9a-f]*\).*/\1/p' "$SW_TMP/console")
    page=$(as "$who" "$SW_SWITCHD" exec "$home/lan.yaml" client -- curl -s -m 10 http://10.96.0.1/)
    case $pinged in *' 5 packets received'*) [ "$fetched" = "$right" ] && [ "$page" = "a page of the machine's" ] ;; *) false ;; esac
    verdict $? "$who: $text: booted in $begun s, pinged the LAN (${pinged:-no}), fetched 1 MB ($([ "$fetched" = "$right" ] && echo right || echo wrong)), and a program fetched from it (${page:-nothing})" ||
        tail -n 20 "$SW_TMP/console"
}

for who in root "$user"; do
    while IFS='|' read -r name keys netdev; do
        cat >"$home/lan.yaml" <<LAN
name: qemu
switches: { core: {} }
hosts:
  web: { address: 10.96.0.10/24, services: [http: { size: 1000000 B }] }
  client: { address: 10.96.0.11/24, run: [sleep, "1000"] }
uplinks:
  vm: { type: qemu, $keys }
links: [["*", core]]
LAN
        rm -f "$home"/*.sock
        chown -R "$([ "$who" = root ] && echo root || echo "$user"):" "$home"
        : >"$SW_TMP/said" # else the words of the one before might be read
        as "$who" sh -c 'echo $$ >"$0"; exec "$@"' "$home/lan.pid" "$SW_SWITCHD" run "$home/lan.yaml" >"$SW_TMP/said" 2>&1 </dev/null &
        lan=$!
        children="$children $lan"
        for _ in $(seq 100); do
            grep -q ' is up: ' "$SW_TMP/said" && break
            sleep 0.05
        done
        pid=$(cat "$home/lan.pid")
        children="$children $pid"
        figures "$who" "$name" "$netdev"
        kill -KILL "$vm"
        wait $qemu 2>/dev/null
        figures "$who" "$name, killed and started again" "$netdev"
        kill -INT "$pid"
        wait $lan
        status=$?
        kill -KILL "$vm" 2>/dev/null
        wait $qemu 2>/dev/null
        [ $status -eq 0 ] && grep -q '^uplink vm (qemu): .*, 0 not read' "$SW_TMP/said" && [ ! -e "$home/lan.sock" ]
        verdict $? "$who: $name: $(sed -n 's/^uplink vm (qemu): //p' "$SW_TMP/said")"
    done <"$SW_TMP/ways"
done

# The page.
cp examples/real/qemu.yaml "$home/lan.yaml"
rm -f "$home"/*.sock
chown -R "$user:" "$home"
: >"$SW_TMP/said"
as "$user" sh -c 'echo $$ >"$0"; exec "$@"' "$home/lan.pid" "$SW_SWITCHD" run --set "SOCKET=$home/vm.sock" "$home/lan.yaml" >"$SW_TMP/said" 2>&1 </dev/null &
lan=$!
children="$children $lan"
for _ in $(seq 100); do
    grep -q ' is up: ' "$SW_TMP/said" && break
    sleep 0.05
done
pid=$(cat "$home/lan.pid")
children="$children $pid"
boot "$user" stream,server=off,addr.type=unix,addr.path=vm.sock
body=$(sed -n 's/^ *- http: { body: "\(.*\)" }$/\1/p' examples/real/qemu.yaml)
grep -q '^VM pinged: .* 5 packets received' "$SW_TMP/console" && grep -q "^VM fetched: $(printf %s "$body" | sha256sum | cut -d' ' -f1)" "$SW_TMP/console"
verdict $? "$user: examples/real/qemu.yaml: a machine pinged and fetched \"$body\""
kill -KILL "$vm" 2>/dev/null
wait $qemu 2>/dev/null
kill -INT "$pid"
wait $lan
[ $failures -eq 0 ]
