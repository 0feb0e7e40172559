// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/proxmox/guests.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/utsname.h>

#include "base/file.h"
#include "base/recording.h"
#include "read/host/iommu.h"
#include "read/proxmox/guest.h"
#include "read/proxmox/ha.h"
#include "read/proxmox/mapping.h"
#include "read/proxmox/refusal.h"

#define DIR_SIZE    (sizeof(PVE_DIR "/nodes//qemu-server") + PVE_NODE_SIZE)
#define FILE_SIZE   (DIR_SIZE + sizeof("/999999999.conf"))
#define TYPE_PREFIX "i915-" // mediated devices of other drivers are not ours
#define TYPE_MEANT  "GVTg_"
#define LOCKED      "guest %u is locked (%s): Proxmox VE does not start it"
#define SLOT_SIZE   48

// What all guests share while they are read.
struct reader {
	struct guest_list *list;
	const struct root *root;
	char node[PVE_NODE_SIZE];
	struct mapping_list mappings;
	struct ha_list ha;
	struct guest guest; // the one that is read
	struct refusal_host host;
	bool versions_read;
	bool host_read; // host has what is read only when a guest has a vGPU
};

static PRINTF(2, 3) struct guest_problem *add_problem(struct guest_list *list, const char *format, ...)
{
	static struct guest_problem too_many;
	bool room = list->problem_count < GUEST_PROBLEMS_MAX;
	struct guest_problem *problem = room ? &list->problems[list->problem_count++] : &too_many;
	problem->fix[0] = '\0';
	va_list args;
	va_start(args, format);
	vsnprintf(problem->text, sizeof(problem->text), format, args);
	va_end(args);
	return problem;
}

static PRINTF(2, 3) void set_fix(struct guest_problem *problem, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(problem->fix, sizeof(problem->fix), format, args);
	va_end(args);
}

static PRINTF(2, 3) void set_unreadable(struct guest_list *list, const char *format, ...)
{
	list->state = GUESTS_UNREADABLE;
	va_list args;
	va_start(args, format);
	vsnprintf(list->reason, sizeof(list->reason), format, args);
	va_end(args);
}

static void set_unreadable_file(struct guest_list *list, const char *file, int error)
{
	if (error == -ETIMEDOUT) // so it was when the host's files were captured
		set_unreadable(list, GUESTS_HUNG);
	else
		set_unreadable(list, "/%s: %s", file, strerror(-error));
	list->denied = error == -EACCES || error == -EPERM;
}

// Reads one file. *ret_text stays NULL when it is not used: then a problem says so. -ENOENT means that it is not there,
// any other negative errno that the source as a whole cannot be read.
static int read_text(struct reader *reader, const char *file, char **ret_text)
{
	struct guest_list *list = reader->list;
	size_t length;
	int r = file_read_trusted(reader->root->fs, file, GUEST_FILE_MAX, reader->root->owner, ret_text, &length);
	switch (r) {
	case 0:
		if (!memchr(*ret_text, '\0', length))
			return 0;
		add_problem(list, "/%s: contains a NUL byte; file ignored", file);
		break;
	case -ENOENT:
		return r;
	case -EKEYREJECTED:
		set_fix(add_problem(list, "/%s: not owned by root, or writable by others; file ignored", file),
			"chown root:root /%s && chmod go-w /%s", file, file);
		break;
	case -EFBIG:
		set_fix(add_problem(list, "/%s: larger than %d bytes; file ignored", file, GUEST_FILE_MAX),
			"make /%s smaller", file);
		break;
	case -EISDIR:
	case -ENODEV:
	case -ENXIO: // a socket
		set_fix(add_problem(list, "/%s: not a regular file; file ignored", file),
			"put a regular file in the place of /%s", file);
		break;
	default:
		set_unreadable_file(list, file, r);
		return r;
	}
	free(*ret_text);
	*ret_text = NULL;
	return 0;
}

static PRINTF(3, 4) void fail(struct guest_entry *entry, enum guest_trouble trouble, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(entry->problem, sizeof(entry->problem), format, args);
	va_end(args);
	entry->trouble = trouble;
}

