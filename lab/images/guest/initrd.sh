#!/bin/busybox sh
# First program of the test system: find the disk, hand over to the root file system on it.
/bin/busybox mkdir -p /proc /sys /dev /newroot
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
/bin/busybox --install -s /bin

fail() {
  echo "LAB-OS-FAILED: $*" | tee /dev/ttyS0 2>/dev/null
  cat /proc/partitions >/dev/ttyS0
  exec sleep 100000
}

for module in $(cat /modules.list); do
  modprobe "$module" 2>/dev/null
done

root=$(sed -n 's/.*root=UUID=\([^ ]*\).*/\1/p' /proc/cmdline)
[ -n "$root" ] || fail "no root=UUID= on the kernel command line"

tries=0
while [ $tries -lt 300 ]; do
  device=$(findfs "UUID=$root" 2>/dev/null) && break
  device=
  tries=$((tries + 1))
  sleep 0.1
done
[ -n "$device" ] || fail "no file system with UUID $root"

mount -t ext4 -o ro "$device" /newroot || fail "cannot mount $device"
mkdir -p /dev/pts
echo "$device" >/dev/.lab-root
for dir in proc sys dev; do
  mount --move "/$dir" "/newroot/$dir"
done
exec switch_root /newroot /sbin/init
