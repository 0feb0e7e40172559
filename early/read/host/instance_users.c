// SPDX-License-Identifier: GPL-2.0-or-later
#include "read/host/instance_users.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/recording.h"
#include "read/proxmox/pve.h"

#define ARGUMENTS_MAX (64 * 1024) // a guest with many disks has some thousand bytes of them
#define DEVICE_FD     "anon_inode:[vfio-device]"

// Shared with the child.
struct usage_search {
	struct usage usage;
	const struct root *root;
	const struct instance_list *instances;
	const struct sriov *gpus; // whose VFs
	size_t gpu_count;
};

static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

// The group or the device in a descriptor's link, "12" or "vfio12", or NULL. What /dev is called in a container is
// another matter.
static const char *vfio_name(const char *target)
{
	const char *name = strrchr(target, '/');
	if (!name)
		return NULL;
	size_t dir = (size_t)(name - target);
	name++;
	if (dir >= 5 && strncmp(target + dir - 5, "/vfio", 5) == 0 && is_number(name))
		return name;
	if (dir >= 8 && strncmp(target + dir - 8, "/devices", 8) == 0 && starts_with(name, "vfio") &&
	    is_number(name + 4))
		return name;
	return NULL;
}

// The number that the program was given by "-id", as Proxmox VE starts its guests; 0 when it is something else.
static unsigned guest_number(const char *arguments, size_t length)
{
	const char *program = strrchr(arguments, '/');
	program = program ? program + 1 : arguments;
	if (!streq(program, "kvm") && !starts_with(program, "qemu-system"))
		return 0;
	const char *end = arguments + length;
	for (const char *word = arguments; word < end; word += strlen(word) + 1) {
		unsigned vmid;
		const char *next = word + strlen(word) + 1;
		if (streq(word, "-id") && next < end)
			return pve_parse_number(next, VMID_MIN, VMID_MAX, &vmid) == 0 ? vmid : 0;
	}
	return 0;
}

static bool has_ended(int error)
{
	return error == -ENOENT || error == -ESRCH;
}

// No more is known than that there is such a process.
static void note_blind(struct usage_search *search, const char *pid, const char *path, int error)
{
	char arguments[64];
	if (search->usage.blind)
		return;
	search->usage.blind = true;
	recording_error(search->root->proc, path, error);
	snprintf(arguments, sizeof(arguments), "%s/cmdline", pid);
	recording_file(search->root->proc, arguments, "-", 2);
}

// Reads a file of a process. Returns its length, or a negative errno: has_ended(), or the search is blind.
static int read_file(struct usage_search *search, const char *pid, const char *name, char *buffer, size_t size)
{
	char path[64];
	snprintf(path, sizeof(path), "%s/%s", pid, name);
	int r = file_read_line(search->root->proc, path, buffer, size);
	if (r < 0 && !has_ended(r))
		note_blind(search, pid, path, r);
	return r;
}

// Field 22, in clock ticks; the name in parentheses before it may hold blanks.
static bool read_process(struct usage_search *search, const char *pid, struct process *process)
{
	char stat[1024];
	if (read_file(search, pid, "comm", process->name, sizeof(process->name)) < 0)
		return false;
	for (char *c = process->name; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
	if (read_file(search, pid, "stat", stat, sizeof(stat)) < 0)
		return false;
	const char *at = strrchr(stat, ')');
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	process->started_us = at ? strtoull(at, NULL, 10) * (USEC_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK)) : 0;
	search->usage.blind |= !at;
	return at;
}

// Adds the process once; its index, or -1 when it has ended meanwhile. What cannot be read of one that is there, and
// what there is no room for, leaves the search blind: it may have an instance open.
static int add_process(struct usage_search *search, const char *pid, unsigned vmid)
{
	struct usage *usage = &search->usage;
	pid_t number = (pid_t)strtol(pid, NULL, 10);
	for (size_t i = 0; i < usage->count; i++)
		if (usage->processes[i].pid == number)
			return (int)i;
	struct process process = { .pid = number, .vmid = vmid };
	if (usage->count >= RUNNING_MAX)
		usage->blind = true;
	if (usage->count >= RUNNING_MAX || !read_process(search, pid, &process))
		return -1;
	usage->processes[usage->count] = process;
	return (int)usage->count++;
}