static PRINTF(3, 4) void fail_vf(struct guest_vf *vf, enum guest_trouble trouble, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vsnprintf(vf->problem, sizeof(vf->problem), format, args);
	va_end(args);
	vf->trouble = trouble;
}

// Room for one more entry of a guest, or NULL.
static struct guest_entry *new_entry(struct guest_list *list, unsigned vmid, unsigned index, const char *file,
				     unsigned line)
{
	if (list->count >= GUEST_ENTRIES_MAX) {
		add_problem(list, "/%s:%u: more than %d vGPUs of guests; vGPU ignored", file, line, GUEST_ENTRIES_MAX);
		return NULL;
	}
	struct guest_entry *entry = &list->entries[list->count++];
	*entry = (struct guest_entry){ .vmid = vmid, .index = index };
	snprintf(entry->item.source, sizeof(entry->item.source), "/%s:%u", file, line);
	wanted_guest_uuid(vmid, index, entry->item.uuid);
	return entry;
}

// One of the places where the instance may be.
static bool add_parent(struct guest_entry *entry, const char *address)
{
	struct wanted *item = &entry->item;
	char *ret = item->parent[0] ? item->others[item->other_count] : item->parent;
	if (wanted_parse_device(address, ret) < 0) {
		fail(entry, TROUBLE_REFUSED, "guest %u cannot start: there is no PCI device '%.60s'", entry->vmid,
		     address);
		return false;
	}
	if (ret != item->parent)
		item->other_count++;
	return true;
}

static void add_mapping(const struct reader *reader, struct guest_entry *entry, const char *name)
{
	const struct mapping *mapping = mapping_find(&reader->mappings, name);
	snprintf(entry->mapping, sizeof(entry->mapping), "%s", name);
	for (size_t i = 0; mapping && i < mapping->count && i < PARENTS_MAX; i++)
		if (!add_parent(entry, mapping->paths[i]))
			return;
	if (mapping && mapping->count > PARENTS_MAX)
		snprintf(entry->warning, sizeof(entry->warning),
			 "the mapping '%.60s' has more than %d entries for this node; the others are ignored", name,
			 PARENTS_MAX);
	else if (mapping && !mapping->mdev)
		snprintf(entry->warning, sizeof(entry->warning),
			 "the mapping '%.60s' is not marked for mediated devices ('mdev 1' in /" MAPPING_FILE
			 "): newer releases of Proxmox VE will not start guest %u",
			 name, entry->vmid);
}

static void take_mdev(struct reader *reader, struct guest_entry *entry, const struct hostpci *hostpci)
{
	char line[HOSTPCI_SHOWN + 16];
	entry->primary = hostpci->primary;
	snprintf(line, sizeof(line), "hostpci%u: %s", entry->index, hostpci->text);
	source_shown(line, entry->item.hostpci, sizeof(entry->item.hostpci));
	entry->item.keep = hostpci->keep;
	const char *meant = strcasestr(hostpci->mdev, TYPE_MEANT);
	if (!starts_with(hostpci->mdev, TYPE_PREFIX))
		fail(entry, TROUBLE_REFUSED,
		     "guest %u cannot start: there is no type '%.40s'; it should be '" TYPE_PREFIX TYPE_MEANT "%.40s'",
		     entry->vmid, hostpci->mdev, meant ? meant + strlen(TYPE_MEANT) : "");
	else if (wanted_parse_type(hostpci->mdev, entry->item.type) < 0)
		fail(entry, TROUBLE_REFUSED, "'%.60s' is not a type such as i915-GVTg_V5_4", hostpci->mdev);
	else if (hostpci->host[0])
		(void)add_parent(entry, hostpci->host);
	else
		add_mapping(reader, entry, hostpci->mapping);
}

// Which of a guest's slots is refused, "" where it is the one that is told of.
static const char *other_slot(const struct refusal *refusal, unsigned index, char ret[static SLOT_SIZE])
{
	ret[0] = '\0';
	if (refusal->line && refusal->slot != index)
		snprintf(ret, SLOT_SIZE, "hostpci%u (line %u): ", refusal->slot, refusal->line);
	return ret;
}

