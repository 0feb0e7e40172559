// SPDX-License-Identifier: GPL-2.0-or-later
// The requirements of what is wanted: room, instances, the guests that use them, and what creates them at boot.
#include "tell/words.h"

#define LOSERS      "no room for {losers}{losers-more? and {losers-more} more}"
#define MISSING     "{owner}: {type} is missing"
#define MISSING_FIX "run 'gvt-early apply'"
#define AWAITED     "{count} {count:instance is|instances are} missing, "
#define GUESTS      "({guests/; }{more?; and others})"
#define THERE       "{there} of {count} present"
#define ENTRY       "{source}: {problem}"
#define MAPPINGS    " under Datacenter > Resource Mappings"
#define DIFFERENCES "{differences}{more? and {more} more}"
#define CONF        "/etc/gvt-early/gvt-early.conf"

static const struct words rows[] = {
	{ CAUSE_REQUIREMENT_LACKS, "requirement-lacks", "not checked: it needs {requirement}", NULL },
	{ CAUSE_WANTED_UNREADABLE, "wanted-unreadable", "not checked: what the guests want cannot be read", NULL },

	{ CAUSE_APERTURE_SMALL, "aperture-small",
	  "{type} for {owner} needs an aperture of {needed} MiB, and {address} has {aperture} MiB (vGPUs of that type "
	  "by aperture: {sizes})",
	  "set the aperture in the firmware setup (Aperture Size, under Graphics or System Agent), or use a smaller "
	  "type" },
	{ PART_SIZE, "size", "{aperture} MiB: {count}", NULL },
	{ CAUSE_APERTURE_LARGE, "aperture-large",
	  "an aperture of {aperture} MiB leaves {high} MiB of hidden memory, of which the host keeps {host-high}: "
	  "" LOSERS,
	  "set the aperture to 1024 MiB in the firmware setup: {fit} of {count} fit then" },
	{ CAUSE_ROOM_HELD, "room-held",
	  LOSERS ": {count:an instance|instances} that nobody wants {count:holds|hold} the room: {held}{more? and "
		 "others}",
	  NULL },
	{ PART_HELD, "held", "{uuid} ({type?{type}, }{low} MiB of aperture, {use})", NULL },
	{ PART_UNUSED, "unused", "not in use", NULL },
	{ PART_USED_BY, "used-by", "used by {user}", NULL },
	{ PART_USE_UNKNOWN, "use-unknown", "it is unknown who uses it", NULL },
	{ FIX_REMOVE_UNUSED, "remove-unused", "once nobody uses it, run 'echo 1 >/sys/bus/mdev/devices/{uuid}/remove'",
	  NULL },
	{ FIX_SHUT_DOWN, "shut-down", "shut down guest {vmid}", NULL },
	{ FIX_STOP_USER, "stop-user", "stop {user}", NULL },
	{ CAUSE_WANTED_TOO_MUCH, "wanted-too-much",
	  "the {count} wanted {count:vGPU needs|vGPUs need} {taken-low} of {low} MiB of aperture, {taken-high} of "
	  "{high} MiB of hidden memory, {fences} of 28 fences, and there can be {most}: " LOSERS,
	  "use smaller types or fewer vGPUs{aperture?, or set the aperture to {aperture} MiB in the firmware setup: "
	  "{fit} of {count} fit then}" },
	{ CAUSE_OWNER_TYPE, "owner-type", "{owner}: {because}",
	  "write {nearest?{nearest}|a type that exists} at {source}" },
	{ CAUSE_OWNER_PARENT, "owner-parent", "{owner}: {because}", "name {gpu} at {source}" },
	{ CAUSE_ROOM_ENOUGH, "room-enough", "everything fits", NULL },
	{ CAUSE_ROOM_UNNEEDED, "room-unneeded", "nothing is wanted", NULL },
	{ PART_OWNER_GUEST, "owner-guest", "guest {vmid} ({source})", NULL },
	{ PART_OWNER_UUID, "owner-uuid", "{uuid} ({source})", NULL },

	{ CAUSE_OWNER_CONFLICT, "owner-conflict", "{owner}: {because}",
	  "once nobody uses it: echo 1 >/sys/bus/mdev/devices/{uuid}/remove" },
	{ CAUSE_INSTANCE_OTHERWISE, "instance-otherwise",
	  "{owner}: it exists with another type or parent than wanted now; gvt-early created it in this boot, and "
	  "nobody has it open",
	  "run 'gvt-early apply', which re-creates it" },
	{ CAUSE_FRAGMENTED, "fragmented",
	  "{owner}: there should be room{count? (the driver counts {count})}, yet {said}: the GPU's memory is "
	  "fragmented, held by {holders?{holders}, }{more?{more} more vGPUs, }the host's own display",
	  "shut down the guests with vGPUs and run 'gvt-early apply', or reboot: early in the boot the memory is not "
	  "fragmented" },
	{ PART_MAKING_FAILED, "making-failed", "creating it failed ({error})", NULL },
	{ PART_GUEST, "guest", "guest {vmid}", NULL },
	{ CAUSE_INSTANCE_MISSING, "instance-missing", MISSING, MISSING_FIX },
	{ CAUSE_INSTANCE_REMOVED, "instance-removed",
	  MISSING ", though it was created in this boot: somebody removed it", MISSING_FIX },
	{ CAUSE_INSTANCE_FAILED, "instance-failed", MISSING ": {detail}", MISSING_FIX },
	{ CAUSE_INSTANCE_UNREACHED, "instance-unreached", MISSING ": this boot's early stage did not reach it",
	  MISSING_FIX },
	{ CAUSE_AWAITED_KEPT, "awaited-kept",
	  AWAITED "because the guest is off " GUESTS ": it cannot start before {requirement} is fixed", NULL },
	{ CAUSE_AWAITED_OFF, "awaited-off",
	  AWAITED "because the guest is off " GUESTS ": Proxmox VE creates it when the guest starts", NULL },
	{ CAUSE_AWAITED_RUNNING, "awaited-running",
	  AWAITED "and the guest runs without it " GUESTS ": Proxmox VE creates it at the guest's next start", NULL },
	{ PART_SLOT, "slot", "guest {vmid}, hostpci{slot}", NULL },
	{ CAUSE_BOOT_LEFT, "boot-left", "not checked: gvt-early does nothing in this boot ({name})", NULL },
	{ CAUSE_INSTANCES_NONE, "instances-none", "none is wanted", NULL },
	{ CAUSE_INSTANCES_UNFIT, "instances-unfit", THERE " as wanted; see room", NULL },
	{ CAUSE_INSTANCES_STOPPED, "instances-stopped",
	  THERE "; {stopped} disappeared when their guests stopped; Proxmox VE re-creates them", NULL },
	{ CAUSE_INSTANCES_THERE, "instances-there", THERE, NULL },

	{ CAUSE_MAPPING_ABSENT, "mapping-absent", ENTRY,
	  "add a mapping '{mapping}'" MAPPINGS ", or correct the name at {source}" },
	{ CAUSE_MAPPING_FILE, "mapping-file", ENTRY, "correct /etc/pve/mapping/pci.cfg" },
	{ CAUSE_MAPPING_NODE, "mapping-node", ENTRY, "add this node to the mapping '{mapping}'" MAPPINGS },
	{ CAUSE_MAPPING_DEVICE, "mapping-device", ENTRY,
	  "choose the device of the mapping '{mapping}' again" MAPPINGS },
	{ CAUSE_MAPPING_UNMARKED, "mapping-unmarked", ENTRY, "pvesh set /cluster/mapping/pci/{mapping} --mdev 1" },
	{ CAUSE_MAPPING_UNMARKED_BY_HAND, "mapping-unmarked-by-hand", ENTRY,
	  "mark the mapping '{mapping}'" MAPPINGS " (Use with Mediated Devices)" },
	{ CAUSE_HOSTPCI_IGNORED, "hostpci-ignored", ENTRY "; guest {vmid} starts without that device",
	  "correct {source}" },
	{ CAUSE_GUEST_LOCKED, "guest-locked", ENTRY,
	  "wait for the task that locked guest {vmid}{qm?; if there is no such task: qm unlock {vmid}}" },
	{ CAUSE_GUEST_REFUSED, "guest-refused", ENTRY, "correct the hardware of guest {vmid}" },
	{ CAUSE_GUEST_CONSOLE, "guest-console",
	  "guest {vmid} has its vGPU as primary GPU (x-vga=1, {source}): the console of Proxmox VE stays dark",
	  "nothing to do if you reach the guest otherwise (RDP, SSH); else remove x-vga" },
	{ CAUSE_GUESTS_COUNTED, "guests-counted",
	  "{count?{count} {count:vGPU|vGPUs}{total?, }}{total?{total} virtual {total:function|functions}} in guests of "
	  "Proxmox VE",
	  NULL },
	{ CAUSE_PROXMOX_ABSENT, "proxmox-absent", "not a Proxmox VE host", NULL },

	{ CAUSE_INITRD_UNNEEDED, "initrd-unneeded", "empty, because nothing is wanted", NULL },
	{ CAUSE_INITRD_UNWANTED, "initrd-unwanted", "empty, because of 'early = no': gvt-early.service does the job",
	  NULL },
	{ CAUSE_INITRD_UNHOOKED, "initrd-unhooked",
	  "gvt-early did not run from the initrd of this boot: it has hooks for initramfs-tools and dracut, and this "
	  "host has neither",
	  "write 'early = no' under [settings] in " CONF ": gvt-early.service does the job, later in the boot" },
	{ CAUSE_INITRD_WITHOUT, "initrd-without",
	  "gvt-early did not run from the initrd of this boot: the initrd lacks it, or was made before a vGPU was "
	  "wanted",
	  NULL },
	{ CAUSE_INITRD_BUILD, "initrd-build",
	  "the gvt-early in this boot's initrd is another build than the installed one ({build}, installed "
	  "{installed})",
	  NULL },
	{ CAUSE_INITRD_CURRENT, "initrd-current", "it has this gvt-early and what is wanted now", NULL },
	{ CAUSE_REPORT_VERSION, "report-version",
	  "not checked: the report of the early stage is of version {version}, which this gvt-early does not know",
	  NULL },
	{ CAUSE_REPORT_UNREADABLE, "report-unreadable",
	  "not checked: the report of the early stage, /run/gvt-early/report.json, cannot be read", NULL },
	{ CAUSE_SNAPSHOT_OLD, "snapshot-old", "the snapshot in this boot's initrd is old: " DIFFERENCES,
	  "run 'gvt-early apply' for now; for the next boot {fix}" },
	{ CAUSE_NEXT_SNAPSHOT_OLD, "next-snapshot-old", "the snapshot in {file} is old: " DIFFERENCES, NULL },
	{ PART_WANTED_ADDED, "wanted-added", "{uuid} ({source}) is not in it", NULL },
	{ PART_WANTED_REMOVED, "wanted-removed", "{uuid} ({source}) is no longer wanted", NULL },
	{ PART_WANTED_OTHER_TYPE, "wanted-other-type", "{uuid} ({source}) is {before} in it, now {now}", NULL },
	{ PART_WANTED_OTHER_PARENT, "wanted-other-parent", "{uuid} ({source}) has another parent in it", NULL },
	{ PART_OTHER_DEADLINE, "other-deadline", "its deadline is {before} s, now {now} s", NULL },
	{ PART_OTHER_MODULES, "other-modules", "it has another list of modules", NULL },
	{ CAUSE_GUESTS_UNCOMPARED, "guests-uncompared",
	  "what its snapshot wanted cannot be compared with what is wanted now: the guests cannot be read", NULL },
	{ CAUSE_SNAPSHOT_FOREIGN, "snapshot-foreign",
	  "what its snapshot wanted cannot be compared with what is wanted now: /run/gvt-early/snapshot.conf is not "
	  "that boot's",
	  NULL },

	{ CAUSE_MDEVCTL_UNREAD, "mdevctl-unread", "not checked: {reason}", NULL },
	{ CAUSE_MDEVCTL_WORKS, "mdevctl-works", "its autostart works", NULL },
	{ CAUSE_MDEVCTL_UNUSED, "mdevctl-unused", "no instance depends on it", NULL },
	{ CAUSE_MDEVCTL_DEAD, "mdevctl-dead",
	  "{rule} calls {program}, which is missing: the {count} {count:instance|instances} that mdevctl should start "
	  "({file}) never {count:starts|start}; what gvt-early wants does not depend on it",
	  "{elsewhere?ln -s {elsewhere} {program}|reinstall mdevctl, or name the instances in " CONF "}" },
};

const struct word_table words_vgpus = { rows, ARRAY_SIZE(rows) };
