// SPDX-License-Identifier: GPL-2.0-or-later
// The requirements of what is wanted: room for it, the instances themselves, the guests that use them, and what makes them at boot.
#include "tell/words.h"

#define LOSERS	    "no room for {losers}{losers-more? and {losers-more} more}"
#define MISSING	    "{owner}: {type} is not there"
#define MISSING_FIX "run 'gvt-early apply'"
#define AWAITED	    "{count} {count:instance is|instances are} not there, "
#define GUESTS	    "({guests/; }{more?; and others})"
#define THERE	    "{there} of {count} are there"
#define ENTRY	    "{source}: {problem}"
#define MAPPINGS    " under Datacenter > Resource Mappings"
#define DIFFERENCES "{differences}{more? and {more} more}"
#define CONF	    "/etc/gvt-early/gvt-early.conf"

static const struct words rows[] = {
	{ CAUSE_REQUIREMENT_LACKS, "requirement-lacks", "not looked at: it needs {requirement}", NULL },
	{ CAUSE_WANTED_UNREADABLE, "wanted-unreadable", "not checked: what the guests want cannot be read", NULL },

	{ CAUSE_APERTURE_SMALL, "aperture-small",
	  "{type} for {owner} needs an aperture of {needed} MiB, and {address} has {aperture} MiB (vGPUs of that type by aperture: {sizes})",
	  "set the aperture in the firmware setup (Aperture Size, under Graphics or System Agent), or take a smaller type" },
	{ PART_SIZE, "size", "{aperture} MiB: {count}", NULL },
	{ CAUSE_APERTURE_LARGE, "aperture-large",
	  "an aperture of {aperture} MiB leaves {high} MiB of hidden memory, of which the host keeps {host-high}: " LOSERS,
	  "set the aperture to 1024 MiB in the firmware setup: {fit} of {count} fit then" },
	{ CAUSE_ROOM_HELD, "room-held",
	  LOSERS ": {count:an instance|instances} that nobody wants {count:holds|hold} the room: {held}{more? and others}", NULL },
	{ PART_HELD, "held", "{uuid} ({type?{type}, }{low} MiB of aperture, {use})", NULL },
	{ PART_UNUSED, "unused", "not in use", NULL },
	{ PART_USED_BY, "used-by", "used by {user}", NULL },
	{ PART_USE_UNKNOWN, "use-unknown", "it is unknown who uses it", NULL },
	{ FIX_REMOVE_UNUSED, "remove-unused", "once nobody uses it, run 'echo 1 >/sys/bus/mdev/devices/{uuid}/remove'", NULL },
	{ FIX_SHUT_DOWN, "shut-down", "shut down guest {vmid}", NULL },
	{ FIX_STOP_USER, "stop-user", "stop {user}", NULL },
	{ CAUSE_WANTED_TOO_MUCH, "wanted-too-much",
	  "the {count} wanted {count:vGPU needs|vGPUs need} {taken-low} of {low} MiB of aperture, {taken-high} of {high} MiB of hidden "
	  "memory, {fences} of 28 fences, and there can be {most}: " LOSERS,
	  "take smaller types or fewer vGPUs{aperture?, or set the aperture to {aperture} MiB in the firmware setup: {fit} of {count} fit "
	  "then}" },
	{ CAUSE_OWNER_TYPE, "owner-type", "{owner}: {because}", "write {nearest?{nearest}|a type that exists} at {source}" },
	{ CAUSE_OWNER_PARENT, "owner-parent", "{owner}: {because}", "name {gpu} at {source}" },
	{ CAUSE_ROOM_ENOUGH, "room-enough", "all that is wanted fits", NULL },
	{ CAUSE_ROOM_UNNEEDED, "room-unneeded", "nothing is wanted", NULL },
	{ PART_OWNER_GUEST, "owner-guest", "guest {vmid} ({source})", NULL },
	{ PART_OWNER_UUID, "owner-uuid", "{uuid} ({source})", NULL },

	{ CAUSE_OWNER_CONFLICT, "owner-conflict", "{owner}: {because}", "once nobody uses it: echo 1 >/sys/bus/mdev/devices/{uuid}/remove" },
	{ CAUSE_INSTANCE_OTHERWISE, "instance-otherwise",
	  "{owner}: it is there with another type or parent than is wanted now; gvt-early made it in this boot, and nobody has it open",
	  "run 'gvt-early apply', which makes it anew" },
	{ CAUSE_FRAGMENTED, "fragmented",
	  "{owner}: there should be room{count? (the driver counts {count})}, yet {said}: the GPU's memory is in pieces, held by "
	  "{holders?{holders}, }{more?{more} more vGPUs, }the host's own display",
	  "shut down the guests with vGPUs and run 'gvt-early apply', or reboot: early in the boot the memory is whole" },
	{ PART_MAKING_FAILED, "making-failed", "making it failed ({error})", NULL },
	{ PART_GUEST, "guest", "guest {vmid}", NULL },
	{ CAUSE_INSTANCE_MISSING, "instance-missing", MISSING, MISSING_FIX },
	{ CAUSE_INSTANCE_REMOVED, "instance-removed", MISSING ", though it was made in this boot: somebody removed it", MISSING_FIX },
	{ CAUSE_INSTANCE_FAILED, "instance-failed", MISSING ": {detail}", MISSING_FIX },
	{ CAUSE_INSTANCE_UNREACHED, "instance-unreached", MISSING ": this boot's early stage did not come to it", MISSING_FIX },
	{ CAUSE_AWAITED_KEPT, "awaited-kept",
	  AWAITED "as the guest is off " GUESTS ": it cannot start before {requirement} is mended", NULL },
	{ CAUSE_AWAITED_OFF, "awaited-off", AWAITED "as the guest is off " GUESTS ": Proxmox VE creates it when the guest starts", NULL },
	{ CAUSE_AWAITED_RUNNING, "awaited-running",
	  AWAITED "and the guest runs without it " GUESTS ": Proxmox VE creates it at the guest's next start", NULL },
	{ PART_SLOT, "slot", "guest {vmid}, hostpci{slot}", NULL },
	{ CAUSE_BOOT_LEFT, "boot-left", "not looked at: this boot is left alone ({name})", NULL },
	{ CAUSE_INSTANCES_NONE, "instances-none", "none is wanted", NULL },
	{ CAUSE_INSTANCES_UNFIT, "instances-unfit", THERE " as wanted; see room", NULL },
	{ CAUSE_INSTANCES_STOPPED, "instances-stopped",
	  THERE "; {stopped} went when their guests stopped, Proxmox VE makes them anew", NULL },
	{ CAUSE_INSTANCES_THERE, "instances-there", THERE, NULL },

	{ CAUSE_MAPPING_ABSENT, "mapping-absent", ENTRY, "add a mapping '{mapping}'" MAPPINGS ", or correct the name at {source}" },
	{ CAUSE_MAPPING_FILE, "mapping-file", ENTRY, "correct what is told of /etc/pve/mapping/pci.cfg" },
	{ CAUSE_MAPPING_NODE, "mapping-node", ENTRY, "add this node to the mapping '{mapping}'" MAPPINGS },
	{ CAUSE_MAPPING_DEVICE, "mapping-device", ENTRY, "choose the device of the mapping '{mapping}' anew" MAPPINGS },
	{ CAUSE_MAPPING_UNMARKED, "mapping-unmarked", ENTRY, "pvesh set /cluster/mapping/pci/{mapping} --mdev 1" },
	{ CAUSE_MAPPING_UNMARKED_BY_HAND, "mapping-unmarked-by-hand", ENTRY,
	  "mark the mapping '{mapping}'" MAPPINGS " (Use with Mediated Devices)" },
	{ CAUSE_HOSTPCI_IGNORED, "hostpci-ignored", ENTRY "; guest {vmid} starts without that device", "correct {source}" },
	{ CAUSE_GUEST_LOCKED, "guest-locked", ENTRY,
	  "wait for the task that locked guest {vmid}{qm?; if there is no such task: qm unlock {vmid}}" },
	{ CAUSE_GUEST_REFUSED, "guest-refused", ENTRY, "correct the hardware of guest {vmid}" },
	{ CAUSE_GUEST_CONSOLE, "guest-console",
	  "guest {vmid} has its vGPU as primary GPU (x-vga=1, {source}): the console of Proxmox VE stays dark",
	  "fine if you reach it otherwise (RDP, SSH); else leave x-vga out" },
	{ CAUSE_GUESTS_COUNTED, "guests-counted", "{count} {count:vGPU|vGPUs} in guests of Proxmox VE", NULL },
	{ CAUSE_PROXMOX_ABSENT, "proxmox-absent", "no host of Proxmox VE", NULL },

	{ CAUSE_INITRD_UNNEEDED, "initrd-unneeded", "nothing is wanted, so nothing is in it", NULL },
	{ CAUSE_INITRD_UNWANTED, "initrd-unwanted", "nothing is in it, as 'early = no' has it: gvt-early.service does the job", NULL },
	{ CAUSE_INITRD_UNHOOKED, "initrd-unhooked",
	  "gvt-early did not run from the initrd of this boot: it has hooks for initramfs-tools and dracut, and this host has neither",
	  "write 'early = no' under [settings] in " CONF ": gvt-early.service does the job, later in the boot" },
	{ CAUSE_INITRD_WITHOUT, "initrd-without",
	  "gvt-early did not run from the initrd of this boot: it is not in it, or it was made before a vGPU was wanted", NULL },
	{ CAUSE_INITRD_BUILD, "initrd-build",
	  "the gvt-early in this boot's initrd is another build than the installed one ({build}, installed {installed})", NULL },
	{ CAUSE_INITRD_CURRENT, "initrd-current", "it had this gvt-early, and what is wanted today", NULL },
	{ CAUSE_REPORT_VERSION, "report-version",
	  "not checked: the report of the early stage is of version {version}, which this gvt-early does not know", NULL },
	{ CAUSE_REPORT_UNREADABLE, "report-unreadable",
	  "not checked: the report of the early stage, /run/gvt-early/report.json, cannot be read", NULL },
	{ CAUSE_SNAPSHOT_OLD, "snapshot-old", "the snapshot in this boot's initrd is old: " DIFFERENCES,
	  "run 'gvt-early apply' for now; for the next boot {fix}" },
	{ CAUSE_NEXT_SNAPSHOT_OLD, "next-snapshot-old", "the snapshot in {file} is old: " DIFFERENCES, NULL },
	{ PART_WANTED_ADDED, "wanted-added", "{uuid} ({source}) is not in it", NULL },
	{ PART_WANTED_REMOVED, "wanted-removed", "{uuid} ({source}) is wanted no more", NULL },
	{ PART_WANTED_OTHER_TYPE, "wanted-other-type", "{uuid} ({source}) is {before} in it, now {now}", NULL },
	{ PART_WANTED_OTHER_PARENT, "wanted-other-parent", "{uuid} ({source}) has another parent in it", NULL },
	{ PART_OTHER_DEADLINE, "other-deadline", "its deadline is {before} s, now {now} s", NULL },
	{ PART_OTHER_MODULES, "other-modules", "it has another list of modules", NULL },
	{ CAUSE_GUESTS_UNCOMPARED, "guests-uncompared",
	  "what its snapshot wanted cannot be compared with what is wanted today: the guests cannot be read", NULL },
	{ CAUSE_SNAPSHOT_FOREIGN, "snapshot-foreign",
	  "what its snapshot wanted cannot be compared with what is wanted today: /run/gvt-early/snapshot.conf is not that boot's", NULL },

	{ CAUSE_MDEVCTL_UNREAD, "mdevctl-unread", "not looked at: {reason}", NULL },
	{ CAUSE_MDEVCTL_WORKS, "mdevctl-works", "its autostart works", NULL },
	{ CAUSE_MDEVCTL_UNUSED, "mdevctl-unused", "nothing is left to its autostart", NULL },
	{ CAUSE_MDEVCTL_DEAD, "mdevctl-dead",
	  "{rule} calls {program}, which is not there: the {count} {count:instance|instances} that mdevctl should start ({file}) never "
	  "{count:starts|start}; what gvt-early wants does not depend on it",
	  "{elsewhere?ln -s {elsewhere} {program}|install mdevctl anew, or name the instances in " CONF "}" },
};

const struct word_table words_vgpus = { rows, ARRAY_SIZE(rows) };