// What keeps all of the guest from starting goes before what is wrong with one of its vGPUs.
static void take_refusal(struct guest_entry *entry, const struct refusal *refusal, const struct guest *guest)
{
	char slot[SLOT_SIZE];
	fail(entry, refusal->mapping ? TROUBLE_MAPPING : TROUBLE_REFUSED, "guest %u cannot start: %s%s", entry->vmid,
	     other_slot(refusal, entry->index, slot), refusal->text);
	entry->lack = refusal->lack;
	snprintf(entry->lacking, sizeof(entry->lacking), "%s", guest->hostpci[refusal->slot].mapping);
	entry->unmarked = refusal->unmarked;
}

static bool starts_at_boot(const struct reader *reader, const struct guest *guest, unsigned vmid)
{
	enum ha_state state = ha_state_of(&reader->ha, vmid);
	return state == HA_NOT_MANAGED ? guest->onboot : state == HA_STARTED;
}

// What a guest takes as it is, by one slot.
static void take_whole(struct reader *reader, const struct guest *guest, struct whole_gpu *who, const char *file)
{
	struct whole_gpu_list *claims = &reader->list->claims;
	const struct hostpci *hostpci = &guest->hostpci[who->index];
	if (hostpci->host[0] && hostpci->mapping[0])
		return; // no guest starts with that
	snprintf(who->source, sizeof(who->source), "/%s:%u", file, hostpci->line);
	whole_gpu_add_for(claims, hostpci->host, who);
	strcpy(who->mapping, hostpci->mapping);
	const struct mapping *mapping = mapping_find(&reader->mappings, hostpci->mapping);
	claims->more += mapping && mapping->more;
	for (size_t i = 0; mapping && i < mapping->count; i++) {
		who->entry = (unsigned)i;
		who->recorded = mapping->devices[i];
		whole_gpu_add_for(claims, mapping->paths[i], who);
	}
}

// A type of GVT-g whose prefix is missing, or in capitals, is meant as one of ours too.
static bool is_vgpu(const struct hostpci *hostpci)
{
	return hostpci->line && (starts_with(hostpci->mdev, TYPE_PREFIX) || strcasestr(hostpci->mdev, TYPE_MEANT));
}

// Whether a slot takes what may be virtual functions.
static bool names_vf(const struct reader *reader, const struct hostpci *hostpci)
{
	const struct mapping *mapping = mapping_find(&reader->mappings, hostpci->mapping);
	bool names = whole_gpu_names_vf(hostpci->host);
	for (size_t i = 0; mapping && i < mapping->count; i++)
		names |= whole_gpu_names_vf(mapping->paths[i]);
	return names && hostpci->line && !hostpci->mdev[0];
}

// What the guests that have a vGPU or a virtual function are held against.
static int read_host(struct reader *reader)
{
	struct refusal_host *host = &reader->host;
	struct iommu iommu;
	if (reader->host_read)
		return 0;
	reader->list->step = GUESTS_AT_HOST;
	iommu_read(&iommu, reader->root);
	host->iommu = iommu.unit[0];
	host->root = reader->root;
	host->node = reader->node;
	host->mappings = &reader->mappings;
	int r = pci_addresses_read(&host->functions, reader->root);
	reader->host_read = r == 0;
	return r;
}

// One vGPU; refusal is NULL when nothing keeps the guest from starting.
static void take_vgpu(struct reader *reader, struct guest_entry *entry, const struct guest *guest,
		      const struct refusal *refusal)
{
	take_mdev(reader, entry, &guest->hostpci[entry->index]);
	entry->item.hookscript = guest->hookscript;
	entry->order = guest->order;
	if (refusal)
		take_refusal(entry, refusal, guest);
	else if (guest->lock[0] && entry->trouble == TROUBLE_NONE)
		fail(entry, TROUBLE_LOCKED, LOCKED, entry->vmid, guest->lock);
}

static void take_fault(struct guest_entry *entry, const struct guest *guest, const struct guest_fault *fault)
{
	fail(entry, TROUBLE_LINE_IGNORED, "Proxmox VE ignores this line: %s", fault->why);
	entry->order = guest->order;
}