// Of all that is read of processes a capture shall have no more than what counts: neither names of guests nor
// addresses.
static void note_process(const struct usage_search *search, const char *pid, const struct process *process)
{
	char path[64], text[128];
	snprintf(path, sizeof(path), "%s/comm", pid);
	recording_file(search->root->proc, path, process->name, strlen(process->name));
	snprintf(path, sizeof(path), "%s/stat", pid);
	int n = snprintf(text, sizeof(text), "%s (%s) S 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 %llu\n", pid, process->name,
			 (unsigned long long)(process->started_us / (USEC_PER_SEC / (uint64_t)sysconf(_SC_CLK_TCK))));
	recording_file(search->root->proc, path, text, (size_t)n);
	snprintf(path, sizeof(path), "%s/cmdline", pid);
	n = process->vmid ? snprintf(text, sizeof(text), "kvm%c-id%c%u%c", 0, 0, process->vmid, 0)
			  : snprintf(text, sizeof(text), "%s%c", process->name, 0);
	recording_file(search->root->proc, path, text, (size_t)n);
}

// What has a name is held by a process, unless another one was found before. Returns whether there is such a thing.
static bool take_name(struct usage_search *search, const char *name, const char *pid, unsigned vmid)
{
	struct usage *usage = &search->usage;
	bool found = false;
	for (size_t i = 0; i < search->instances->count; i++) {
		const struct instance *item = &search->instances->items[i];
		if (!streq(name, item->group) && !streq(name, item->device))
			continue;
		found = true;
		if (usage->holders[i] < 0)
			usage->holders[i] = add_process(search, pid, vmid);
	}
	for (size_t i = 0; i < search->gpu_count; i++)
		for (size_t n = 0; n < search->gpus[i].count; n++) {
			const struct vf *vf = &search->gpus[i].vfs[n];
			if (!streq(name, vf->group) && !streq(name, vf->device))
				continue;
			found = true;
			if (usage->vf_holders[i][n] < 0)
				usage->vf_holders[i][n] = add_process(search, pid, vmid);
		}
	return found;
}

// Whether there is anything that a process may have open.
static bool is_anything(const struct usage_search *search)
{
	bool any = search->instances->count > 0;
	for (size_t i = 0; i < search->gpu_count; i++)
		any |= search->gpus[i].count > 0;
	return any;
}

static void look_at_descriptors(struct usage_search *search, const char *pid, unsigned vmid)
{
	char path[64], one[64 + 24], target[256], device[sizeof(one)] = "";
	bool any_name = false;
	CLEANUP_FREE char **names = NULL;
	snprintf(path, sizeof(path), "%s/fd", pid);
	int count = dir_names(search->root->proc, path, &names);
	if (count < 0 && !has_ended(count))
		note_blind(search, pid, path, count);
	for (int n = 0; n < count; n++) {
		snprintf(one, sizeof(one), "%s/%.20s", path, names[n]);
		int r = file_link(search->root->proc, one, target, sizeof(target));
		if (r < 0 && !has_ended(r))
			note_blind(search, pid, one, r);
		if (r < 0)
			continue;
		if (streq(target, DEVICE_FD))
			strcpy(device, one);
		const char *name = vfio_name(target);
		if (!name)
			continue;
		any_name = true;
		if (take_name(search, name, pid, vmid))
			recording_link(search->root->proc, one, target);
	}
	// Who has opened a device by its name has its group open too, or its own.
	if (device[0] && !any_name && search->usage.stray < 0) {
		search->usage.stray = add_process(search, pid, vmid);
		recording_link(search->root->proc, device, DEVICE_FD);
	}
}

