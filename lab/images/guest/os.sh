#!/bin/busybox sh
# The test system: says on every console who it is and what its config drive says, then waits.
PATH=/bin:/sbin
export PATH
mount -t tmpfs tmpfs /run

root_device=$(cat /dev/.lab-root)
partition=$(basename "$root_device")
disk=$(basename "$(readlink -f "/sys/class/block/$partition/..")")

# The serial of a USB disk stands some folders above it.
usb_serial() {
  folder=$1
  while [ "${folder#/sys/devices/}" != "$folder" ]; do
    if [ -r "$folder/serial" ]; then
      cat "$folder/serial"
      return
    fi
    folder=${folder%/*}
  done
}

serial_of() {
  if [ -r "/sys/block/$1/serial" ]; then
    cat "/sys/block/$1/serial"
  elif [ -r "/sys/block/$1/device/serial" ]; then
    cat "/sys/block/$1/device/serial"
  elif [ -r "/sys/block/$1/device/vpd_pg80" ]; then
    tail -c +5 "/sys/block/$1/device/vpd_pg80"
  else
    usb_serial "$(readlink -f "/sys/block/$1/device")"
  fi | tr -d '\000' | sed 's/^ *//; s/ *$//'
}

find_config_drive() {
  findfs LABEL=config-2 2>/dev/null || findfs LABEL=CONFIG-2 2>/dev/null
}

# The label may stand on a partition of this disk, on another disk or on a CD; those may still be waking up.
config_drive() {
  for _ in 1 2 3 4 5 6; do
    found=$(find_config_drive)
    [ -n "$found" ] && break
    sleep 0.5
  done
  echo "$found"
}

json_field() {
  sed -n "s/.*\"$1\" *: *\"\([^\"]*\)\".*/\1/p" "$2" 2>/dev/null | head -n 1
}

banner() {
  echo "---- LAB-OS BEGIN ----"
  echo "image: $(cat /etc/lab-image)"
  if [ -d /sys/firmware/efi ]; then echo "firmware: uefi"; else echo "firmware: bios"; fi
  echo "kernel: $(uname -r)"
  echo "loader: $(sed -n 's/.*lab\.loader=\([^ ]*\).*/\1/p' /proc/cmdline)"
  echo "cmdline: $(cat /proc/cmdline)"
  echo "disk: /dev/$disk"
  echo "disk-serial: $(serial_of "$disk")"
  echo "root: $root_device"
  echo "machine-serial: $(cat /sys/class/dmi/id/product_serial 2>/dev/null)"
  echo "machine-uuid: $(cat /sys/class/dmi/id/product_uuid 2>/dev/null)"
  drive=$(config_drive)
  echo "config-drive: ${drive:-none}"
  mkdir -p /run/config
  if [ -n "$drive" ] && mount -o ro "$drive" /run/config 2>/dev/null; then
    latest=/run/config/openstack/latest
    tr ',' '\n' <"$latest/meta_data.json" >/run/meta_data
    echo "hostname: $(json_field hostname /run/meta_data)"
    echo "uuid: $(json_field uuid /run/meta_data)"
    if [ -r "$latest/user_data" ]; then head -c 2000 "$latest/user_data" | sed 's/^/user-data| /'; fi
    echo
  fi
  echo "---- LAB-OS END ----"
  echo "$(cat /etc/lab-image) is up"
}

# A press on the power button turns the machine off.
mkdir -p /run/acpi/PWRF
printf '#!/bin/sh\npoweroff -f\n' >/run/acpi/PWRF/00000080
chmod 755 /run/acpi/PWRF/00000080
acpid -d -c /run/acpi -p /run/acpid.pid >/dev/null 2>&1 &

banner >/run/banner
for console in /dev/tty0 /dev/ttyS0; do
  cat /run/banner >"$console" 2>/dev/null
done

while :; do
  setsid sh -c 'exec sh </dev/ttyS0 >/dev/ttyS0 2>&1'
  sleep 1
done