static void take_stray(struct guest_list *list, const struct guest *guest, unsigned vmid, const char *file, bool boot,
		       const struct guest_stray *stray)
{
	struct guest_entry *entry = new_entry(list, vmid, stray->index, file, stray->line);
	if (!entry)
		return;
	fail(entry, TROUBLE_LINE_IGNORED, "Proxmox VE ignores this line: %s", stray->why);
	entry->order = guest->order;
	entry->boot = boot;
}

// Room for one more, or NULL.
static struct guest_vf *new_vf(struct guest_list *list, const struct whole_gpu *who)
{
	if (list->vf_count >= GUEST_VFS_MAX) {
		add_problem(list, "%s: more than %d virtual functions of guests; not checked", who->source,
			    GUEST_VFS_MAX);
		return NULL;
	}
	struct guest_vf *vf = &list->vfs[list->vf_count++];
	*vf = (struct guest_vf){ .vmid = who->vmid, .index = who->index, .boot = who->boot };
	strcpy(vf->source, who->source);
	strcpy(vf->mapping, who->mapping);
	return vf;
}

// A virtual function by one slot; refusal is NULL when nothing keeps the guest from starting.
static void take_vf(struct reader *reader, const struct guest *guest, const struct whole_gpu *who,
		    const struct refusal *refusal)
{
	struct guest_vf *vf = names_vf(reader, &guest->hostpci[who->index]) ? new_vf(reader->list, who) : NULL;
	char text[SLOT_SIZE];
	if (!vf)
		return;
	if (refusal) {
		fail_vf(vf, refusal->mapping ? TROUBLE_MAPPING : TROUBLE_REFUSED, "guest %u cannot start: %s%s",
			vf->vmid, other_slot(refusal, vf->index, text), refusal->text);
		vf->lack = refusal->lack;
		snprintf(vf->lacking, sizeof(vf->lacking), "%s", guest->hostpci[refusal->slot].mapping);
		strcpy(vf->absent, refusal->absent);
	} else if (guest->lock[0]) {
		fail_vf(vf, TROUBLE_LOCKED, LOCKED, vf->vmid, guest->lock);
	}
}

// Why Proxmox VE does not start the guest, of the kinds of devices that it has. Returns 0 for no reason, 1 for one; a
// negative errno when out of memory.
static int judge_guest(struct reader *reader, const struct guest *guest, struct refusal *ret_refusal)
{
	bool has_vgpu = false, has_vf = false;
	for (unsigned i = 0; i < GUEST_SLOTS; i++) {
		has_vgpu |= is_vgpu(&guest->hostpci[i]);
		has_vf |= names_vf(reader, &guest->hostpci[i]);
	}
	int r = has_vgpu || has_vf ? read_host(reader) : 0;
	if (r < 0)
		return r;
	// A guest with both is judged as it is for its vGPU: as things are now.
	return has_vgpu  ? refusal_find(ret_refusal, &reader->host, guest)
		: has_vf ? refusal_find_vf(ret_refusal, &reader->host, guest)
			 : 0;
}

static void take_slot(struct reader *reader, const struct guest *guest, struct whole_gpu *who, const char *file,
		      const struct refusal *refusal)
{
	const struct hostpci *hostpci = &guest->hostpci[who->index];
	const struct guest_fault *fault = &guest->faults[who->index];
	struct guest_entry *entry = NULL;
	if (fault->line && fault->mdev && (entry = new_entry(reader->list, who->vmid, who->index, file, fault->line))) {
		take_fault(entry, guest, fault);
		entry->boot = who->boot;
	}
	if (is_vgpu(hostpci) && (entry = new_entry(reader->list, who->vmid, who->index, file, hostpci->line))) {
		take_vgpu(reader, entry, guest, refusal);
		entry->boot = who->boot;
	}
	if (hostpci->line && !hostpci->mdev[0]) {
		take_whole(reader, guest, who, file);
		take_vf(reader, guest, who, refusal);
	}
}