static void look_at_process(struct usage_search *search, const char *pid)
{
	CLEANUP_FREE char *arguments = malloc(ARGUMENTS_MAX);
	int length = arguments ? read_file(search, pid, "cmdline", arguments, ARGUMENTS_MAX) : -ENOMEM;
	size_t before = search->usage.count;
	search->usage.blind |= !arguments;
	unsigned vmid = length > 0 ? guest_number(arguments, (size_t)length) : 0;
	int added = vmid ? add_process(search, pid, vmid) : -1;
	if (is_anything(search))
		look_at_descriptors(search, pid, vmid);
	if (added >= 0 || search->usage.count > before)
		note_process(search, pid, &search->usage.processes[search->usage.count - 1]);
}

static int read_in_child(void *data)
{
	struct usage_search *search = data;
	CLEANUP_FREE char **names = NULL;
	recording_pause(true);
	int count = dir_names(search->root->proc, ".", &names);
	search->usage.hung = count == -ETIMEDOUT; // so it was when the host's files were captured
	search->usage.blind = count < 0;
	for (int i = 0; i < count; i++)
		if (is_number(names[i]) && strlen(names[i]) <= 20)
			look_at_process(search, names[i]);
	recording_pause(false);
	return 0;
}

void usage_read(struct usage *usage, const struct root *root, const struct instance_list *instances,
		const struct sriov *gpus, size_t gpu_count, uint64_t until_us)
{
	struct usage_search search = {
		.root = root, .instances = instances, .gpus = gpus, .gpu_count = gpu_count, .usage.stray = -1
	};
	for (size_t i = 0; i < INSTANCES_MAX; i++)
		search.usage.holders[i] = -1;
	for (size_t i = 0; i < GPUS_MAX; i++)
		for (size_t n = 0; n < VFS_MAX; n++)
			search.usage.vf_holders[i][n] = -1;
	int r = child_run_shared(read_in_child, &search, sizeof(search), until_us);
	*usage = search.usage;
	usage->hung |= r < 0;
	if (usage->hung)
		recording_error(root->proc, ".", -ETIMEDOUT);
}

bool usage_is_whole(const struct usage *usage)
{
	return usage->stray < 0 && !usage->blind && !usage->hung;
}

void usage_mark(const struct usage *usage, struct instance_list *instances)
{
	for (size_t i = 0; i < instances->count; i++) {
		struct instance *item = &instances->items[i];
		const struct process *holder = usage_holder(usage, i);
		if (!holder && usage->stray >= 0)
			holder = &usage->processes[usage->stray];
		item->use = holder ? USE_OPEN : usage_is_whole(usage) ? USE_NONE : USE_UNKNOWN;
		if (holder)
			snprintf(item->user, sizeof(item->user), "process %d (%s)", (int)holder->pid, holder->name);
	}
}

const struct process *usage_holder(const struct usage *usage, size_t instance)
{
	int index = usage->holders[instance];
	return index < 0 ? NULL : &usage->processes[index];
}

const struct process *usage_vf_holder(const struct usage *usage, size_t gpu, size_t vf)
{
	int index = usage->vf_holders[gpu][vf];
	return index < 0 || (size_t)index >= usage->count ? NULL : &usage->processes[index]; // not read: none
}

const struct process *usage_first_guest(const struct usage *usage)
{
	const struct process *first = NULL;
	for (size_t i = 0; i < usage->count; i++)
		if (usage->processes[i].vmid && (!first || usage->processes[i].started_us < first->started_us))
			first = &usage->processes[i];
	return first;
}

const struct process *usage_guest(const struct usage *usage, unsigned vmid)
{
	for (size_t i = 0; i < usage->count; i++)
		if (usage->processes[i].vmid == vmid)
			return &usage->processes[i];
	return NULL;
}
