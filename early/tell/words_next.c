// SPDX-License-Identifier: GPL-2.0-or-later
// What the next boot will find.
#include "tell/words.h"

#define BOOTS_NEXT "{release} boots next ({by})"
#define PINNED     "{pin?; {pin} is pinned in {pin-from}, but no ESP has that setting}"

// Of sizes: initrd_fit_tell().
#define PLACE  "{esp?the ESP {esp}|/boot}"
#define GROWTH "{at-most?at most }{growth}"
#define NEEDS                                                          \
	"free, and the initrd{growth?, which grows by " GROWTH         \
	" with gvt-early,} needs {needed} there{beside?: the new one " \
	"is written beside the old one}"
#define LACKS  PLACE " has {free} " NEEDS
#define LACKED PLACE " had {free} " NEEDS

static const struct words rows[] = {
	{ CAUSE_NEXT_KERNEL_UNKNOWN, "next-kernel-unknown", "which kernel boots next cannot be determined: {reason}",
	  NULL },
	{ CAUSE_NEXT_SEE_ESP, "next-see-esp", "which kernel boots next cannot be determined: see esp", NULL },
	{ CAUSE_NEXT_RELEASE_UNKNOWN, "next-release-unknown",
	  "{kernel} boots next ({by}): its name does not tell the kernel's release, so its modules are unknown", NULL },
	{ CAUSE_NEXT_MODULES_ABSENT, "next-modules-absent",
	  BOOTS_NEXT ", and its modules are not in /lib/modules" PINNED, NULL },
	{ CAUSE_NEXT_MODULES_UNREAD, "next-modules-unread", BOOTS_NEXT ", and its modules cannot be read: {reason}",
	  NULL },
	{ CAUSE_NEXT_NO_MODULE, "next-no-module", BOOTS_NEXT ", and it has no module {module}" PINNED, NULL },
	{ CAUSE_NEXT_FILE_ABSENT, "next-file-absent", BOOTS_NEXT ", and {kernel}, which {from} names, is missing",
	  NULL },
	{ CAUSE_NEXT_KNOWN_BAD, "next-known-bad", BOOTS_NEXT ", and Linux 5.19.0 and 5.19.1 have a broken GVT-g" PINNED,
	  NULL },
	{ CAUSE_NEXT_KERNEL_FINE, "next-kernel-fine",
	  "{release} ({by}) has {driver?{driver}, which can split the GPU|kvmgt}{other?; another kernel runs now}" PINNED,
	  NULL },
	{ FIX_AS_ROOT, "as-root", "run this as root", NULL },
	{ FIX_REINSTALL_OF, "reinstall-of", "reinstall the package of kernel {release}", NULL },
	{ FIX_PIN, "pin", "pin the running kernel: '{command}'", NULL },
	{ FIX_LET_GRUB, "let-grub",
	  "let GRUB boot a kernel that has it{such?, such as {such}}: GRUB_DEFAULT in /etc/default/grub", NULL },
	{ FIX_LET_LOADER, "let-loader", "let the bootloader boot a kernel that has it{such?, such as {such}}", NULL },
	{ FIX_TO_BOOT_ANOTHER, "to-boot-another", "or, to boot another installed kernel", NULL },

	{ CAUSE_NEXT_SNAPSHOT_UNCOMPARED, "next-snapshot-uncompared",
	  "the snapshot in {initrd} cannot be compared with what is wanted: the guests of Proxmox VE cannot be read",
	  NULL },
	{ CAUSE_NEXT_INITRD_FINE, "next-initrd-fine",
	  "{initrd} has this gvt-early, {driver?{driver}|kvmgt}, and what is wanted now", NULL },
	{ CAUSE_NEXT_INITRD_UNREAD, "next-initrd-unread",
	  "{initrd}: {unreadable?it cannot be read|not checked to the end}: {reason}{has?; up to there it has {has/ "
	  "and }}",
	  NULL },
	{ PART_THIS_PROGRAM, "this-program", "this gvt-early", NULL },
	{ PART_OTHER_PROGRAM, "other-program", "another gvt-early", NULL },
	{ CAUSE_NEXT_INITRD_IN_KERNEL, "next-initrd-in-kernel",
	  "{from} names no initrd: that of kernel {release} is in the kernel's file, or on its command line, and was "
	  "not checked",
	  NULL },
	{ CAUSE_NEXT_NO_INITRD, "next-no-initrd", "{from} loads no initrd for kernel {release}", NULL },
	{ CAUSE_NEXT_INITRD_ABSENT, "next-initrd-absent", "{initrd} is missing", NULL },
	{ CAUSE_NEXT_INITRD_DAMAGED, "next-initrd-damaged", "{initrd} cannot be unpacked: {reason}", NULL },
	{ CAUSE_NEXT_INITRD_NO_PROGRAM, "next-initrd-no-program",
	  "{initrd} has no gvt-early in it{growth?; with gvt-early it grows by " GROWTH "}", NULL },
	{ CAUSE_NEXT_NO_ROOM, "next-no-room", "{initrd} has no gvt-early in it, and gvt-early does not fit: " LACKS,
	  NULL },
	{ CAUSE_NEXT_ROOM_FOR_SOME, "next-room-for-some",
	  PLACE
	  " has {free} free: that is enough for gvt-early in the initrds of {fit} of {count} kernels, of which each "
	  "grows by " GROWTH,
	  NULL },
	{ CAUSE_NO_ROOM_NOW, "no-room-now", "kernel {release}: its initrd is built without gvt-early: " LACKS, NULL },
	{ CAUSE_LEFT_OUT, "left-out",
	  "the initrd of kernel {release} has no gvt-early in it: gvt-early did not fit: " LACKED, NULL },
	{ FIX_MAKE_ROOM, "make-room",
	  "make room {esp?on the ESP {esp}|in /boot}{command?: '{command}' removes kernels that are no longer needed|: remove "
	  "kernels that are no longer needed}",
	  NULL },
	{ CAUSE_NEXT_INITRD_NO_MODULE, "next-initrd-no-module", "{initrd} has no module {module} in it", NULL },
	{ CAUSE_NEXT_INITRD_MODULE_EMPTY, "next-initrd-module-empty",
	  "the module {module} in {initrd} is damaged: it is empty", NULL },
	{ CAUSE_NEXT_INITRD_OTHER_BUILD, "next-initrd-other-build",
	  "the gvt-early in {initrd} is another build than the installed one ({build}, installed {installed})", NULL },
	{ CAUSE_NEXT_INITRD_NOTHING, "next-initrd-nothing",
	  "nothing has to be in it: {early?no vGPU is wanted|'early = no', gvt-early.service does the job}", NULL },
	{ CAUSE_NEXT_INITRD_UNKNOWN, "next-initrd-unknown", "not checked: the kernel that boots next is not known",
	  NULL },
	{ CAUSE_NEXT_MODPROBE_OLD, "next-modprobe-old", "{initrd} has an old modprobe.d: {because}", NULL },

	{ CAUSE_ESPS_UNREAD, "esps-unread", "{count} of {total} ESPs cannot be read ({esps}): {reason}", NULL },
	{ FIX_REMOVE_UUID, "remove-uuid", "remove what is no UUID: {command}", NULL },
	{ FIX_RUN_THERE, "run-there", "run this on that host itself, as root, or take a capture there as root", NULL },
	{ FIX_CONNECT_DISK, "connect-disk",
	  "connect its disk, or {command?run '{command}', which removes missing ESPs from the list|remove it from the "
	  "list, /etc/kernel/proxmox-boot-uuids}",
	  NULL },
	{ FIX_DMESG, "dmesg", "'dmesg' may say more", NULL },
	{ CAUSE_ESP_UNKNOWN, "esp-unknown", "what the ESP {esp} boots cannot be determined: {reason}", NULL },
	{ CAUSE_ESP_NOTHING, "esp-nothing", "the ESP {esp} boots no kernel: {reason}", NULL },
	{ CAUSE_ESP_OTHER_KERNEL, "esp-other-kernel",
	  "the ESP {esp} boots kernel {release}, others boot {common}: it was skipped when they were filled", NULL },
	{ CAUSE_ESP_UNCOMPARED, "esp-uncompared",
	  "the ESP {esp}: {reason?{reason}|its kernel's name does not tell the release}", NULL },
	{ CAUSE_ESP_COPY_MISSING, "esp-copy-missing", "the ESP {esp} has no {file}, which it should boot", NULL },
	{ CAUSE_ESP_COPY_DIFFERS, "esp-copy-differs",
	  "{file} on the ESP {esp} is not the one in /boot: it was not copied, or not completely", NULL },
	{ FIX_SEE_WARNINGS, "see-warnings", "see its warnings", NULL },
	{ FIX_SEE_NOT_FULL, "see-not-full", "make sure that the ESP is not full", NULL },
	{ CAUSE_ESP_LIST_UNREAD, "esp-list-unread",
	  "the list of ESPs, /etc/kernel/proxmox-boot-uuids, cannot be read: {reason}", NULL },
	{ CAUSE_ESPS_FINE, "esps-fine",
	  "{count} of {count} boot kernel {release}, with the kernel{initrds? and initrd} of /boot", NULL },
	{ CAUSE_ESPS_NONE, "esps-none", "no ESPs managed by proxmox-boot-tool", NULL },

	{ CAUSE_NEXT_AGAINST, "next-against", "{from}: {because}", NULL },
	{ CAUSE_NEXT_IOMMU_OFF, "next-iommu-off",
	  "{from} has no intel_iommu=on, and kernel {release} does not enable VT-d without it (Proxmox VE will start "
	  "no guest with a vGPU){because?: {because}}",
	  NULL },
	{ CAUSE_NEXT_IOMMU_SPARED, "next-iommu-spared",
	  "{from} has no intel_iommu=on, and kernel {release} enables VT-d without it for all but the GPU: no guest can "
	  "have a virtual function of it{because?: {because}}",
	  NULL },
	{ CAUSE_NEXT_IOMMU_EXCLUDES, "next-iommu-excludes",
	  "{from} has {said}, which keeps the IOMMU from the GPU: no guest can have a virtual function of it", NULL },
	{ CAUSE_NEXT_IOMMU_UNKNOWN, "next-iommu-unknown",
	  "{from} has no intel_iommu=on, and whether that kernel enables VT-d without it cannot be "
	  "determined{because?: {because}}",
	  NULL },
	{ CAUSE_NEXT_GVT_EARLY, "next-gvt-early", "{from}: {because}; gvt-early sets it from the initrd", NULL },
	{ CAUSE_NEXT_GVT_MISSED, "next-gvt-missed", "{from} has no i915.enable_gvt=1: {because}", NULL },
	{ CAUSE_NEXT_NO_ROOT, "next-no-root", "{from} has no root=: that boot will not find its root file system",
	  NULL },
	{ FIX_PUT_BACK, "put-back", "put {root} back into {file}", NULL },
	{ CAUSE_FIRST_LINE_REFUSED, "first-line-refused",
	  "/etc/kernel/cmdline has no root= in its first line: proxmox-boot-tool refuses to refresh, and so does each "
	  "update of a kernel or an initrd",
	  NULL },
	{ CAUSE_FIRST_LINE_NO_ROOT, "first-line-no-root",
	  "/etc/kernel/cmdline has no root= as a word of its own{tool? in its first line}: each update of a kernel or "
	  "an initrd makes entries from it, and with such an entry this host does not find its root file system",
	  NULL },
	{ CAUSE_CMDLINE_FILE_UNREAD, "cmdline-file-unread", "/etc/kernel/cmdline cannot be read: {reason}", NULL },
	{ CAUSE_NEXT_ENTRY_UNKNOWN, "next-entry-unknown", "not checked: which entry boots next cannot be determined",
	  NULL },
	{ CAUSE_NEXT_ESPS_GIVE, "next-esps-give", "the entries of {count} ESPs have what is needed", NULL },
	{ CAUSE_NEXT_GIVES, "next-gives", "{from} has what is needed", NULL },
	{ CAUSE_BOUND_NOW, "bound-now",
	  "{address} is bound to {driver} now, and neither the kernel command line nor modprobe.d says so: whether it "
	  "will be after the next boot cannot be determined",
	  "find what binds {address} to {driver} (driverctl, a script)" },
	{ CAUSE_SEE_CMDLINE, "see-cmdline", "see cmdline", NULL },
};

const struct word_table words_next = { rows, ARRAY_SIZE(rows) };