static int take_guest(struct reader *reader, const struct guest *guest, unsigned vmid, const char *file)
{
	struct refusal refusal;
	bool boot = starts_at_boot(reader, guest, vmid);
	int r = judge_guest(reader, guest, &refusal);
	if (r < 0)
		return r;
	for (size_t i = 0; i < guest->stray_count; i++)
		take_stray(reader->list, guest, vmid, file, boot, &guest->strays[i]);
	for (unsigned i = 0; i < GUEST_SLOTS; i++)
		take_slot(reader, guest,
			  &(struct whole_gpu){ .vmid = vmid, .index = i, .boot = boot, .order = guest->order }, file,
			  r ? &refusal : NULL);
	reader->list->step = GUESTS_AT_PVE;
	return 0;
}

// A guest's file that was in the list is not there. It may have been removed, or gone to another node; but if the
// directory has gone, or still has the file, nobody knows what guests there are. Returns as read_text(), 0 without a
// text for a guest that has gone.
static int read_again(struct reader *reader, const char *dir, const char *name, const char *file, char **ret_text)
{
	CLEANUP_FREE char **names = NULL;
	int r = dir_names(reader->root->fs, dir, &names);
	if (r < 0) {
		set_unreadable_file(reader->list, dir, r);
		return r;
	}
	if (!dir_has(names, name))
		return 0;
	r = read_text(reader, file, ret_text);
	if (r == -ENOENT)
		set_unreadable_file(reader->list, file, r);
	return r;
}

static int read_guest(struct reader *reader, const char *dir, const char *name)
{
	char file[FILE_SIZE], digits[16];
	unsigned vmid;
	const char *dot = strchr(name, '.');
	if (!dot || !streq(dot, ".conf") || (size_t)(dot - name) >= sizeof(digits))
		return 0;
	snprintf(digits, sizeof(digits), "%.*s", (int)(dot - name), name);
	if (digits[0] == '0' || pve_parse_number(digits, VMID_MIN, VMID_MAX, &vmid) < 0)
		return 0;

	CLEANUP_FREE char *text = NULL;
	snprintf(file, sizeof(file), "%s/%u.conf", dir, vmid);
	int r = read_text(reader, file, &text);
	if (r == -ENOENT)
		r = read_again(reader, dir, name, file, &text);
	if (r < 0 || !text)
		return r;
	if (!reader->versions_read && strcasestr(text, "mdev"))
		pve_versions_read(&reader->host.versions, reader->root);
	reader->versions_read |= strcasestr(text, "mdev") != NULL;
	r = guest_parse(&reader->guest, text, &reader->host.versions);
	return r < 0 || reader->guest.template ? r : take_guest(reader, &reader->guest, vmid, file);
}

static int read_shared(struct reader *reader)
{
	CLEANUP_FREE char *mappings = NULL;
	CLEANUP_FREE char *resources = NULL;
	int r = read_text(reader, MAPPING_FILE, &mappings);
	reader->mappings.state = r == 0 ? MAPPINGS_UNUSED : MAPPINGS_ABSENT; // until it is parsed
	if (r == 0 && mappings)
		r = mapping_parse(&reader->mappings, mappings, reader->node);
	if (r == 0 || r == -ENOENT)
		r = read_text(reader, HA_FILE, &resources);
	if (r == 0 && resources)
		r = ha_parse(&reader->ha, resources);
	return r == -ENOENT ? 0 : r;
}

void guests_node(const struct root *root, char *ret, size_t size)
{
	char name[256] = "";
	struct utsname uts;
	if (!root->path[0]) {
		if (uname(&uts) == 0)
			snprintf(name, sizeof(name), "%s", uts.nodename);
		recording_file(root->fs, "etc/hostname", name, strcspn(name, ".")); // where it is looked for in a copy
	} else if (file_read_line(root->fs, "etc/hostname", name, sizeof(name)) < 0 &&
		   file_read_line(root->proc, "sys/kernel/hostname", name, sizeof(name)) < 0) {
		name[0] = '\0';
	}
	name[strcspn(name, ".\n\r\t ")] = '\0';
	snprintf(ret, size, "%s", pve_is_node(name) && strlen(name) < size ? name : "");
}

