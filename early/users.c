// SPDX-License-Identifier: GPL-2.0-or-later
#include "users.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "file.h"

#define DEVICE_FD "anon_inode:[vfio-device]"

static bool is_number(const char *text)
{
	return *text && !text[strspn(text, "0123456789")];
}

// What one process has open of VFIO.
struct holder {
	bool any_group; // a group or a device below /dev/vfio
	bool device;    // a device, which says nothing of its name
};

// The group or the device in a descriptor's link, "12" or "vfio12", or NULL. What /dev is called in a container is another
// matter.
static const char *vfio_name(const char *target)
{
	const char *name = strrchr(target, '/');
	if (!name)
		return NULL;
	size_t dir = (size_t)(name - target);
	name++;
	if (dir >= 5 && strncmp(target + dir - 5, "/vfio", 5) == 0 && is_number(name))
		return name;
	if (dir >= 8 && strncmp(target + dir - 8, "/devices", 8) == 0 && starts_with(name, "vfio") && is_number(name + 4))
		return name;
	return NULL;
}

static void set_user(struct instance *item, const struct root *root, const char *pid)
{
	char path[64], name[32];
	snprintf(path, sizeof(path), "%.20s/comm", pid);
	if (file_read_line(root->proc, path, name, sizeof(name)) < 0)
		strcpy(name, "?");
	for (char *c = name; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
	item->use = USE_OPEN;
	snprintf(item->user, sizeof(item->user), "process %.20s (%s)", pid, name);
}

static void look_at(struct instance_list *instances, const struct root *root, const char *pid, const char *target,
		    struct holder *holder)
{
	const char *name = vfio_name(target);
	holder->device |= streq(target, DEVICE_FD);
	if (!name)
		return;
	holder->any_group = true;
	for (size_t i = 0; i < instances->count; i++) {
		struct instance *item = &instances->items[i];
		if (item->ours && (streq(name, item->group) || streq(name, item->device)))
			set_user(item, root, pid);
	}
}

// Returns false when that could not be done as a whole.
static bool look_at_process(struct instance_list *instances, const struct root *root, const char *pid, size_t *looks)
{
	char path[64], target[256];
	struct holder holder = { .device = false };
	CLEANUP_FREE char **names = NULL;
	snprintf(path, sizeof(path), "%.20s/fd", pid);
	int count = dir_names(root->proc, path, &names);
	if (count < 0)
		return count == -ENOENT || count == -ESRCH; // it has ended
	for (int i = 0; i < count; i++) {
		if (++*looks > USERS_LOOKS_MAX)
			return false;
		snprintf(path, sizeof(path), "%.20s/fd/%.20s", pid, names[i]);
		ssize_t length = readlinkat(root->proc, path, target, sizeof(target) - 1);
		if (length < 0)
			continue; // closed meanwhile
		target[length] = '\0';
		look_at(instances, root, pid, target, &holder);
	}
	// Handed over by somebody else: it may be any.
	for (size_t i = 0; holder.device && !holder.any_group && i < instances->count; i++)
		if (instances->items[i].ours)
			set_user(&instances->items[i], root, pid);
	return true;
}

void users_read(struct instance_list *instances, const struct root *root)
{
	bool any = false, whole;
	for (size_t i = 0; i < instances->count; i++) {
		instances->items[i].use = USE_UNKNOWN;
		any |= instances->items[i].ours;
	}
	if (!any)
		return;
	CLEANUP_FREE char **names = NULL;
	size_t looks = 0;
	int count = dir_names(root->proc, ".", &names);
	whole = count > 0;
	for (int i = 0; whole && i < count; i++)
		if (is_number(names[i]))
			whole = look_at_process(instances, root, names[i], &looks);
	for (size_t i = 0; whole && i < instances->count; i++)
		if (instances->items[i].ours && instances->items[i].use == USE_UNKNOWN)
			instances->items[i].use = USE_NONE;
}

int users_exclude(const struct root *root, const struct instance *item, int *ret_fd)
{
	*ret_fd = -1;
	if (!item->group[0])
		return item->driven ? -ENOENT : 0;
	if (root->dev < 0)
		return -ENOENT;
	char path[sizeof("vfio/") + sizeof(item->group)];
	snprintf(path, sizeof(path), "vfio/%s", item->group);
	int fd = openat(root->dev, path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}