// Opens the directory of this node's guests. Returns as dir_names(), -ENOENT when there is none.
static int list_guests(const struct reader *reader, char *ret_dir, size_t size, char ***ret_names)
{
	int r = -ENOENT;
	if (reader->node[0]) {
		snprintf(ret_dir, size, PVE_DIR "/nodes/%s/qemu-server", reader->node);
		r = dir_names(reader->root->fs, ret_dir, ret_names);
	}
	if (r != -ENOENT)
		return r;
	snprintf(ret_dir, size, PVE_DIR "/qemu-server"); // a link to the same, or a copy of it
	return dir_names(reader->root->fs, ret_dir, ret_names);
}

static void read_tree(struct reader *reader)
{
	struct guest_list *list = reader->list;
	CLEANUP_FREE char **names = NULL;
	char dir[DIR_SIZE];
	guests_node(reader->root, reader->node, sizeof(reader->node));
	int count = list_guests(reader, dir, sizeof(dir), &names);
	if (count == -ENOENT) {
		if (file_exists(reader->root->fs, PVE_CLUSTER_DIR) || file_exists(reader->root->fs, PVE_DIR "/nodes"))
			set_unreadable(list,
				       "/" PVE_DIR
				       " has no guests of node '%s': it is not mounted, or this is another node",
				       reader->node);
		return;
	}
	if (count < 0) {
		set_unreadable_file(list, dir, count);
		return;
	}
	int r = read_shared(reader);
	for (int i = 0; r == 0 && i < count; i++)
		r = read_guest(reader, dir, names[i]);
	if (list->claims.more > 0)
		set_fix(add_problem(
				list,
				"/%s: the guests name too many PCI devices (limits: %d, of a mapping %d); %zu ignored",
				dir, CLAIMS_MAX, MAPPING_ENTRIES_MAX, list->claims.more),
			"use fewer entries in the mappings that several guests share");
	if (r == -ENOMEM)
		set_unreadable(list, "%s", strerror(ENOMEM));
	else if (r == 0)
		list->state = GUESTS_READ;
}

// Reads all of it. Returns false when another file system was mounted meanwhile, or none any more: pve-cluster was
// restarted, and what is missing is missing for that.
static bool read_once(struct guest_list *list, const struct root *root)
{
	*list = (struct guest_list){ .state = GUESTS_ABSENT };
	CLEANUP_FREE struct reader *reader = calloc(1, sizeof(*reader));
	if (!reader) {
		set_unreadable(list, "%s", strerror(ENOMEM));
		return true;
	}
	CLEANUP_CLOSE int held = dir_hold(root->fs, PVE_DIR);
	reader->list = list;
	reader->root = root;
	read_tree(reader);
	free(reader->host.functions.names);
	return dir_is(held, root->fs, PVE_DIR);
}

void guests_read(struct guest_list *list, const struct root *root)
{
	if (!read_once(list, root) && !read_once(list, root) && list->state != GUESTS_UNREADABLE)
		set_unreadable(list, "another file system was mounted at /" PVE_DIR " while it was read");
	guests_sort(list);
}

static int by_order(const void *a, const void *b)
{
	const struct guest_entry *one = a, *other = b;
	if (one->order != other->order)
		return one->order < other->order ? -1 : 1;
	if (one->vmid != other->vmid)
		return one->vmid < other->vmid ? -1 : 1;
	if (one->index != other->index)
		return one->index < other->index ? -1 : 1;
	return strcmp(one->problem, other->problem); // a line that is not taken beside one that is
}

void guests_sort(struct guest_list *list)
{
	qsort(list->entries, list->count, sizeof(list->entries[0]), by_order);
}

bool guests_repeats(const struct guest_list *list, size_t index)
{
	const struct guest_entry *entry = &list->entries[index];
	if (entry->trouble == TROUBLE_NONE || entry->trouble == TROUBLE_LINE_IGNORED)
		return false;
	for (size_t i = 0; i < index; i++)
		if (list->entries[i].vmid == entry->vmid && list->entries[i].trouble == entry->trouble)
			return true;
	return false;
}
